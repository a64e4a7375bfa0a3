package results

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomtick/roomtick/room"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

var errNo = errors.New("no")

// studio is a Receiver whose answers a test decides.
type studio struct {
	name   string
	answer func(id string) Answer
	takes  time.Duration // each attempt

	mu    sync.Mutex // guards the following
	tried []string   // ids, in order
	got   []string   // those accepted
}

func (s *studio) Name() string { return s.name }

func (s *studio) Deliver(ctx context.Context, id string, _ []byte, _ int) Answer {
	time.Sleep(s.takes)
	a := Answer{}
	if s.answer != nil {
		a = s.answer(id)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tried = append(s.tried, id)
	if a.Verdict == Accepted {
		s.got = append(s.got, id)
	}
	return a
}

func (s *studio) accepted() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.got)
}

// attempts counts those with an id, all if it is empty.
func (s *studio) attempts(id string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tried {
		if t == id || id == "" {
			n++
		}
	}
	return n
}

// deliver runs fn in a bubble with a service that delivers to receivers.
func deliver(t *testing.T, fn func(t *testing.T, s *Service), receivers ...Receiver) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := New(Config{Store: NewMemory(), Receivers: receivers, Log: quiet()})
		defer s.Close()
		fn(t, s)
	})
}

// pass lets time pass, and everything that happens in it.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// matches hands over the results of rooms "0" to "n-1" and returns their ids.
func matches(t *testing.T, s *Service, from, to int) (ids []string) {
	t.Helper()
	for n := from; n < to; n++ {
		id := fmt.Sprint(n)
		select {
		case <-s.Take(room.Outcome{Room: id, Game: "tag", Result: []byte(id)}):
		case <-time.After(time.Minute):
			t.Fatalf("result %d is not saved", n)
		}
		ids = append(ids, IDOf(id))
	}
	return ids
}

func wantIDs(t *testing.T, got, want []string) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the receiver has %d results %.40v, want %d %.40v", len(got), got, len(want), want)
	}
}

func TestResultsArriveInOrderAndAreThenForgotten(t *testing.T) {
	to := &studio{takes: time.Millisecond}
	deliver(t, func(t *testing.T, s *Service) {
		ids := matches(t, s, 0, 200)
		pass(time.Second)
		wantIDs(t, to.accepted(), ids)
		if n, _, _ := s.store.Count(t.Context()); n != 0 || len(s.ledger.tale) != 0 {
			t.Errorf("%d wait, %d are remembered", n, len(s.ledger.tale))
		}
	}, to)
}

func TestAnOutageOfAnyKindKeepsTheOrderNearly(t *testing.T) {
	for _, row := range []struct {
		verdict   Verdict
		displaced int // by the results that were tried instead of the oldest
	}{{Away, 0}, {Failed, 1}} {
		var up atomic.Bool
		to := &studio{answer: func(string) Answer {
			if !up.Load() {
				return Answer{Verdict: row.verdict, Err: errNo}
			}
			return Answer{}
		}}
		deliver(t, func(t *testing.T, s *Service) {
			ids := matches(t, s, 0, 50)
			pass(time.Hour)
			if n := to.attempts(""); n < 50 || n > 400 {
				t.Errorf("%v: %d attempts in an hour without a receiver", row.verdict, n)
			}
			up.Store(true)
			pass(3 * backoffMost)
			synctest.Wait()
			got, displaced := to.accepted(), 0
			for i, id := range got {
				if i > 0 && slices.Index(ids, id) < slices.Index(ids, got[i-1]) {
					displaced++
				}
			}
			if len(got) != 50 || displaced > row.displaced {
				t.Errorf("%v: %d arrived, %d of them after a later one", row.verdict, len(got), displaced)
			}
		}, to)
	}
}

