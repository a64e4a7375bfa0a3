package server

import (
	"context"
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

	seating sync.WaitGroup // matches on their way into rooms
}

func newQueues(n *node) *queues {
	labels := []string{"game", "queue"}
	qs := &queues{
		n: n, away: true, said: make(map[string]*said), lines: make(map[string]*waitline), soon: make(chan struct{}, 1),
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
	qs.expire(ctx, l, now)
	qs.judge(ctx, l, now)
	l.mu.Lock()
	stop := l.stop
	l.mu.Unlock()
	list := l.waiting()
	if stop.Drained {
		for _, m := range list {
			_ = qs.n.sendAway(ctx, m.ticket.ID, "the queue is closed") // or at the next beat
		}
		return
	}
	if stop.Paused || len(list) == 0 || len(list) >= slowQueue && qs.beat%5 != 0 {
		return
	}
	qs.round(ctx, l, list, now)
}

// expire ends the tickets whose time is over, and those that there should not be.
func (qs *queues) expire(ctx context.Context, l *waitline, now time.Time) {
	for _, m := range l.waiting() {
		if why, over := m.record.over(now, qs.back); over {
			qs.end(ctx, l, m, ticketExpired, why, now)
		}
	}
	for _, m := range l.of(qs.n.bans.players(now)) {
		qs.end(ctx, l, m, ticketCancelled, "one of its players is banned", now)
	}
	for _, m := range l.twice() {
		qs.end(ctx, l, m, ticketCancelled, "one of its players waits with another ticket", now)
	}
}

// end ends a ticket, unless it changes meanwhile.
func (qs *queues) end(ctx context.Context, l *waitline, m *mirrored, state, why string, now time.Time) {
	r := *m.record
	r.Seats = slices.Clone(r.Seats) // the record is never changed
	r.end(state, why)
	t := m.ticket
	if r.store(&t, now) != nil {
		return
	}
	if err := qs.n.dir.Assign(ctx, l.lease, []directory.Ticket{t}); err == nil {
		qs.count(l, state, 1)
		l.setBusy([]*mirrored{m})
	}
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
