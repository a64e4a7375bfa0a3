package swarm

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/roomtick/roomtick/loadtest/client"
)

const (
	// pause is what a crew takes from one ticket to the next: by then every node has read
	// what became of the last.
	pause = time.Second

	// farewell bounds the request that takes a ticket out of its queue when the run ends.
	farewell = 5 * time.Second
)

// run queues and plays, match after match, until ctx is done or the crew has played as
// many as it is to.
func (c *crew) run(ctx context.Context, members []*slot) {
	sw := c.swarm
	q := &sw.settings.queue
	asked := time.Now()
	party, err := client.OpenParty(ctx, members[0].options(0), len(members), c.skill)
	if err != nil {
		sw.refused(ctx, err, time.Since(asked))
		return
	}
	for turn, played := 0, 0; (q.matches == 0 || played < q.matches) && ctx.Err() == nil; turn++ {
		if turn > 0 && !sleepUntil(ctx, time.Now().Add(pause)) {
			return
		}
		r := &round{crew: c, members: members, turn: turn}
		if r.run(ctx, party) {
			played++
		}
	}
}

// round is a crew's way through the queue once: a ticket, and the match it leads to.
type round struct {
	crew    *crew
	members []*slot
	turn    int

	// Set before the members' goroutines start.
	ticket *client.Ticket
	asked  time.Time
}

// run reports whether the round led to a match.
func (r *round) run(ctx context.Context, party *client.Party) (matched bool) {
	sw := r.crew.swarm
	r.asked = time.Now()
	// A ticket is asked for to the end, so that none is left behind that nobody knows of.
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	var err error
	r.ticket, err = party.Queue(asking, sw.settings.queue.name)
	cancel()
	if err != nil {
		sw.refused(ctx, err, time.Since(r.asked))
		return false
	}
	sw.count(func(t *sums) { t.joining += len(r.members) })
	views := make([]client.TicketView, len(r.members))
	var all sync.WaitGroup
	for i := range r.members {
		all.Go(func() { views[i] = r.member(ctx, i) })
	}
	all.Wait()
	return r.settle(ctx, views)
}

// member is one bot's part of the round: it waits, answers ready checks and plays.
func (r *round) member(ctx context.Context, i int) client.TicketView {
	sw := r.crew.swarm
	f := &follower{ticket: r.ticket, member: i, events: r.crew.way() == byEvents}
	v, err := r.wait(ctx, f)
	f.close()
	sw.count(func(t *sums) { t.joining-- })
	switch {
	case err != nil && ctx.Err() == nil:
		sw.refused(ctx, err, time.Since(r.asked))
	case err == nil && v.State == client.TicketMatched:
		if i == 0 {
			sw.crews.ledger.waited(r.crew, f.way(), time.Since(r.asked))
		}
		r.play(ctx, i, &v)
	}
	return v
}

// wait follows the ticket until it waits no more.
func (r *round) wait(ctx context.Context, f *follower) (client.TicketView, error) {
	ledger, i := r.crew.swarm.crews.ledger, f.member
	rng := rand.New(rand.NewPCG(r.crew.seed, uint64(r.turn)<<16|uint64(i)))
	answered := ""
	v, err := r.ticket.Look(ctx, i)
	for err == nil {
		switch v.State {
		case client.TicketWaiting:
			if i == 0 && v.Estimate != nil {
				ledger.estimated(r.crew, time.Now().Add(time.Duration(*v.Estimate*float64(time.Second))))
			}
		case client.TicketFound:
			if v.Match != answered {
				answered = v.Match
				v, err = r.answer(ctx, i, rng)
				continue
			}
		default:
			return v, nil
		}
		v, err = f.next(ctx, v.Version)
	}
	return v, err
}

// answer accepts the match that was found, or declines it. It may be off by then.
func (r *round) answer(ctx context.Context, i int, rng *rand.Rand) (client.TicketView, error) {
	say, yes := r.ticket.Accept, rng.Float64() >= r.crew.swarm.settings.queue.decline
	if !yes {
		say = r.ticket.Decline
	}
	v, err := say(ctx, i)
	if err != nil {
		return r.ticket.Look(ctx, i)
	}
	r.crew.swarm.crews.ledger.answered(yes)
	return v, nil
}

// play takes the seat, and leaves it once the bot has played for as long as it is to.
func (r *round) play(ctx context.Context, i int, v *client.TicketView) {
	s, sw := r.members[i], r.crew.swarm
	o := s.options(r.turn)
	o.Reservation = &v.Reservation
	sw.count(func(t *sums) { t.totals.Joins++ })
	asked := time.Now()
	b, err := client.Join(ctx, o)
	if err != nil {
		sw.refused(ctx, err, time.Since(asked))
		return
	}
	s.in(b)
	sw.joined(b)
	playing, leave := context.WithTimeout(ctx, sw.settings.queue.playFor)
	_ = b.Run(playing) // the result has it
	leave()
	s.in(nil)
	sw.left(b)
	if now, err := r.ticket.Look(ctx, i); err == nil && (now.State != v.State || now.Room != v.Room || now.Team != v.Team) {
		sw.broken("%s is in two matches: its ticket was %s to room %s, team %d, and is %s, room %s, team %d",
			b.Name(), v.State, v.Room, v.Team, now.State, now.Room, now.Team)
	}
}

// settle books what became of the ticket, and withdraws it if it waits still.
func (r *round) settle(ctx context.Context, views []client.TicketView) (matched bool) {
	sw := r.crew.swarm
	end, ours := views[0], true
	for _, v := range views[1:] {
		ours = ours && v.State == end.State && v.Room == end.Room && v.Team == end.Team
	}
	if !ours && ctx.Err() == nil {
		sw.broken("a party was split: %s", told(views))
	}
	if ctx.Err() != nil { // some may have been cut short: the server's word holds for all
		leaving, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
		defer cancel()
		var err error
		if end, err = r.ticket.Cancel(leaving); err != nil {
			sw.crews.ledger.lost()
			return false
		}
	}
	sw.crews.ledger.ended(r.crew, &end, ctx.Err() != nil)
	return end.State == client.TicketMatched
}

func told(views []client.TicketView) string {
	text := ""
	for i, v := range views {
		text += fmt.Sprintf("[%d: %s, room %q, team %d]", i+1, v.State, v.Room, v.Team)
	}
	return text
}

// broken books a promise of matchmaking that the server has not kept.
func (s *swarm) broken(format string, args ...any) {
	s.crews.ledger.fault()
	s.count(func(t *sums) { t.failures.add(fmt.Sprintf("queue: "+format, args...)) })
}
