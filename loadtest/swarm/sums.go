package swarm

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/roomtick/roomtick/loadtest/client"
	"github.com/roomtick/roomtick/loadtest/report"
)

// sums are what the bots that have left add up to, and the joins. Guarded by the swarm.
type sums struct {
	joining  int
	totals   report.Totals // joins, retries, churned, missing, short; the rest is worked out
	counts   client.Counts // of bots that have left
	covered  int64
	measures *client.Measures
	delta    report.DeltaBytes
	rooms    map[string]bool
	closes   map[int]int64
	failures tally
	short    []shortfall // one for each bot
	worst    report.Silence
}

func newSums() sums {
	return sums{
		measures: client.NewMeasures(), delta: report.NewDeltaBytes(),
		rooms: make(map[string]bool), closes: make(map[int]int64),
	}
}

// maxReasons bounds the different failures told in words.
const maxReasons = 8

// tally counts failures that say the same but for numbers.
type tally struct {
	kinds []*failure
	more  int // of kinds beyond maxReasons
}

type failure struct {
	key, text string
	count     int
}

func (t *tally) add(text string) {
	key := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return -1
		}
		return r
	}, text)
	for _, f := range t.kinds {
		if f.key == key {
			f.count++
			return
		}
	}
	if len(t.kinds) == maxReasons {
		t.more++
		return
	}
	t.kinds = append(t.kinds, &failure{key: key, text: text, count: 1})
}

// words lists them, each once.
func (t *tally) words() []string {
	all := []string{}
	for _, f := range t.kinds {
		if f.count > 1 {
			all = append(all, fmt.Sprintf("%s (x %d)", f.text, f.count))
		} else {
			all = append(all, f.text)
		}
	}
	if t.more > 0 {
		all = append(all, fmt.Sprintf("and %d more", t.more))
	}
	return all
}

func (s *swarm) count(change func(*sums)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.sums)
}

// patience is how long a join that the end of the run cuts short may have waited
// without counting as one that failed.
const patience = time.Second

// refused books a join that came to nothing.
func (s *swarm) refused(ctx context.Context, err error, waited time.Duration) {
	s.count(func(t *sums) {
		if ctx.Err() != nil && waited < patience {
			t.totals.Aborted++ // the end of the run, or of the ramp
			return
		}
		t.totals.NotIn++
		t.failures.add(fmt.Sprintf("not let in: %v", err))
	})
}

func (s *swarm) joined(b *client.Bot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sums.totals.Joined++
	s.live[b] = true
}

// left books a bot that has left.
func (s *swarm) left(b *client.Bot) {
	r := b.Result()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.live, b)
	t := &s.sums
	t.counts.Add(&r.Counts)
	t.covered += r.Covered
	t.delta.Add(&r.Delta)
	t.rooms[r.Room] = true
	t.totals.Live += r.Live.Seconds()
	t.totals.Retries += int64(r.Retries)
	now := time.Since(s.start)
	t.short = append(t.short, shortfall{
		name: r.Name, room: r.Room, due: r.Counts.Due, missing: r.Counts.Due - r.Covered, tail: r.Tail, conns: 1 + r.Counts.Resumes,
		onTheWay: s.settings.onTheWay(r.Every), from: now - r.Live, to: now, every: r.Every,
	})
	if ms := float64(r.Silence.Length) / float64(time.Millisecond); ms > t.worst.Length {
		t.worst = report.Silence{Bot: r.Name, Room: r.Room, From: r.Silence.From.Sub(s.start).Seconds(), Length: ms}
	}
	for code, n := range r.Closes {
		t.closes[code] += n
	}
	for _, note := range r.Notes {
		t.failures.add(fmt.Sprintf("%s: %s", r.Name, note))
	}
}
