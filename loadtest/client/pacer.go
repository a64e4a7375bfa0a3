package client

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// Pacer is the clock that bots send by: a few goroutines that each wake a share of the
// bots, so that a thousand bots need no thousand timers. The times are the bots' own;
// nothing that the server sends or leaves out moves them. The same goroutines read the
// bots' sockets where they can: see follower. Bots must not block in it: see wire.
type Pacer struct {
	base   time.Time
	shards []*shard
	next   int // the shard of the next bot; guarded by the first shard's mu
}

// shard is one goroutine's share.
type shard struct {
	base time.Time
	poll poll

	mu    sync.Mutex // guards the following
	queue wakings
	nudge chan struct{} // holds one token: the front of the queue has changed
}

// waking is a bot's next turn. A bot has at most one.
type waking struct {
	at     time.Duration // since the pacer's base
	every  time.Duration // from one turn to the next, commonly
	turn   func(now time.Duration) (next time.Duration)
	meter  *Meter
	index  int        // in the queue, -1 outside
	ended  bool       // takes no more turns
	taking sync.Mutex // held during a turn
}

// wakings is a heap by time.
type wakings []*waking

func (q wakings) Len() int           { return len(q) }
func (q wakings) Less(i, j int) bool { return q[i].at < q[j].at }
func (q wakings) Swap(i, j int)      { q[i], q[j] = q[j], q[i]; q[i].index, q[j].index = i, j }

// Push is for package heap.
func (q *wakings) Push(x any) { w := x.(*waking); w.index = len(*q); *q = append(*q, w) }

// Pop is for package heap.
func (q *wakings) Pop() any {
	old := *q
	w := old[len(old)-1]
	old[len(old)-1] = nil
	*q, w.index = old[:len(old)-1], -1
	return w
}

// NewPacer returns a pacer of so many goroutines; Run runs them.
func NewPacer(shards int) *Pacer {
	p := &Pacer{base: time.Now()}
	for range max(1, shards) {
		p.shards = append(p.shards, &shard{base: p.base, nudge: make(chan struct{}, 1)})
	}
	return p
}

// Run wakes bots until ctx is done, and returns once its goroutines have ended.
func (p *Pacer) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, s := range p.shards {
		all.Go(func() { s.run(ctx) })
	}
	all.Wait()
}

// share returns the shard for the next bot.
func (p *Pacer) share() *shard {
	first := p.shards[0]
	first.mu.Lock()
	defer first.mu.Unlock()
	s := p.shards[p.next%len(p.shards)]
	p.next++
	return s
}

// watch reads f's conn from now on, and reports whether it can.
func (s *shard) watch(f *follower) bool {
	if s.poll.add(f) != nil {
		return false
	}
	s.wakeUp()
	return true
}

// add calls turn from time at on, whenever it asks for next, until the returned end is
// called. No turn is under way once end has returned.
func (s *shard) add(at, every time.Duration, m *Meter, turn func(time.Duration) time.Duration) (end func()) {
	w := &waking{at: at, every: every, turn: turn, meter: m}
	s.push(w)
	return func() {
		w.taking.Lock()
		w.ended = true
		w.taking.Unlock()
		s.drop(w)
	}
}

func (s *shard) push(w *waking) {
	s.mu.Lock()
	defer s.mu.Unlock()
	heap.Push(&s.queue, w)
	if w.index == 0 {
		s.wakeUp()
	}
}

func (s *shard) wakeUp() {
	select {
	case s.nudge <- struct{}{}:
	default:
	}
}

func (s *shard) drop(w *waking) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.index >= 0 && w.index < len(s.queue) && s.queue[w.index] == w {
		heap.Remove(&s.queue, w.index)
	}
}

// due takes the first waking if its time has come, and says when the first one is due.
func (s *shard) due(now time.Duration) (w *waking, at time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case len(s.queue) == 0:
		return nil, now + longestSleep
	case s.queue[0].at > now:
		return nil, s.queue[0].at
	}
	w = heap.Pop(&s.queue).(*waking)
	return w, w.at
}

func (s *shard) run(ctx context.Context) {
	defer s.poll.close()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.nudge:
		case <-timer.C:
		}
		timer.Reset(s.beat(ctx))
	}
}

// beat takes the turns that are due, reads what has come, and returns how long to sleep.
// Many turns fall into one beat of a shard that reads: they may be as late as it is long.
func (s *shard) beat(ctx context.Context) (sleep time.Duration) {
	for ctx.Err() == nil {
		now := time.Since(s.base)
		w, at := s.due(now)
		if w == nil {
			sleep = at - now
			break
		}
		s.wake(w, now)
	}
	if s.poll.look(time.Since(s.base)) {
		sleep = beatEvery
	}
	return sleep
}

// wake gives one bot its turn and queues the next.
func (s *shard) wake(w *waking, now time.Duration) {
	w.taking.Lock()
	defer w.taking.Unlock()
	if w.ended {
		return
	}
	w.meter.Lag(now-w.at, w.every)
	w.at = w.turn(now)
	s.push(w)
}
