//go:build linux

package main

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/roomtick/roomtick/loadtest/bench/bare"
	"github.com/roomtick/roomtick/loadtest/bench/drive"
	"github.com/roomtick/roomtick/loadtest/bench/proc"
	"github.com/roomtick/roomtick/loadtest/bench/role"
)

// load is one way to put a server under load.
type load struct {
	name    string
	game    string
	clients int
	perRoom int
	rate    int      // ticks a second
	drive   []string // further flags of the clients
}

func (l load) rooms() int { return (l.clients + l.perRoom - 1) / l.perRoom }

// settleTime is how long a load runs before it is measured: keyframes are sent, stacks
// and buffers have grown. A measurement that is shorter is none, and settles faster too.
const settleTime = 1500 * time.Millisecond

func (b *bench) settle(ctx context.Context) error {
	return wait(ctx, min(settleTime, b.opts.hold()))
}

// sample is one measurement of a server under load.
type sample struct {
	elapsed time.Duration
	frames  float64       // snapshots delivered
	cpu     time.Duration // of the server
	step    time.Duration // of that, the games' own
	clients drive.Counters
	idle    proc.Look // of the server, not of the bare one: before anybody joined,
	before  proc.Look // and at both ends of the measurement
	after   proc.Look
	added   proc.Metrics // between these
	others  float64      // cores that were busy with other processes meanwhile
}

// perFrame is the server's CPU per delivered snapshot in microseconds, the game aside.
func (s *sample) perFrame() float64 {
	return float64((s.cpu - s.step).Nanoseconds()) / 1e3 / s.frames
}

// bytesPerFrame is what a snapshot was on the wire, with its WebSocket header.
func (s *sample) bytesPerFrame() float64 { return float64(s.clients.BytesIn) / s.frames }

// memory is what the clients have added to the server's resident memory, each, in KB.
func (s *sample) memory(l load) float64 {
	return float64(s.after.Memory-s.idle.Memory) / 1e3 / float64(l.clients)
}

// reach is the share of the due snapshots that arrived.
func (s *sample) reach(l load) float64 {
	return s.frames / (s.elapsed.Seconds() * float64(l.rate*l.clients))
}

// roomtick measures the real server under a load; during, if there is one, has to last as
// long as a measurement.
func (b *bench) roomtick(ctx context.Context, l load, during func(*proc.Server) error) (sample, error) {
	var s sample
	server, err := b.serve(ctx, "-max-rooms", strconv.Itoa(l.rooms()+spareRooms))
	if err != nil {
		return s, err
	}
	defer func() { _ = server.Stop() }()
	if s.idle, err = server.Look(ctx); err != nil {
		return s, err
	}
	clients, err := b.clients(ctx, l, "-url", server.URL, "-game", l.game)
	if err != nil {
		return s, err
	}
	defer func() { _ = clients.Stop() }()
	if during == nil {
		during = func(*proc.Server) error { return wait(ctx, b.opts.hold()) }
	}
	if err := b.settle(ctx); err != nil {
		return s, err
	}
	var w witness
	err = s.measure(clients,
		func() (err error) {
			w = watchOthers(server.PID(), clients.PID())
			s.before, err = server.Look(ctx)
			return err
		},
		func() error { return during(server) },
		func() (err error) { s.after, err = server.Look(ctx); return err })
	if err != nil {
		return s, err
	}
	s.others = w.cores()
	s.elapsed = s.after.At.Sub(s.before.At)
	s.cpu = s.after.CPU - s.before.CPU
	s.added = s.after.Metrics.Since(s.before.Metrics)
	s.step = gameTime(s.added)
	s.frames = s.added["roomtick_frames_total"]
	return s, s.check(l)
}

// gameTime is how long the games of a server have computed: the median of their steps
// times their number. The sum of the steps would do on a machine that does nothing else;
// elsewhere it holds the time that a step did not run.
func gameTime(added proc.Metrics) time.Duration {
	const name, labels = "roomtick_tick_phase_seconds", `phase="step",`
	step := added.Quantile(name, labels, 0.5)
	if math.IsNaN(step) {
		return 0
	}
	return time.Duration(step * added[name+`_count{phase="step"}`] * float64(time.Second))
}