func TestResultsThatNobodyAcceptsHoldUpNoOther(t *testing.T) {
	for _, verdict := range []Verdict{Refused, Failed} {
		bad := make(map[string]bool)
		var cured atomic.Bool
		for n := range 20 {
			bad[IDOf(fmt.Sprint(n*2))] = true
		}
		to := &studio{answer: func(id string) Answer {
			if bad[id] && !cured.Load() {
				return Answer{Verdict: verdict, Err: errNo}
			}
			return Answer{}
		}}
		deliver(t, func(t *testing.T, s *Service) {
			ids := matches(t, s, 0, 100)
			pass(5 * time.Minute)
			var good []string
			for _, id := range ids {
				if !bad[id] {
					good = append(good, id)
				}
			}
			got := to.accepted()
			slices.Sort(got)
			slices.Sort(good)
			wantIDs(t, got, good)
			start := time.Now()
			late := matches(t, s, 100, 101)
			for !slices.Contains(to.accepted(), late[0]) && time.Since(start) < time.Hour {
				pass(time.Second)
			}
			if took := time.Since(start); took > 2*backoffMost {
				t.Errorf("%v: a good result arrived after %v", verdict, took)
			}
			pass(time.Hour)
			if n := to.attempts(ids[0]); n < 60 || n > 600 {
				t.Errorf("%v: %d attempts at a bad result in an hour", verdict, n)
			}
			cured.Store(true)
			pass(3 * backoffMost)
			if n, _, _ := s.store.Count(t.Context()); n != 0 {
				t.Errorf("%v: %d results still wait", verdict, n)
			}
		}, to)
	}
}

func TestOneBadResultAloneDelaysTheNextOneByNothing(t *testing.T) {
	bad := IDOf("0")
	to := &studio{answer: func(id string) Answer {
		if id == bad {
			return Answer{Verdict: Failed, Err: errNo}
		}
		return Answer{}
	}}
	for minutes := range 20 {
		to.got = nil
		deliver(t, func(t *testing.T, s *Service) {
			matches(t, s, 0, 1)
			pass(time.Hour + time.Duration(minutes)*time.Minute) // its backoff is at its longest
			ids := matches(t, s, 1, 3)
			synctest.Wait()
			wantIDs(t, to.accepted(), ids)
		}, to)
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	var asked []time.Time
	to := &studio{answer: func(string) Answer {
		asked = append(asked, time.Now())
		if len(asked) == 1 {
			return Answer{Verdict: Away, After: 10 * time.Minute, Err: errNo}
		}
		return Answer{}
	}}
	deliver(t, func(t *testing.T, s *Service) {
		matches(t, s, 0, 2)
		pass(time.Hour)
		if len(asked) != 3 || asked[1].Sub(asked[0]) != 10*time.Minute {
			t.Errorf("asked at %v", asked)
		}
	}, to)
}

func TestEveryReceiverGetsEveryResultWhateverTheOthersDo(t *testing.T) {
	var up atomic.Bool
	dead := &studio{name: "a", answer: func(string) Answer {
		if !up.Load() {
			return Answer{Verdict: Away, Err: errNo}
		}
		return Answer{}
	}}
	alive := &studio{name: "b"}
	deliver(t, func(t *testing.T, s *Service) {
		ids := matches(t, s, 0, 30)
		pass(time.Hour)
		wantIDs(t, alive.accepted(), ids)
		if n, _, _ := s.store.Count(t.Context()); n != 30 {
			t.Errorf("%d wait for the other receiver, want 30", n)
		}
		up.Store(true)
		pass(time.Hour)
		wantIDs(t, dead.accepted(), ids)
		wantIDs(t, alive.accepted(), ids) // once each
		if n, _, _ := s.store.Count(t.Context()); n != 0 || len(s.ledger.tale) != 0 {
			t.Errorf("%d wait, %d are remembered", n, len(s.ledger.tale))
		}
	}, dead, alive)
}

// brittle is a store whose calls fail while broken.
type brittle struct {
	Store
	broken atomic.Bool
}

func (b *brittle) fail() error {
	if b.broken.Load() {
		return io.ErrUnexpectedEOF
	}
	return nil
}

func (b *brittle) Append(ctx context.Context, o Owner, id string, body []byte) error {
	if err := b.fail(); err != nil {
		return err
	}
	return b.Store.Append(ctx, o, id, body)
}

func (b *brittle) Done(ctx context.Context, id string) error {
	if err := b.fail(); err != nil {
		return err
	}
	return b.Store.Done(ctx, id)
}

func TestAStoreThatFailsForAWhileLosesNothingAndDoublesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to, store := &studio{takes: time.Second}, &brittle{Store: NewMemory()}
		s := New(Config{Store: store, Receivers: []Receiver{to}, Log: quiet()})
		defer s.Close()
		first := matches(t, s, 0, 1)
		store.broken.Store(true) // while the first is on its way: Done fails
		saved := s.Take(room.Outcome{Room: "1"})
		pass(time.Minute)
		select {
		case <-saved:
			t.Error("said to be saved by a broken store")
		default:
		}
		store.broken.Store(false)
		<-saved
		pass(2 * time.Minute)
		wantIDs(t, to.accepted(), append(first, IDOf("1")))
		if n, _, _ := s.store.Count(t.Context()); n != 0 {
			t.Errorf("%d wait", n)
		}
	})
}

