package results

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomtick/roomtick/server/directory"
)

func TestEveryNodeListsWhatWaitsAndNoneRemembersWhatAnotherEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := directory.NewMemory(6 * time.Second)
		to := &studio{answer: func(string) Answer { return Answer{Verdict: Refused, Err: errNo} }}
		var nodes []*Service
		for _, id := range []string{"n1", "n2"} {
			s := New(Config{Store: NewShared(dir, id), Receivers: []Receiver{to}, Log: quiet()})
			defer s.Close()
			nodes = append(nodes, s)
			synctest.Wait() // n1 delivers
		}
		ids := matches(t, nodes[1], 0, 3)
		pass(time.Minute)
		for i, s := range nodes {
			if list, err := s.Waiting(t.Context(), 0, 10); err != nil || len(list) != 3 {
				t.Errorf("node %d lists %+v, %v; want all three", i+1, list, err)
			}
		}
		if n := len(nodes[0].ledger.tale); n != 3 {
			t.Fatalf("the node that delivers remembers %d results that were refused", n)
		}
		for _, id := range ids[:2] {
			if err := nodes[1].Drop(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		pass(2 * backoffMost)
		if n := len(nodes[0].ledger.tale); n != 1 {
			t.Errorf("the node that delivers remembers %d results; one waits", n)
		}
	})
}
