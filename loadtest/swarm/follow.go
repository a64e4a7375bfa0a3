package swarm

import (
	"context"
	"fmt"

	"github.com/roomtick/roomtick/loadtest/client"
)

// Ways in which bots learn what becomes of their tickets.
const (
	byEvents = "events" // the server tells
	byPolls  = "polls"  // they ask
	byHalf   = "half"   // each in every second crew or so
)

// parseUpdates reads a way.
func parseUpdates(text string) (string, error) {
	switch text {
	case byEvents, byPolls, byHalf:
		return text, nil
	}
	return "", fmt.Errorf("%q: use events, polls or half", text)
}

// way is how a crew learns of its tickets.
func (c *crew) way() string {
	if way := c.swarm.settings.queue.updates; way != byHalf {
		return way
	}
	if c.seed%2 == 0 {
		return byEvents
	}
	return byPolls
}

// follower is one member's eye on a ticket.
type follower struct {
	ticket *client.Ticket
	member int
	events bool // by its stream, as long as the server gives one; else by long polls
	stream *client.Stream
	heard  bool // the stream has told something
}

// next is the ticket at its next change from version, or now if the server's patience ended.
func (f *follower) next(ctx context.Context, version uint64) (client.TicketView, error) {
	if f.events && f.stream == nil {
		f.heard = false
		s, err := f.ticket.Watch(ctx, f.member)
		f.stream, f.events = s, err == nil
	}
	if !f.events {
		return f.ticket.Wait(ctx, f.member, version)
	}
	v, err := f.stream.Next()
	if err == nil {
		f.heard = true
		return v, nil
	}
	f.close()
	f.events = f.heard // one that says nothing is none
	return f.ticket.Look(ctx, f.member)
}

func (f *follower) close() {
	if f.stream != nil {
		f.stream.Close()
		f.stream = nil
	}
}

// way is how the follower learned of the ticket in the end.
func (f *follower) way() string {
	if f.events {
		return byEvents
	}
	return byPolls
}
