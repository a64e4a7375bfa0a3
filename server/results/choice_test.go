package results

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// failing is a studio that fails at these results.
func failing(rooms ...string) *studio {
	var bad []string
	for _, room := range rooms {
		bad = append(bad, IDOf(room))
	}
	return &studio{answer: func(id string) Answer {
		if slices.Contains(bad, id) {
			return Answer{Verdict: Failed, Err: errNo}
		}
		return Answer{}
	}}
}

// order is the rooms whose results were tried, in order.
func (s *studio) order(ids []string) (rooms []int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range s.tried {
		rooms = append(rooms, slices.Index(ids, id))
	}
	return rooms
}

// The oldest is every second one that is tried, so that it comes first when the receiver is
// back; the others take turns, so that one that would be accepted is found.
func TestAfterAFailureAnotherIsTriedAndThenTheOldestAgain(t *testing.T) {
	to := failing("0", "1", "2", "3")
	deliver(t, func(t *testing.T, s *Service) {
		ids := matches(t, s, 0, 4)
		pass(3 * time.Hour)
		got := to.order(ids)
		if want := []int{0, 1, 0, 2, 0, 3, 0}; len(got) < 20 || !slices.Equal(got[:len(want)], want) {
			t.Errorf("tried %v, want %v and so on", got, want)
		}
		for room := 1; room < 4; room++ {
			if n := to.attempts(ids[room]); n < 3 {
				t.Errorf("%d was tried %d times in %v", room, n, got)
			}
		}
	}, to)
}

func TestAfterAnotherWasAcceptedTheOldestHasItsTurn(t *testing.T) {
	to := failing("0")
	deliver(t, func(t *testing.T, s *Service) {
		to.takes = time.Millisecond // all are there before the second is tried
		ids := matches(t, s, 0, 6)
		pass(time.Minute)
		if got := to.order(ids); len(got) < 6 || !slices.Equal(got[:3], []int{0, 1, 0}) {
			t.Errorf("tried %v, want 0 1 0 and so on", got)
		}
	}, to)
}

// Whatever the last attempt was, a result that comes after a failure shows at once whether
// it was the receiver's.
func TestASingleNewResultIsTriedAtOnceThoughTheOldestFails(t *testing.T) {
	var both sync.Map // parity of the attempts before
	for minutes := range 20 {
		to := failing("0")
		deliver(t, func(t *testing.T, s *Service) {
			ids := matches(t, s, 0, 1)
			pass(time.Hour + time.Duration(minutes)*time.Minute)
			both.Store(to.attempts(ids[0])%2, true)
			late := matches(t, s, 1, 2)
			synctest.Wait()
			wantIDs(t, to.accepted(), late)
		}, to)
	}
	for parity := range 2 {
		if _, seen := both.Load(parity); !seen {
			t.Errorf("never after %d attempts of two", parity)
		}
	}
}
