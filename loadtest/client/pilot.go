package client

import (
	"fmt"
	"math/rand/v2"

	"github.com/roomtick/roomtick/room/delta"
	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/sim"
)

// decisions is how many a second a player makes.
const decisions = 5

// wanderFor is for how many decisions a wandering bot keeps a random input.
const wanderFor = 2

// pilot decides a bot's inputs. Owned by the read goroutine, which asks it after a
// snapshot: a player decides by what it sees.
type pilot struct {
	every  int // snapshots per decision
	count  int
	input  []schema.Field
	parts  int         // of the game
	mirror *sim.Mirror // nil: wanders
	rng    *rand.Rand
	random []byte
	kept   int       // decisions that random is still good for
	rows   [][]int32 // scratch: the columns of one part
}

// newPilot returns the pilot of an options' Play for a welcomed seat, nil for an idle
// one.
func newPilot(o *Options, w *schema.Welcome, d *schema.Descriptor) (*pilot, error) {
	p := &pilot{every: o.ThinkEvery, input: d.Input, parts: len(d.Parts())}
	if p.every == 0 {
		p.every = max(1, int(w.TickRate)/max(1, int(w.SendEvery))/decisions)
	}
	p.count = p.every - 1 // the first snapshot shows enough for a first decision
	switch o.Play {
	case PlayIdle, PlayScript:
		return nil, nil
	case PlayWander:
		p.rng = rand.New(rand.NewPCG(o.Seed, uint64(w.Seat)))
		return p, nil
	}
	mirror, err := o.Definition.NewMirror(d)
	if err != nil {
		return nil, fmt.Errorf("mirror: %w", err)
	}
	mirror.SetSelf(sim.Seat(w.Seat), o.Name)
	p.mirror = mirror
	return p, nil
}

// decide returns the input for what d shows at tick, nil if it is not time for a new
// one. It is valid until the next call.
func (p *pilot) decide(d *delta.Decoder, tick uint32) []byte {
	p.count++
	if p.count < p.every {
		return nil
	}
	p.count = 0
	if p.mirror != nil {
		p.show(d, tick)
		return p.mirror.Think()
	}
	if p.kept == 0 {
		p.kept = wanderFor
		p.random = randomInput(p.random[:0], p.input, p.rng)
	}
	p.kept--
	return p.random
}

// show copies what the decoder holds into the mirror.
func (p *pilot) show(d *delta.Decoder, tick uint32) {
	p.mirror.Begin(tick)
	for g := range d.Groups() {
		for part := range p.parts {
			ids := g.IDs(part)
			if len(ids) == 0 {
				continue
			}
			p.rows = g.AppendColumns(p.rows[:0], part)
			p.mirror.Set(part, ids, p.rows, g.Text)
		}
	}
	p.mirror.End()
}
