package server

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/roomtick/roomtick/server/directory"
)

// queueStop is what an operator has said of a queue.
type queueStop struct {
	Paused  bool `json:"paused"`  // nobody is matched
	Drained bool `json:"drained"` // nobody comes in
}

// controlQueue is where the directory keeps what operators have said, for all nodes.
const controlQueue = "control"

// controlLife is how long it is kept.
const controlLife = 24 * time.Hour

// said is what the directory knows of that for a queue.
type said struct {
	version uint64
	expires time.Time
}

// readControl reads what operators have said, and keeps it said while it holds.
func (qs *queues) readControl(ctx context.Context, now time.Time) error {
	c, err := qs.n.dir.Tickets(ctx, controlQueue, qs.control)
	if err != nil {
		return err
	}
	qs.control = c.Next
	if c.All {
		clear(qs.said)
	}
	for _, t := range c.Tickets {
		l := qs.lines[t.ID[len(controlQueue)+1:]]
		var s queueStop
		if l == nil || json.Unmarshal(t.Body, &s) != nil {
			continue
		}
		qs.said[l.name] = &said{version: t.Version, expires: now.Add(t.For)}
		l.mu.Lock()
		l.stop = s
		l.mu.Unlock()
	}
	for _, l := range qs.ordered {
		qs.sayAgain(ctx, l, now)
	}
	return nil
}

// sayAgain tells the directory that a queue is stopped, if it is about to forget that or has
// lost it. Every node does, whoever matches: in a paused queue perhaps nobody waits.
func (qs *queues) sayAgain(ctx context.Context, l *waitline, now time.Time) {
	l.mu.Lock()
	stop := l.stop
	l.mu.Unlock()
	t := directory.Ticket{ID: controlQueue + "/" + l.name, Queue: controlQueue, For: controlLife}
	if known := qs.said[l.name]; known != nil && now.Before(known.expires) {
		if known.expires.Sub(now) > controlLife/2 {
			return
		}
		t.Version = known.version
	}
	if stop == (queueStop{}) {
		return
	}
	var err error
	if t.Body, err = json.Marshal(stop); err == nil {
		_, err = qs.n.dir.Put(ctx, t)
	}
	if err != nil && !errors.Is(err, directory.ErrConflict) { // else another was faster, which the next beat reads
		qs.n.log.Debug("queue not said to be stopped", "queue", l.name, "cause", err)
	}
}

// setStop says something of a queue to all nodes.
func (qs *queues) setStop(ctx context.Context, l *waitline, change func(*queueStop)) (queueStop, error) {
	for range writeTries {
		t, err := qs.n.dir.Ticket(ctx, controlQueue+"/"+l.name)
		if errors.Is(err, directory.ErrUnknownTicket) {
			t, err = directory.Ticket{ID: controlQueue + "/" + l.name, Queue: controlQueue, Body: []byte("{}")}, nil
		}
		var s queueStop
		if err == nil {
			err = json.Unmarshal(t.Body, &s)
		}
		if err != nil {
			return s, err
		}
		change(&s)
		if t.Body, err = json.Marshal(s); err != nil {
			return s, err
		}
		t.For = controlLife
		_, err = qs.n.dir.Put(ctx, t)
		if errors.Is(err, directory.ErrConflict) {
			continue
		}
		if err == nil {
			l.mu.Lock()
			l.stop = s // other nodes read it at their next beat
			l.mu.Unlock()
		}
		qs.poke()
		return s, err
	}
	return queueStop{}, errBusy
}
