package swarm

import (
	"context"
	"sync"

	"github.com/roomtick/roomtick/loadtest/client"
)

// rooms puts bots into rooms of their own: the first bot of each makes it, the others
// wait for that and join it. Safe from any goroutine.
type rooms struct {
	count, size int // one of them; both 0: the server decides

	mu   sync.Mutex // guards the following
	made map[int]*making
}

// making is a room on its way.
type making struct {
	done chan struct{} // closed once room is set, or has failed
	room string        // empty if it has failed: the next bot tries
}

func newRooms(count, size int) *rooms {
	return &rooms{count: count, size: size, made: make(map[int]*making)}
}

// of returns the room of a bot by number, -1 if the server decides.
func (r *rooms) of(number int) int {
	switch {
	case r.count > 0:
		return number % r.count
	case r.size > 0:
		return number / r.size
	}
	return -1
}

// join joins the bot's room.
func (r *rooms) join(ctx context.Context, number int, o client.Options) (*client.Bot, error) {
	room := r.of(number)
	if room < 0 {
		return client.Join(ctx, o)
	}
	for {
		m, mine := r.claim(room)
		if mine {
			return r.make(ctx, room, m, o)
		}
		select {
		case <-m.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if m.room != "" {
			o.Room = m.room
			return client.Join(ctx, o)
		}
	}
}

// claim returns the room's making; it is the caller's to make if it is new.
func (r *rooms) claim(room int) (m *making, mine bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m := r.made[room]; m != nil {
		return m, false
	}
	m = &making{done: make(chan struct{})}
	r.made[room] = m
	return m, true
}

// make makes the room, or leaves that to the next bot.
func (r *rooms) make(ctx context.Context, room int, m *making, o client.Options) (*client.Bot, error) {
	o.Create = true
	b, err := client.Join(ctx, o)
	if err == nil {
		m.room, _ = b.Room()
	} else {
		r.mu.Lock()
		delete(r.made, room)
		r.mu.Unlock()
	}
	close(m.done)
	return b, err
}