const (
	// fewJoiners is how many clients join at a time: more would only queue.
	fewJoiners = 16

	// manyJoiners is that for thousands of rooms. Each step of a join waits there behind all
	// rooms whose tick is due, which on a busy machine are most of them.
	manyJoiners = 64

	// spareRooms is how many more rooms a server may open: joiners who arrive together may
	// be spread over more than they fill.
	spareRooms = manyJoiners
)

// bare measures the bare server under the same load, with frames of the same size.
func (b *bench) bare(ctx context.Context, l load, frame int) (sample, error) {
	var s sample
	server, err := proc.Start(ctx, b.self, "bare", "-rooms", strconv.Itoa(l.rooms()),
		"-per-room", strconv.Itoa(l.perRoom), "-rate", strconv.Itoa(l.rate), "-frame", strconv.Itoa(frame))
	if err != nil {
		return s, err
	}
	defer func() { _ = server.Stop() }()
	var hello role.Hello
	if err := server.Read(&hello); err != nil {
		return s, err
	}
	clients, err := b.clients(ctx, l, "-raw", hello.Addr, "-game", l.game)
	if err != nil {
		return s, err
	}
	defer func() { _ = clients.Stop() }()
	if err := b.settle(ctx); err != nil {
		return s, err
	}
	var first, last bareLook
	err = s.measure(clients,
		func() error { return first.take(server) },
		func() error { return wait(ctx, b.opts.hold()) },
		func() error { return last.take(server) })
	s.elapsed = last.at.Sub(first.at)
	s.cpu = last.cpu - first.cpu
	s.frames = float64(last.Frames - first.Frames)
	return s, both(err, s.check(l))
}

// bareLook is what can be known of a bare server at one moment.
type bareLook struct {
	bare.Counters
	at  time.Time
	cpu time.Duration
}

func (k *bareLook) take(server *proc.Child) (err error) {
	if k.cpu, err = proc.CPU(server.PID()); err != nil {
		return err
	}
	k.at = time.Now()
	return server.Ask(&k.Counters)
}

// measure looks at the server and then at the clients, waits, and looks again.
func (s *sample) measure(clients *proc.Child, before, during, after func() error) error {
	var first drive.Counters
	for _, step := range []func() error{
		before, func() error { return clients.Ask(&first) },
		during,
		after, func() error { return clients.Ask(&s.clients) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	s.since(first)
	return nil
}

// since leaves what the clients saw after an earlier look.
func (s *sample) since(before drive.Counters) {
	c := &s.clients
	c.Frames -= before.Frames
	c.BytesIn -= before.BytesIn
	c.BytesOut -= before.BytesOut
	c.Inputs -= before.Inputs
	c.Unsent -= before.Unsent
	c.Missed -= before.Missed
	c.Closed -= before.Closed
}

// check refuses a measurement of something else than the load.
func (s *sample) check(l load) error {
	switch {
	case s.clients.Closed > 0:
		return fmt.Errorf("%s: %d conns ended", l.name, s.clients.Closed)
	case s.frames < 1 || s.clients.Frames < 1:
		return fmt.Errorf("%s: no snapshot arrived", l.name)
	}
	return nil
}

// clients starts the process of the clients and waits until all are in.
func (b *bench) clients(ctx context.Context, l load, to ...string) (*proc.Child, error) {
	args := append([]string{"drive", "-clients", strconv.Itoa(l.clients)}, to...)
	child, err := proc.Start(ctx, b.self, append(args, l.drive...)...)
	if err != nil {
		return nil, err
	}
	var hello role.Hello
	err = child.Read(&hello)
	if err == nil && hello.Error != "" {
		err = fmt.Errorf("%s: %s", l.name, hello.Error)
	}
	if err != nil {
		_ = child.Stop()
		return nil, err
	}
	return child, nil
}

func both(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// wait sleeps unless ctx ends first.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
