//go:build linux

package main

import (
	"context"
	"fmt"
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
	serve   []string // further flags of the server
	drive   []string // further flags of the clients
}

func (l load) rooms() int { return (l.clients + l.perRoom - 1) / l.perRoom }

// settle is how long a load runs before it is measured: keyframes are sent, stacks and
// buffers have grown.
const settle = 1500 * time.Millisecond

// sample is one measurement of a server under load.
type sample struct {
	elapsed time.Duration
	frames  float64       // snapshots delivered
	cpu     time.Duration // of the server
	step    time.Duration // of that, the games' own
	clients drive.Counters
	before  proc.Look // of the server, not of the bare one
	after   proc.Look
}

// perFrame is the server's CPU per delivered snapshot in microseconds, the game aside.
func (s *sample) perFrame() float64 {
	return float64((s.cpu - s.step).Nanoseconds()) / 1e3 / s.frames
}

// bytesPerFrame is what a snapshot was on the wire, with its WebSocket header.
func (s *sample) bytesPerFrame() float64 { return float64(s.clients.BytesIn) / s.frames }

// reach is the share of the due snapshots that arrived.
func (s *sample) reach(l load) float64 {
	return s.frames / (s.elapsed.Seconds() * float64(l.rate*l.clients))
}

// roomtick measures the real server under a load.
func (b *bench) roomtick(ctx context.Context, l load, during func(*proc.Server) error) (sample, error) {
	var s sample
	server, err := proc.StartServer(ctx, b.server, append([]string{"-max-rooms", strconv.Itoa(l.rooms() + 16)}, l.serve...)...)
	if err != nil {
		return s, err
	}
	defer func() { _ = server.Stop() }()
	clients, err := b.clients(ctx, l, "-url", server.URL, "-game", l.game)
	if err != nil {
		return s, err
	}
	defer func() { _ = clients.Stop() }()
	if err := wait(ctx, settle); err != nil {
		return s, err
	}
	if s.before, err = server.Look(ctx); err != nil {
		return s, err
	}
	var first drive.Counters
	if err := clients.Ask(&first); err != nil {
		return s, err
	}
	if err := b.hold(ctx, server, during); err != nil {
		return s, err
	}
	if s.after, err = server.Look(ctx); err != nil {
		return s, err
	}
	if err := clients.Ask(&s.clients); err != nil {
		return s, err
	}
	s.since(first)
	s.elapsed = s.after.At.Sub(s.before.At)
	s.cpu = s.after.CPU - s.before.CPU
	m := s.after.Metrics.Since(s.before.Metrics)
	s.step = time.Duration(m[`roomtick_tick_phase_seconds_sum{phase="step"}`] * float64(time.Second))
	s.frames = m["roomtick_frames_total"]
	return s, s.check(l)
}

// hold lets the load run for as long as a measurement lasts.
func (b *bench) hold(ctx context.Context, server *proc.Server, during func(*proc.Server) error) error {
	if during == nil {
		return wait(ctx, b.opts.hold())
	}
	return during(server)
}

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
	if err := wait(ctx, settle); err != nil {
		return s, err
	}
	var first, last bare.Counters
	var seen drive.Counters
	cpu, err := proc.CPU(server.PID())
	if err != nil {
		return s, err
	}
	at := time.Now()
	if err := both(server.Ask(&first), clients.Ask(&seen)); err != nil {
		return s, err
	}
	if err := wait(ctx, b.opts.hold()); err != nil {
		return s, err
	}
	s.elapsed = time.Since(at)
	if s.cpu, err = proc.CPU(server.PID()); err != nil {
		return s, err
	}
	s.cpu -= cpu
	if err := both(server.Ask(&last), clients.Ask(&s.clients)); err != nil {
		return s, err
	}
	s.since(seen)
	s.frames = float64(last.Frames - first.Frames)
	return s, s.check(l)
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
		return fmt.Errorf("%s: the server closed %d conns", l.name, s.clients.Closed)
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
