package server

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/sim"
)

const (
	// queueBeat is how often tickets are read and matched.
	queueBeat = 200 * time.Millisecond

	// queueRest is between two rounds that come at once because something has happened.
	queueRest = 50 * time.Millisecond

	// slowQueue is how many tickets make a round be only every fifth beat.
	slowQueue = 2000

	// leaseMargin is how long before its end a lease is not relied on any more.
	leaseMargin = leaseTime / 2
)

// queues serves the queues of all games of a node.
type queues struct {
	// Set once by newQueues.
	n       *node
	lines   map[string]*waitline // by name
	ordered []*waitline
	soon    chan struct{} // holds one: there may be something to do before the next beat

	waits    *prometheus.HistogramVec
	fairness *prometheus.HistogramVec
	ended    *prometheus.CounterVec

	// Owned by Run.
	control directory.Cursor
	said    map[string]*said // by operators, by line
	beat    int
	away    bool      // the directory has not answered
	back    time.Time // since when it answers

	seating sync.WaitGroup // what was begun: matches on their way into rooms, and writes
	seats   chan struct{}  // as many as may be on their way at once
	writes  chan struct{}  // the same
}

func newQueues(n *node) *queues {
	labels := []string{"game", "queue"}
	qs := &queues{
		n: n, away: true, said: make(map[string]*said), lines: make(map[string]*waitline), soon: make(chan struct{}, 1),
		seats: make(chan struct{}, seatAtOnce), writes: make(chan struct{}, writeAtOnce),
		waits: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "roomtick_queue_wait_seconds", Help: "How long matched tickets have waited.",
			Buckets: []float64{1, 2, 5, 10, 20, 30, 60, 120, 300, 600},
		}, labels),
		fairness: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "roomtick_queue_fairness", Help: "The chance of the weakest team against the strongest, of matches made.",
			Buckets: []float64{0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5},
		}, labels),
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roomtick_queue_tickets_total", Help: "Tickets by how they ended.",
		}, append(labels, "end")),
	}
	for _, g := range n.offered {
		list := g.Config().Queues
		for i := range list {
			l := &waitline{
				name: g.Name() + "/" + list[i].Name, game: g, queue: &list[i],
				tickets: make(map[string]*mirrored), changed: make(map[string]chan struct{}),
				busy: make(map[string]uint64), doubles: make(map[string]bool), players: make(map[string]string), rosters: make(map[*host]*roster), openings: make(map[string]*opening),
			}
			qs.lines[l.name] = l
			qs.ordered = append(qs.ordered, l)
		}
	}
	return qs
}

// poke makes the next beat come at once.
func (qs *queues) poke() {
	select {
	case qs.soon <- struct{}{}:
	default:
	}
}

// Run reads and matches until ctx ends, and returns when what it began is done.
func (qs *queues) Run(ctx context.Context) {
	defer qs.seating.Wait()
	if len(qs.ordered) == 0 {
		return
	}
	t := time.NewTicker(queueBeat)
	defer t.Stop()
	var served time.Time
	for {
		select {
		case <-t.C:
		case <-qs.soon:
			if time.Since(served) < queueRest {
				continue // the next beat is near
			}
		case <-ctx.Done():
			return
		}
		qs.serve(ctx, time.Now())
		served = time.Now()
	}
}

// serve is one beat. What the directory does not answer waits for the next.
func (qs *queues) serve(ctx context.Context, now time.Time) {
	qs.beat++
	if err := qs.readControl(ctx, now); err != nil {
		qs.away = true
		return
	}
	if qs.away {
		qs.away, qs.back = false, now
	}
	for _, l := range qs.ordered {
		if err := l.refresh(ctx, qs.n.dir, now); err != nil {
			qs.away = true
			return
		}
		qs.tellOpenings(ctx, l, now)
		if qs.leads(ctx, l, now) {
			qs.lead(ctx, l, now)
		}
	}
}

