//go:build linux

// Package bare is the least that a server of snapshots can cost: it polls its sockets at
// the tick, reads what came in without looking at it, and writes a ready frame to each,
// with plain non-blocking system calls. It speaks just enough of the protocol for the
// clients that load the real server to load it in the same way: the handshake, and
// frames whose tick moves.
package bare

import (
	"context"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/roomtick/roomtick/loadtest/bench/role"
)

// Config is the shape of the load.
type Config struct {
	Rooms   int // ticking one after the other, spread over the period
	PerRoom int // sockets
	Rate    int // ticks a second
	Frame   int // bytes of a frame's payload, the WebSocket header aside
}

// Counters is what the server has done so far.
type Counters struct {
	Frames   int64 `json:"frames"`   // written whole
	BytesOut int64 `json:"bytesOut"` // of them, with WebSocket headers
	Reads    int64 `json:"reads"`    // that brought something
	BytesIn  int64 `json:"bytesIn"`
	Unsent   int64 `json:"unsent"` // frames the socket did not take whole
	Closed   int64 `json:"closed"`
}

// server is the whole state. Rooms belong to the tick goroutine.
type server struct {
	cfg   Config
	rooms []*room
	next  atomic.Int64 // socket to be placed

	frames, bytesOut, reads, bytesIn, unsent, closed atomic.Int64
}

// Run listens on a port of loopback, says where, and serves until in or ctx ends.
func Run(ctx context.Context, cfg Config, in io.Reader, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer l.Close()
	s := &server{cfg: cfg}
	for range cfg.Rooms {
		r, err := newRoom(cfg)
		if err != nil {
			return err
		}
		s.rooms = append(s.rooms, r)
	}
	go s.accept(l)
	ticking := make(chan struct{})
	go func() {
		defer close(ticking)
		s.tick(ctx)
	}()
	if err := role.Say(out, role.Hello{Addr: l.Addr().String()}); err != nil {
		return err
	}
	err = role.Answer(ctx, in, out, func() any { return s.counters() })
	stop()
	<-ticking
	return err
}

func (s *server) counters() Counters {
	return Counters{
		Frames: s.frames.Load(), BytesOut: s.bytesOut.Load(), Reads: s.reads.Load(),
		BytesIn: s.bytesIn.Load(), Unsent: s.unsent.Load(), Closed: s.closed.Load(),
	}
}

// tick runs every room at its own deadlines until ctx ends.
func (s *server) tick(ctx context.Context) {
	step := time.Second / time.Duration(s.cfg.Rate*s.cfg.Rooms)
	for at := time.Now(); ctx.Err() == nil; {
		for _, r := range s.rooms {
			time.Sleep(time.Until(at))
			r.tick(s)
			at = at.Add(step)
		}
		if now := time.Now(); now.Sub(at) > time.Second {
			at = now // overloaded; what is measured is the cost of a frame, not the rate
		}
	}
}