func TestFunctionsThatPanicOrFailAreAskedAgain(t *testing.T) {
	var got []Result
	calls := 0
	deliver(t, func(t *testing.T, s *Service) {
		matches(t, s, 0, 1)
		pass(time.Hour)
		if len(got) != 1 || calls != 3 || string(got[0].Result) != "0" || got[0].Game != "tag" || got[0].ID != IDOf("0") {
			t.Errorf("%d calls, %+v", calls, got)
		}
	}, Func(func(_ context.Context, r Result) error {
		switch calls++; calls {
		case 1:
			panic("first")
		case 2:
			return errNo
		}
		got = append(got, r)
		return nil
	}))
}

func TestOperatorsSeeWhatWaitsAndWhyAndMayDropIt(t *testing.T) {
	to := &studio{answer: func(string) Answer { return Answer{Verdict: Refused, Err: errNo} }}
	deliver(t, func(t *testing.T, s *Service) {
		ids := matches(t, s, 0, 3)
		pass(time.Minute)
		list, err := s.Waiting(t.Context(), 0, 2)
		if err != nil || len(list) != 2 || list[0].ID != ids[0] || list[0].Error != "no" || list[0].Attempts == 0 || list[1].Room != "1" {
			t.Errorf("waiting: %+v, %v", list, err)
		}
		if err := s.Drop(t.Context(), ids[0]); err != nil {
			t.Error(err)
		}
		if err := s.Drop(t.Context(), ids[0]); !errors.Is(err, ErrGone) {
			t.Errorf("dropped twice: %v", err)
		}
		before := to.attempts(ids[0])
		pass(time.Hour)
		if list, _ = s.Waiting(t.Context(), 0, 10); len(list) != 2 || to.attempts(ids[0]) > before {
			t.Errorf("after the drop %+v", list)
		}
	}, to)
}

func TestLogsNeverShowAResult(t *testing.T) {
	var log strings.Builder
	synctest.Test(t, func(t *testing.T) {
		to := &studio{answer: func(string) Answer { return Answer{Verdict: Refused, Err: errNo} }}
		s := New(Config{Store: NewMemory(), Receivers: []Receiver{to}, Log: slog.New(slog.NewTextHandler(&log, nil))})
		s.Take(room.Outcome{Room: "1", Result: []byte(`"canary"`), Players: []room.Player{{}}})
		pass(time.Minute)
		s.Close()
	})
	if !strings.Contains(log.String(), IDOf("1")) || strings.Contains(log.String(), "canary") {
		t.Errorf("the log says\n%s", log.String())
	}
}