// leads reports whether this node is the one that matches a queue. It asks to be while
// somebody waits.
func (qs *queues) leads(ctx context.Context, l *waitline, now time.Time) bool {
	l.mu.Lock()
	idle := len(l.tickets) == 0
	l.mu.Unlock()
	if idle || qs.n.isDraining() {
		return false
	}
	if now.Before(l.leased) {
		return true
	}
	lease, err := qs.n.dir.Lease(ctx, "queue/"+l.name, qs.n.id)
	if err != nil {
		return false
	}
	l.lease, l.leased = lease, now.Add(leaseMargin)
	return true
}

// lead does what only one node does.
func (qs *queues) lead(ctx context.Context, l *waitline, now time.Time) {
	qs.expire(l, now)
	qs.judge(l, now)
	l.mu.Lock()
	stop := l.stop
	l.mu.Unlock()
	list := l.waiting()
	if stop.Drained {
		qs.endSoon(l, list, ticketCancelled, "the queue is closed")
		return
	}
	if stop.Paused || len(list) == 0 || len(list) >= slowQueue && qs.beat%5 != 0 {
		return
	}
	qs.round(ctx, l, list, now)
}

// expire ends the tickets whose time is over, and those that there should not be.
func (qs *queues) expire(l *waitline, now time.Time) {
	over := make(map[string][]*mirrored)
	for _, m := range l.waiting() {
		if why, is := m.record.over(now, qs.back); is {
			over[why] = append(over[why], m)
		}
	}
	for why, list := range over {
		qs.endSoon(l, list, ticketExpired, why)
	}
	qs.endSoon(l, l.of(qs.n.bans.players(now)), ticketCancelled, "one of its players is banned")
	qs.endSoon(l, l.twice(), ticketCancelled, "one of its players waits with another ticket")
}

// endAtOnce is how many tickets one write ends: of more, one has too often changed meanwhile.
const endAtOnce = 32

// endSoon ends tickets, but for those that change meanwhile.
func (qs *queues) endSoon(l *waitline, list []*mirrored, state, why string) {
	for some := range slices.Chunk(list, endAtOnce) {
		qs.begin(l, qs.writes, some, func(ctx context.Context, lease directory.Lease) error {
			return qs.end(ctx, l, lease, some, &ended{state, why})
		})
	}
}

// ended is how a ticket ends.
type ended struct{ state, why string }

// end writes the end of tickets: of all at once, or each by itself where one has changed.
func (qs *queues) end(ctx context.Context, l *waitline, lease directory.Lease, list []*mirrored, how *ended) error {
	tickets := make([]directory.Ticket, len(list))
	now := time.Now()
	for i, m := range list {
		r := *m.record
		r.Seats = slices.Clone(r.Seats) // the record is never changed
		r.end(how.state, how.why)
		tickets[i] = m.ticket
		if err := r.store(&tickets[i], now); err != nil {
			return err
		}
	}
	err := qs.n.dir.Assign(ctx, lease, tickets)
	switch {
	case err == nil:
		qs.count(l, how.state, len(list))
	case errors.Is(err, directory.ErrConflict) && len(list) > 1:
		for i := range list {
			if wrong := qs.end(ctx, l, lease, list[i:i+1], how); wrong != nil {
				l.setIdle(list[i : i+1])
			}
		}
		return nil
	}
	return err
}

func (qs *queues) count(l *waitline, end string, tickets int) {
	qs.ended.WithLabelValues(l.game.Name(), l.queue.Name, end).Add(float64(tickets))
}

// lineOf returns the queue of a game.
func (qs *queues) lineOf(game, queue string) *waitline { return qs.lines[game+"/"+queue] }

// queuesOf says what there is to wait for, for people.
func queuesOf(g *sim.Definition) string {
	text := ""
	for _, q := range g.Config().Queues {
		if text != "" {
			text += ", "
		}
		text += q.Name
	}
	if text == "" {
		return "It has none; join a room with POST /v1/match."
	}
	return "It has: " + text + "."
}
