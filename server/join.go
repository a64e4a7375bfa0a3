package server

import (
	"context"
	"errors"
	"time"

	"github.com/roomtick/roomtick/server/directory"
)

// join makes the node part of its cluster before anybody is told where it is, so that the
// first players wait for nothing. If the directory is away it comes in later.
func (n *node) join(ctx context.Context) {
	if !n.cfg.clustered() {
		return
	}
	n.announce(ctx)
	_, _ = n.dir.Find(ctx, directory.Query{Limit: 1}) // the first look is the longest
}

// openFirst opens the room that is there before anybody joins, if there are computer players
// to watch: now, or when the directory is there.
func (n *node) openFirst(ctx context.Context) error {
	if n.cfg.bots == 0 {
		return nil
	}
	open := func() error {
		_, err := n.open(ctx, plan{game: n.offered[0], keep: true})
		return err
	}
	err := open()
	if !errors.Is(err, directory.ErrUnavailable) {
		return err
	}
	go func() {
		t := time.NewTicker(announceEvery)
		defer t.Stop()
		for errors.Is(err, directory.ErrUnavailable) {
			select {
			case <-t.C:
				err = open()
			case <-ctx.Done():
				return
			}
		}
		if err != nil {
			n.log.Error("the first room was not opened", "cause", err)
		}
	}()
	return nil
}
