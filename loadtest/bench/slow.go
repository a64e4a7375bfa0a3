//go:build linux

package main

import (
	"context"
	"time"

	"github.com/roomtick/roomtick/loadtest/bench/drive"
	"github.com/roomtick/roomtick/loadtest/bench/stats"
)

// slowLoads are a room of 49 and one more who reads too little: from the first byte on, so
// that its welcome already takes seconds, or once it has had a second of everything.
func slowLoads() []load {
	one := func(name, in string) load {
		return load{name: name, game: "wander", clients: 49, perRoom: 50, rate: 20, drive: []string{"-slow", "0.6", "-slow-in", in}}
	}
	return []load{one("narrow after a second", "1s"), one("narrow from the start", "0s")}
}

// slowSuite asks twice how far a client that reads 60 % of its stream is behind: what a
// queue anywhere would make worse from one look to the next must stay as it is.
func slowSuite(ctx context.Context, b *bench) error {
	const tick = 50 // ms
	for _, l := range slowLoads() {
		var early, late, worst, size []float64
		for range b.fewRounds() {
			first, second, err := b.slowRound(ctx, l)
			if err != nil {
				return err
			}
			early = append(early, tick*float64(first.Behind50))
			late = append(late, tick*float64(second.Behind50))
			worst = append(worst, tick*float64(second.Behind100))
			size = append(size, float64(second.SlowBytes)/float64(second.SlowFrames))
			b.say("%s: behind by %v ms, later %v ms, at most %v ms", l.name, tick*first.Behind50, tick*second.Behind50, tick*second.Behind100)
		}
		line := func(what, held string, values []float64) {
			b.report.add(figure{What: l.name + ": " + what, Unit: "ms", Value: stats.Of(values), Held: held})
		}
		line("behind the newest tick, at first", "", early)
		line("behind the newest tick, later", "2 round trips and a frame", late)
		line("the furthest it was behind, later", "", worst)
		b.report.add(figure{What: l.name + ": bytes of a snapshot for it", Unit: "B", Value: stats.Of(size)})
	}
	return nil
}

// slowRound runs one server and looks at the slow client after each half of its time.
func (b *bench) slowRound(ctx context.Context, l load) (first, second drive.Counters, err error) {
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
	var warm drive.Counters // thrown away
	for _, part := range []struct {
		pause time.Duration
		seen  *drive.Counters
	}{{min(settleTime, half), &warm}, {half, &first}, {half, &second}} {
		if err := wait(ctx, part.pause); err != nil {
			return first, second, err
		}
		if err := clients.Ask(part.seen); err != nil {
			return first, second, err
		}
	}
	return first, second, nil
}
