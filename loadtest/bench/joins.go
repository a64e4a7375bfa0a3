//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// joinersAtOnce is how many ask without a pause: enough to keep every core busy.
	joinersAtOnce = 64

	// joinTimeout bounds one join. One that takes as long has failed.
	joinTimeout = 10 * time.Second
)

// joiner asks for seats, at one address after the other.
type joiner struct {
	servers []asker
	turn    atomic.Int64
}

// asker asks one server for one seat.
type asker interface {
	post(context.Context) (status int, text []byte, err error)
	close()
}

func newJoiner(game string, urls ...string) *joiner {
	j := new(joiner)
	for _, url := range urls {
		j.servers = append(j.servers, newWire(url, "/v1/match", fmt.Sprintf(`{"game":%q,"name":"bench"}`, game)))
	}
	return j
}

func (j *joiner) close() {
	for _, s := range j.servers {
		s.close()
	}
}

// join asks for one seat.
func (j *joiner) join(ctx context.Context) error {
	status, text, err := j.servers[int(j.turn.Add(1))%len(j.servers)].post(ctx)
	if err == nil && status/100 != 2 {
		err = fmt.Errorf("a join was answered %d: %s", status, text)
	}
	return err
}

// most joins without a pause for so long, and returns how many a second that made.
func (j *joiner) most(ctx context.Context, hold time.Duration) (float64, error) {
	var joins atomic.Int64
	var first firstError
	var all sync.WaitGroup
	start := time.Now()
	for range joinersAtOnce {
		all.Go(func() {
			for time.Since(start) < hold && !first.happened() {
				if first.note(j.join(ctx)) {
					joins.Add(1)
				}
			}
		})
	}
	all.Wait()
	return float64(joins.Load()) / time.Since(start).Seconds(), first.err
}

// at joins at so many a second, each at its own time whatever became of those before, and
// returns how long each took from then on. What is late because the clients were late
// counts as well.
func (j *joiner) at(ctx context.Context, rate int, hold time.Duration) ([]time.Duration, error) {
	took := make([]time.Duration, int(float64(rate)*hold.Seconds()))
	var first firstError
	var all sync.WaitGroup
	defer all.Wait()
	start := time.Now()
	for i := range took {
		due := start.Add(time.Duration(i) * time.Second / time.Duration(rate))
		if err := wait(ctx, time.Until(due)); err != nil {
			return nil, err
		}
		all.Go(func() {
			first.note(j.join(ctx))
			took[i] = time.Since(due)
		})
	}
	all.Wait()
	slices.Sort(took)
	return took, first.err
}

// firstError keeps the first of the errors of many. Safe from any goroutine, but for err,
// which is read once all have ended.
type firstError struct {
	once sync.Once
	any  atomic.Bool
	err  error
}

// note reports whether there is no error.
func (f *firstError) note(err error) bool {
	if err != nil && !errors.Is(err, context.Canceled) {
		f.once.Do(func() { f.err = err; f.any.Store(true) })
	}
	return err == nil
}

func (f *firstError) happened() bool { return f.any.Load() }

// quantile of sorted times, in milliseconds.
func quantile(sorted []time.Duration, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return float64(sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]) / float64(time.Millisecond)
}
