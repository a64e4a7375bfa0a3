//go:build linux

// Package drive is a load of clients that costs as little as a client can, so that what
// is measured on the same machine is the server: an epoll, a buffer, and one answer (an
// acknowledgement with an input) to each snapshot. It reads only the head of a snapshot;
// the bots of loadtest/client decode and check.
package drive

import (
	"context"
	"io"
	"sync/atomic"
	"time"

	"github.com/roomtick/roomtick/loadtest/bench/role"
)

// Config is the load. Either Game is set, or Raw.
type Config struct {
	URL      string // of a server, such as http://127.0.0.1:8080
	Game     string // to be joined there
	Input    []byte // payload of every input
	Raw      string // host:port of a bare server, which needs no seats
	Clients  int
	Stalled  int           // of them, never read
	Slow     float64       // share of its stream that one more client reads; 0: no such client
	SlowIn   time.Duration // it reads everything for so long first
	Joiners  int           // clients that join at a time
	JoinTime time.Duration // in which all must be in
	Shards   int           // goroutines, each with an epoll
	Poll     time.Duration // how long a shard sleeps between two looks at its sockets
}

// Counters is what the clients have seen so far.
type Counters struct {
	Frames   int64 `json:"frames"`   // snapshots
	BytesIn  int64 `json:"bytesIn"`  // TCP payload after the handshake
	BytesOut int64 `json:"bytesOut"` // likewise
	Inputs   int64 `json:"inputs"`   // answers sent
	Unsent   int64 `json:"unsent"`   // answers that a socket did not take
	Missed   int64 `json:"missed"`   // ticks between two snapshots of a client
	Closed   int64 `json:"closed"`   // clients that the server has closed

	// Of the clients that are read, since the last look:
	SlowestHz float64 `json:"slowestHz"` // snapshots a second that 99 % of them had

	// Of the slow client, since the last look: how far it was behind, in ticks, and what
	// it got.
	Behind50, Behind100   int
	SlowFrames, SlowBytes int64
}

// counters are Counters under way, of one shard.
type counters struct {
	frames, bytesIn, bytesOut, inputs, unsent, missed, closed atomic.Int64
}

// swarm is all clients.
type swarm struct {
	cfg    Config
	shards []*shard
	slow   *slow
	newest atomic.Uint32 // tick that any client has seen; meaningful in one room
	looked time.Time
}

// Run joins every client, says so, and answers snapshots until in or ctx ends.
func Run(ctx context.Context, cfg Config, in io.Reader, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	cfg.Joiners = max(1, cfg.Joiners)
	s := &swarm{cfg: cfg, looked: time.Now()}
	for range max(1, cfg.Shards) {
		sh, err := newShard(s)
		if err != nil {
			return err
		}
		s.shards = append(s.shards, sh)
		go sh.run(ctx)
	}
	if err := s.joinWithin(ctx, cfg.JoinTime); err != nil {
		_ = role.Say(out, role.Hello{Error: err.Error()}) // the exit code says it too
		return err
	}
	if err := role.Say(out, role.Hello{Joined: cfg.Clients}); err != nil {
		return err
	}
	return role.Answer(ctx, in, out, func() any { return s.look() })
}

// look sums up the shards and starts the next interval.
func (s *swarm) look() Counters {
	var c Counters
	var seen []int64
	for _, sh := range s.shards {
		c.Frames += sh.count.frames.Load()
		c.BytesIn += sh.count.bytesIn.Load()
		c.BytesOut += sh.count.bytesOut.Load()
		c.Inputs += sh.count.inputs.Load()
		c.Unsent += sh.count.unsent.Load()
		c.Missed += sh.count.missed.Load()
		c.Closed += sh.count.closed.Load()
		seen = append(seen, sh.seen()...)
	}
	now := time.Now()
	c.SlowestHz = lowest(seen, 0.01) / now.Sub(s.looked).Seconds()
	s.looked = now
	if s.slow != nil {
		s.slow.look(&c)
	}
	return c
}
