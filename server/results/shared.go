package results

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/roomtick/roomtick/server/directory"
)

// sharedDelivery is the lease of the one node that delivers what waits in a directory.
const sharedDelivery = "results"

// shared is a Store in the directory of many nodes. Any of them may append; one delivers
// at a time, another once that one has not claimed it for as long as a lease lasts.
type shared struct {
	dir  directory.Directory
	node string
}

// NewShared returns a Store in dir for a node. It is as durable as dir is: for Redis that is
// what its appendfsync says. Closing it does not close dir.
func NewShared(dir directory.Directory, node string) Store { return &shared{dir, node} }

// Append is refused in the same step of the directory that would store the result, so that
// a node that was frozen while another took its room over cannot be the faster one.
func (s *shared) Append(ctx context.Context, o Owner, id string, body []byte) error {
	r := directory.Result{ID: id, Key: o.Room, Body: body}
	if o.Room != "" {
		r.Owner = directory.Owner{Room: o.Room, Node: s.node, Epoch: o.Epoch}
	}
	err := s.dir.Append(ctx, r)
	switch {
	case errors.Is(err, directory.ErrFenced):
		return fmt.Errorf("append: %w: %w", ErrFenced, err)
	case err != nil:
		return fmt.Errorf("append: %w", err)
	}
	return nil
}

func (s *shared) Claim(ctx context.Context) (bool, error) {
	_, err := s.dir.Lease(ctx, sharedDelivery, s.node)
	if errors.Is(err, directory.ErrFenced) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("claim: %w", err)
	}
	return true, nil
}

func (s *shared) List(ctx context.Context, after uint64, limit int) ([]Entry, error) {
	waiting, err := s.dir.Undelivered(ctx, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list: %w", err)
	}
	list := make([]Entry, len(waiting))
	for i, r := range waiting {
		list[i] = Entry{Seq: r.Seq, ID: r.ID, Since: r.Since, Bytes: r.Size}
	}
	return list, nil
}

func (s *shared) Load(ctx context.Context, id string) ([]byte, error) {
	r, err := s.dir.Result(ctx, id)
	if errors.Is(err, directory.ErrUnknownResult) {
		return nil, ErrGone
	}
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	return r.Body, nil
}

func (s *shared) Done(ctx context.Context, id string) error {
	if err := s.dir.Delivered(ctx, id); err != nil {
		return fmt.Errorf("done: %w", err)
	}
	return nil
}

func (s *shared) Count(ctx context.Context) (int, time.Time, error) { return s.dir.Waiting(ctx) }

func (s *shared) Close() error { return nil }
