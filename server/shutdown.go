package server

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/roomtick/roomtick/room"
)

const (
	// shutdownTimeout is all a shutdown may take; process managers kill after 10 s.
	shutdownTimeout = 5 * time.Second

	// goodbyeTimeout is the part of it in which clients get their goodbye.
	goodbyeTimeout = 3 * time.Second

	// requestTimeout is for requests under way once the goodbyes are said.
	requestTimeout = 500 * time.Millisecond

	// Clients come back after retryLeast to retryMost, spread so that a whole node's
	// players do not arrive at another in one instant.
	retryLeast = 500 * time.Millisecond
	retryMost  = 2500 * time.Millisecond
)

var errStuck = errors.New("server: a room did not end in time; its game's step may be stuck")

// shutdown refuses new players, says goodbye to those there are, and closes
// everything within shutdownTimeout. It returns what did not end well.
func (n *node) shutdown(log *slog.Logger, servers []*http.Server) error {
	start := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	rooms, players := n.drain()
	log.Info("saying goodbye", "rooms", rooms, "players", players)

	goodbye, stop := context.WithTimeout(ctx, goodbyeTimeout)
	var err error
	if !wait(goodbye, &n.running) {
		err = errStuck
	}
	wait(goodbye, &n.playing)
	stop()
	n.drop()
	wait(ctx, &n.playing)
	closeServers(ctx, servers)
	log.Info("stopped", "took", time.Since(start).Round(time.Millisecond))
	return err
}

// closeServers ends the listeners and lets requests under way finish, for a moment:
// sockets that never asked anything would otherwise be waited for.
func closeServers(ctx context.Context, servers []*http.Server) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	var all sync.WaitGroup
	for _, s := range servers {
		all.Go(func() {
			if s.Shutdown(ctx) != nil {
				_ = s.Close() // its error says what Shutdown's did: sockets were still open
			}
		})
	}
	all.Wait()
}

// drain stops matchmaking and asks every room to end with a hint when to come back.
func (n *node) drain() (rooms, players int) {
	n.mu.Lock()
	if !n.draining {
		n.draining = true
		close(n.ending)
	}
	n.mu.Unlock()
	for _, h := range n.all() {
		rooms++
		players += h.room.Info().Players
		// A goroutine each: a room in a long step answers late, or never.
		go func(r *room.Room, retry time.Duration) { r.Restart(retry) }(h.room, retryLeast+rand.N(retryMost-retryLeast))
	}
	return rooms, players
}

// wait reports whether the group was done before ctx ended.
func wait(ctx context.Context, g *sync.WaitGroup) bool {
	done := make(chan struct{})
	go func() {
		defer close(done)
		g.Wait()
	}()
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}
