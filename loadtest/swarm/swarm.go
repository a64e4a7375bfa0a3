package swarm

import (
	"context"
	"math/rand/v2"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/roomtick/roomtick/loadtest/client"
	"github.com/roomtick/roomtick/loadtest/report"
)

const (
	// conductEvery is how often the conductor looks at the ramp.
	conductEvery = 10 * time.Millisecond

	// metersPerCore: bots share meters, and locks on them, by a few dozen.
	metersPerCore = 4
)

// swarm is many bots with a ramp.
type swarm struct {
	// Set once by newSwarm; safe from any goroutine.
	settings settings
	witness  *client.Witness
	http     *http.Client
	pacer    *client.Pacer
	meters   []*client.Meter
	probe    *client.Meter // of the swarm's own lag
	rooms    *rooms
	crews    *crews // nil: bots join rooms directly
	start    time.Time
	server   *scraper
	own      *ownCPU

	// Owned by the conductor.
	slots  []*slot // of the bots wanted now, by number
	rng    *rand.Rand
	churns float64 // bots that should have churned and have not, a fraction
	storms []report.Storm

	mu    sync.Mutex // guards the following
	live  map[*client.Bot]bool
	sums  sums
	line  timeline
	stage string
}

func newSwarm(s settings) *swarm {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64 // joins of a ramp share conns
	sw := &swarm{
		settings: s,
		witness:  client.NewWitness(),
		http:     &http.Client{Transport: transport},
		pacer:    client.NewPacer(runtime.GOMAXPROCS(0)),
		probe:    client.NewMeter(),
		rooms:    newRooms(s.rooms, s.perRoom),
		own:      newOwnCPU(),
		rng:      rand.New(rand.NewPCG(s.seed, 0)),
		storms:   append([]report.Storm(nil), s.storms...),
		live:     make(map[*client.Bot]bool),
		sums:     newSums(),
		start:    time.Now(), // run sets it again
	}
	for range metersPerCore * runtime.GOMAXPROCS(0) {
		sw.meters = append(sw.meters, client.NewMeter())
	}
	if s.queue.name != "" {
		sw.crews = newCrews(sw, s.ramp.top())
	}
	sw.server = newScraper(sw.http, s.admin)
	return sw
}

// run conducts the ramp and returns once every bot has left. Ending ctx ends it early.
func (s *swarm) run(ctx context.Context) report.Report {
	defer s.http.CloseIdleConnections()
	s.server.look(ctx)
	s.mu.Lock()
	s.start = time.Now()
	s.mu.Unlock()
	if n := s.settings.net; n != nil {
		n.Set(n.Profile()) // blackouts count from here
	}
	playing, stop := context.WithTimeout(ctx, s.settings.ramp.length())
	defer stop()
	if s.crews != nil {
		s.crews.end = stop
	}
	pacing, unpace := context.WithCancel(context.WithoutCancel(ctx))
	var helpers sync.WaitGroup
	helpers.Go(func() { s.pacer.Run(pacing) })
	watching, blind := context.WithCancel(context.WithoutCancel(ctx))
	helpers.Go(func() { s.seconds(watching) })
	helpers.Go(func() { s.server.run(watching, s.start) })
	helpers.Go(func() { s.wakeUp(playing) })
	bots := s.conduct(playing)
	s.enter("leaving")
	bots.Wait()
	blind()
	unpace()
	helpers.Wait()
	s.server.look(context.WithoutCancel(ctx)) // the report is made even so
	return s.report(context.WithoutCancel(ctx))
}

// conduct starts and stops bots as the ramp says, until ctx is done. Joins follow the
// clock, whatever the earlier ones do.
func (s *swarm) conduct(ctx context.Context) *sync.WaitGroup {
	var bots sync.WaitGroup
	ticker := time.NewTicker(conductEvery)
	defer ticker.Stop()
	last := time.Duration(0)
	for {
		now := time.Since(s.start)
		s.enter(s.stageAt(now))
		s.follow(ctx, &bots, now)
		s.churn(now - last)
		s.storm(now)
		last = now
		select {
		case <-ctx.Done():
			return &bots
		case <-ticker.C:
		}
	}
}

func (s *swarm) stageAt(now time.Duration) string {
	if s.settings.ramp.at(now) == s.settings.ramp.at(now+time.Second) {
		return "hold"
	}
	return "ramp"
}

func (s *swarm) enter(stage string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stage = stage
}

// follow brings the number of bots to what the ramp wants: the newest leave first.
func (s *swarm) follow(ctx context.Context, bots *sync.WaitGroup, now time.Duration) {
	wanted := s.settings.ramp.at(now)
	for len(s.slots) < wanted {
		slot := newSlot(s, len(s.slots))
		s.slots = append(s.slots, slot)
		if s.crews != nil {
			s.crews.start(ctx, bots, s.slots)
			continue
		}
		bots.Go(func() { slot.live(ctx) })
	}
	for len(s.slots) > wanted {
		last := len(s.slots) - 1
		s.slots[last].end()
		s.slots = s.slots[:last]
	}
}

// churn makes bots leave and join anew, as many as are due for the time that has
// passed.
func (s *swarm) churn(passed time.Duration) {
	s.churns += s.settings.churn * float64(len(s.slots)) * passed.Minutes()
	for s.churns >= 1 && len(s.slots) > 0 {
		s.churns--
		s.slots[s.rng.IntN(len(s.slots))].again()
	}
}

// storm cuts the share of the bots whose time has come.
func (s *swarm) storm(now time.Duration) {
	for i := 0; i < len(s.storms); i++ {
		if now.Seconds() < s.storms[i].Second {
			continue
		}
		struck := s.rng.Perm(len(s.slots))[:int(s.storms[i].Share*float64(len(s.slots))+0.5)]
		for _, number := range struck {
			s.slots[number].cut()
		}
		s.storms = append(s.storms[:i], s.storms[i+1:]...)
		i--
	}
}

// wakeEvery is how often wakeUp looks: 1,000 times in a hold of 10 s.
const wakeEvery = 10 * time.Millisecond

// wakeUp measures how late this process wakes up, so that a swarm of bots that send
// nothing knows its own lag too.
func (s *swarm) wakeUp(ctx context.Context) {
	for at := time.Now().Add(wakeEvery); sleepUntil(ctx, at); {
		late := time.Since(at)
		s.probe.Lag(late, wakeEvery)
		at = at.Add(wakeEvery + late.Truncate(wakeEvery))
	}
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
