//go:build linux

package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/roomtick/roomtick/loadtest/bench/drive"
	"github.com/roomtick/roomtick/loadtest/bench/stats"
)

// slowShare is how much of its stream the slow client reads.
const slowShare = 0.6

// slowLoads are a room of 49 and one more who reads too little: from the first byte on, so
// that its welcome already takes seconds, or once it has had a second of everything.
func slowLoads() []load {
	one := func(name, in string) load {
		share := strconv.FormatFloat(slowShare, 'g', -1, 64)
		return load{name: name, game: "wander", clients: 49, perRoom: 50, rate: 20, drive: []string{"-slow", share, "-slow-in", in}}
	}
	return []load{one("narrow after a second", "1s"), one("narrow from the start", "0s")}
}

// slowLook is what is known of the clients at a moment.
type slowLook struct {
	drive.Counters
	at time.Time
}

// size is how many bytes a snapshot for the slow client was since the last look.
func (l *slowLook) size() float64 { return float64(l.SlowBytes) / float64(l.SlowFrames) }

// trip is its round trip in milliseconds: how long a snapshot of that size takes on a line
// that is as narrow as it reads, since an earlier look.
func (l *slowLook) trip(since *slowLook, clients int) float64 {
	const header = 4 // of a WebSocket message of 126 to 65,535 bytes
	stream := float64(l.BytesIn-since.BytesIn) / float64(clients) / l.at.Sub(since.at).Seconds()
	return 1e3 * (l.size() + header) / (slowShare * stream)
}

// slowSuite asks twice how far a client that reads 60 % of its stream is behind: what a
// queue anywhere would make worse from one look to the next must stay as it is.
func slowSuite(ctx context.Context, b *bench) error {
	const tick = 50 // ms
	for _, l := range slowLoads() {
		var early, late, worst, size, trip []float64
		for range b.fewRounds() {
			first, second, err := b.slowRound(ctx, l)
			if err != nil {
				return err
			}
			early = append(early, tick*float64(first.Behind50))
			late = append(late, tick*float64(second.Behind50))
			worst = append(worst, tick*float64(second.Behind100))
			size = append(size, second.size())
			trip = append(trip, second.trip(&first, l.clients))
			b.say("%s: behind by %v ms, later %v ms, at most %v ms; a round trip takes %.0f ms",
				l.name, tick*first.Behind50, tick*second.Behind50, tick*second.Behind100, trip[len(trip)-1])
		}
		line := func(what, held string, values []float64) {
			b.report.add(figure{What: l.name + ": " + what, Unit: "ms", Value: stats.Of(values), Held: held})
		}
		line("behind the newest tick, at first", "", early)
		line("behind the newest tick, later", fresh(stats.Of(trip), tick), late)
		line("the furthest it was behind, later", "", worst)
		line("a round trip: its snapshot at the rate it reads", "", trip)
		b.report.add(figure{What: l.name + ": bytes of a snapshot for it", Unit: "B", Value: stats.Of(size)})
	}
	return nil
}

// fresh says how far a slow client may be behind, its round trip known: two of them, and a
// frame, which is made once a tick.
func fresh(trip stats.Summary, tick float64) string {
	return fmt.Sprintf("<= %.0f: 2 round trips and a tick", 2*trip.Median+tick)
}

// slowRound runs one server and looks at the slow client after each half of its time.
func (b *bench) slowRound(ctx context.Context, l load) (first, second slowLook, err error) {
	server, err := b.serve(ctx)
	if err != nil {
		return first, second, err
	}
	defer func() { _ = server.Stop() }()
	clients, err := b.clients(ctx, l, "-url", server.URL, "-game", l.game)
	if err != nil {
		return first, second, err
	}
	defer func() { _ = clients.Stop() }()
	half := b.opts.hold()
	var warm slowLook // thrown away
	for _, part := range []struct {
		pause time.Duration
		seen  *slowLook
	}{{min(settleTime, half), &warm}, {half, &first}, {half, &second}} {
		if err := wait(ctx, part.pause); err != nil {
			return first, second, err
		}
		if err := clients.Ask(&part.seen.Counters); err != nil {
			return first, second, err
		}
		part.seen.at = time.Now()
	}
	return first, second, nil
}
