package swarm

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/roomtick/roomtick/loadtest/client"
)

// crews are the bots that queue together, by the numbers of their slots: each crew is
// slots that follow on each other.
type crews struct {
	// Set once by newCrews; safe from any goroutine.
	of     []*crew // by number of the slot
	ledger *ledger
	end    func() // is called once no crew has a match before it; set before the first bot

	playing atomic.Int64 // crews that have
}

// crew is one party, or one bot alone. Static after construction.
type crew struct {
	swarm       *swarm
	first, last int           // numbers of its slots
	skill       *client.Skill // nil: not known
	seed        uint64
}

// newCrews draws how many bots queue together, of so many; the last crew is who is left.
func newCrews(s *swarm, bots int) *crews {
	q := &s.settings.queue
	all := &crews{ledger: newLedger(q), end: func() {}}
	rng := rand.New(rand.NewPCG(s.settings.seed, 1))
	for len(all.of) < bots {
		first := len(all.of)
		size := min(drawSize(rng, q.parties), bots-first)
		c := &crew{swarm: s, first: first, last: first + size - 1, skill: q.skill.draw(rng), seed: rng.Uint64()}
		for range size {
			all.of = append(all.of, c)
		}
		all.playing.Add(1)
	}
	return all
}

func drawSize(rng *rand.Rand, parties []partyShare) int {
	sum := 0.0
	for _, p := range parties {
		sum += p.weight
	}
	at := rng.Float64() * sum
	for _, p := range parties {
		if at -= p.weight; at < 0 {
			return p.size
		}
	}
	return parties[len(parties)-1].size
}

// start starts the crew of the newest slot, if that is its last. It ends with the first of
// its slots that the ramp wants no more. Called by the conductor.
func (c *crews) start(ctx context.Context, bots *sync.WaitGroup, slots []*slot) {
	crew := c.of[len(slots)-1]
	if len(slots)-1 != crew.last {
		return
	}
	ctx, leave := context.WithCancel(ctx)
	members := append([]*slot(nil), slots[crew.first:]...)
	for _, s := range members {
		s.begin(leave)
	}
	bots.Go(func() {
		defer leave()
		crew.run(ctx, members)
		if ctx.Err() == nil && c.playing.Add(-1) == 0 {
			c.end()
		}
	})
}
