package main

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/roomtick/roomtick/loadtest/client"
	"github.com/roomtick/roomtick/sim"
)

// goldenRatio spreads the bots' phases evenly over a tick, however many there are.
const goldenRatio = 0.6180339887498949

// swarm is many bots with a ramp.
type swarm struct {
	// Set once by newSwarm; safe from any goroutine.
	settings settings
	game     *sim.Definition // nil if unknown here; then nothing thinks
	witness  *client.Witness
	http     *http.Client
	start    time.Time

	mu      sync.Mutex // guards the following
	bots    []*client.Bot
	results []outcome
	waiting int // joins under way
}

// outcome is how one bot ended: it never got in, or it has a result.
type outcome struct {
	joinErr  error
	result   client.Result
	counters *client.Counters
}

func newSwarm(s settings, game *sim.Definition) *swarm {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64 // joins of a ramp share conns
	return &swarm{
		settings: s,
		game:     game,
		witness:  client.NewWitness(),
		http:     &http.Client{Transport: transport},
	}
}

// run ramps up, holds, and returns once every bot has left. Ending ctx ends the hold.
func (s *swarm) run(ctx context.Context) report {
	defer s.http.CloseIdleConnections()
	before := ask(ctx, s.http, s.settings.admin)
	s.start = time.Now()
	playing, stop := context.WithTimeout(ctx, s.settings.rampOver+s.settings.hold)
	defer stop()
	var bots sync.WaitGroup
	for i := range s.settings.bots {
		bots.Go(func() { s.bot(playing, i) })
	}
	lag := make(chan *hdrhistogram.Histogram, 1)
	go func() { lag <- probe(playing) }()
	bots.Wait()
	stop()
	after := ask(context.WithoutCancel(ctx), s.http, s.settings.admin) // the report is made even so
	s.mu.Lock()
	defer s.mu.Unlock()
	return newReport(s.settings, s.results, s.witness.Agreed(), <-lag, after.since(before))
}

// bot is the life of bot i. Joins follow the clock, whatever the earlier ones do.
func (s *swarm) bot(ctx context.Context, i int) {
	at := time.Duration(i) * s.settings.rampOver / time.Duration(s.settings.bots)
	if !sleepUntil(ctx, s.start.Add(at)) {
		return
	}
	s.count(1)
	b, err := client.Join(ctx, s.options(i))
	s.count(-1)
	if err != nil {
		s.add(nil, outcome{joinErr: err})
		return
	}
	s.add(b, outcome{})
	if i >= s.settings.bots-s.settings.cut {
		half := s.start.Add(s.settings.rampOver + s.settings.hold/2)
		cut := time.AfterFunc(time.Until(half), b.Cut)
		defer cut.Stop()
	}
	_ = b.Run(ctx) // the result has it
	s.add(nil, outcome{result: b.Result(), counters: &b.Counters})
}

// options are those of bot i: the first ones stall, the last ones are cut.
func (s *swarm) options(i int) client.Options {
	o := s.settings.options(s.game)
	o.Name = fmt.Sprintf("%s %d", s.settings.name, i+1)
	o.Seed += uint64(i)
	_, o.Phase = splitFloat(float64(i) * goldenRatio)
	o.HTTP, o.Witness = s.http, s.witness
	if i < s.settings.stalled {
		o.Stall = client.Stall{After: s.settings.hold / 4, For: s.settings.stallFor}
	}
	o.Resume = i >= s.settings.bots-s.settings.cut
	return o
}

func splitFloat(x float64) (whole int, fraction float64) {
	whole = int(x)
	return whole, x - float64(whole)
}

func (s *swarm) count(joining int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting += joining
}

// add notes a bot that has joined, or how one has ended.
func (s *swarm) add(b *client.Bot, o outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b != nil {
		s.bots = append(s.bots, b)
		return
	}
	s.results = append(s.results, o)
}

// probeEvery is how often probe looks: 1,000 times in a hold of 10 s.
const probeEvery = 10 * time.Millisecond

// probe measures how late this process wakes up, so that a swarm of bots that send
// nothing knows its own lag too. It records the wakings that it slept through as well:
// a process frozen for a second has missed a hundred.
func probe(ctx context.Context) *hdrhistogram.Histogram {
	lag := client.NewHistogram()
	at := time.Now()
	for {
		at = at.Add(probeEvery)
		awake := sleepUntil(ctx, at)
		at = wake(lag, at, time.Now())
		if !awake {
			return lag
		}
	}
}

// wake records a waking at now that was meant for at, and those missed since. It
// returns when the last of them was meant to be.
func wake(lag *hdrhistogram.Histogram, at, now time.Time) time.Time {
	late := now.Sub(at)
	if late < 0 {
		return at // not yet due: the run has ended
	}
	client.RecordCorrected(lag, late, probeEvery)
	return at.Add(max(0, late-probeEvery).Truncate(probeEvery))
}

// sleepUntil reports false if ctx ended first.
func sleepUntil(ctx context.Context, at time.Time) bool {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
