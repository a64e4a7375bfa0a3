//go:build linux

package main

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// serial is a server that takes 500 ms for each request, one after the other.
type serial struct {
	turn   chan struct{} // holds one: whose turn it is. A mutex would stop the bubble's clock
	served int           // by who has the turn
	status int           // set once
}

func (s *serial) post(context.Context) (status int, text []byte, err error) {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	time.Sleep(500 * time.Millisecond)
	s.served++
	return s.status, []byte("{}"), nil
}

func (s *serial) close() {}

func serialJoiner(status int) (*joiner, *serial) {
	s := &serial{status: status, turn: make(chan struct{}, 1)}
	return &joiner{servers: []asker{s, s}}, s
}

// The last of ten joins, due after 900 ms, is answered after 5 s: it has waited for what
// was before it, and that counts.
func TestJoinsOnAScheduleCountTheWaitThatASlowServerMakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, s := serialJoiner(http.StatusOK)
		took, err := j.at(t.Context(), 10, time.Second)
		if err != nil || len(took) != 10 || s.served != 10 {
			t.Fatalf("%v, %d times, %d served", err, len(took), s.served)
		}
		if got := quantile(took, 0.99); got != 4100 {
			t.Errorf("the longest took %v ms, want 4100", got)
		}
		if got := quantile(took, 0); got != 500 {
			t.Errorf("the shortest took %v ms, want 500", got)
		}
	})
}

func TestTheMostJoinsAreThoseThatWereAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, _ := serialJoiner(http.StatusOK)
		if got, err := j.most(t.Context(), 2*time.Second); err != nil || got != 2 {
			t.Errorf("%v joins a second, %v; want 2", got, err)
		}
	})
}

func TestAJoinThatIsRefusedFailsTheSuite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, _ := serialJoiner(http.StatusServiceUnavailable)
		if _, err := j.most(t.Context(), time.Second); err == nil {
			t.Error("as many as there can be, though none was let in")
		}
		if _, err := j.at(t.Context(), 10, time.Second); err == nil {
			t.Error("on a schedule, though none was let in")
		}
	})
}
