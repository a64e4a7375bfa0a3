package swarm

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/roomtick/roomtick/loadtest/client"
)

// goldenRatio spreads the bots' phases evenly over a tick, however many there are.
const goldenRatio = 0.6180339887498949

// slot is the place of one bot of the ramp: a bot, and after a churn another.
type slot struct {
	swarm  *swarm
	number int

	mu       sync.Mutex         // guards the following
	leave    context.CancelFunc // of the bot that is in, or on its way in; nil before
	bot      *client.Bot        // nil until it is in
	ended    bool               // the ramp wants it no more
	churning bool               // the next bot follows
}

func newSlot(s *swarm, number int) *slot { return &slot{swarm: s, number: number} }

// end makes the bot leave for good.
func (s *slot) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	if s.leave != nil {
		s.leave()
	}
}

// again makes the bot leave and another join in its place. One that is not in yet is
// left alone.
func (s *slot) again() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bot != nil && !s.ended {
		s.churning = true
		s.leave()
	}
}

// cut takes the bot's conn away, if it is in.
func (s *slot) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bot != nil {
		s.bot.Cut()
	}
}

// live is the life of the slot. It returns once its last bot has left.
func (s *slot) live(ctx context.Context) {
	for turn := 0; ; turn++ {
		playing, leave := context.WithCancel(ctx)
		if s.begin(leave) {
			s.one(playing, turn)
		}
		leave()
		if !s.next() || ctx.Err() != nil {
			return
		}
		s.swarm.count(func(t *sums) { t.totals.Churned++ })
	}
}

// begin notes how to make the next bot leave; false if the ramp wants none.
func (s *slot) begin(leave context.CancelFunc) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leave, s.bot = leave, nil
	return !s.ended
}

// next reports whether another bot follows.
func (s *slot) next() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	again := s.churning && !s.ended
	s.churning, s.bot = false, nil
	return again
}

// one is the life of one bot.
func (s *slot) one(ctx context.Context, turn int) {
	sw := s.swarm
	sw.count(func(t *sums) { t.joining++; t.totals.Joins++ })
	o := s.options(turn)
	asked := time.Now()
	b, err := sw.rooms.join(ctx, s.number, o)
	sw.count(func(t *sums) { t.joining-- })
	if err != nil {
		sw.refused(ctx, err, time.Since(asked))
		return
	}
	s.in(b)
	sw.joined(b)
	if s.isCut() && turn == 0 {
		full := sw.settings.ramp.full()
		cut := time.AfterFunc(time.Until(sw.start.Add((full+sw.settings.ramp.length())/2)), b.Cut)
		defer cut.Stop()
	}
	_ = b.Run(ctx) // the result has it
	s.in(nil)
	sw.left(b)
}

// in notes which bot plays; nil: none does.
func (s *slot) in(b *client.Bot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bot = b
}

// isCut: the last of the bots are cut, the first ones stall.
func (s *slot) isCut() bool {
	return s.number >= s.swarm.settings.ramp.top()-s.swarm.settings.cut
}

func (s *slot) options(turn int) client.Options {
	sw := s.swarm
	o := sw.settings.options()
	o.Name = fmt.Sprintf("%s %d", sw.settings.name, s.number+1)
	o.Seed += uint64(s.number) + uint64(turn)<<32
	_, o.Phase = splitFloat(float64(s.number) * goldenRatio)
	o.HTTP, o.Witness, o.Pacer = sw.http, sw.witness, sw.pacer
	o.Meter = sw.meters[s.number%len(sw.meters)]
	if s.number < sw.settings.stalled && turn == 0 {
		quiet := sw.settings.ramp.length() - sw.settings.ramp.full()
		o.Stall = client.Stall{After: quiet / 4, For: sw.settings.stallFor}
	}
	o.Resume = s.isCut() || len(sw.settings.storms) > 0
	if sw.settings.net != nil {
		o.Dial = client.Dial(sw.settings.net.Dialer(nil, o.Seed))
		o.Resume = true // a conn that a bad network ends is what the seat is kept for
	}
	return o
}

func splitFloat(x float64) (whole int, fraction float64) {
	whole = int(x)
	return whole, x - float64(whole)
}
