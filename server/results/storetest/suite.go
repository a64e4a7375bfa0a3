// Package storetest is the conformance suite of results.Store: every implementation runs it.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/roomtick/roomtick/server/results"
)

// Run runs the suite. open returns a store that is empty; reopen, if it is not nil, closes
// one as its process would and opens it again.
func Run(t *testing.T, open func(t *testing.T) results.Store, reopen func(t *testing.T, s results.Store) results.Store) {
	for name, test := range map[string]func(*testing.T, results.Store){
		"results come back in the order in which they were appended": order,
		"an id is kept once, whether it waits or is done":            once,
		"what is done is gone":                                       done,
		"appends from many goroutines are all kept once":             parallel,
		"bodies may be empty and long":                               bodies,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
	if reopen != nil {
		t.Run("what waits is there when it is opened again", func(t *testing.T) { again(t, open(t), reopen) })
	}
}

// list returns the ids that wait, by pages of two.
func list(t *testing.T, s results.Store) (ids []string) {
	t.Helper()
	for after := uint64(0); ; {
		page, err := s.List(context.Background(), after, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			return ids
		}
		for _, e := range page {
			if e.Seq <= after {
				t.Fatalf("%s has seq %d, listed after %d", e.ID, e.Seq, after)
			}
			after = e.Seq
			ids = append(ids, e.ID)
		}
	}
}

func add(t *testing.T, s results.Store, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if err := s.Append(context.Background(), results.Owner{}, id, []byte("body of "+id)); err != nil {
			t.Fatal(err)
		}
	}
}

func finish(t *testing.T, s results.Store, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if err := s.Done(context.Background(), id); err != nil {
			t.Fatal(err)
		}
	}
}

// want compares what waits with what should.
func want(t *testing.T, s results.Store, ids ...string) {
	t.Helper()
	if got := list(t, s); fmt.Sprint(got) != fmt.Sprint(ids) {
		t.Errorf("%v wait, want %v", got, ids)
	}
	n, oldest, err := s.Count(context.Background())
	if n != len(ids) || err != nil || (n > 0) == oldest.IsZero() {
		t.Errorf("%d are said to wait, since %v, %v; want %d", n, oldest, err, len(ids))
	}
	for _, id := range ids {
		if b, err := s.Load(context.Background(), id); string(b) != "body of "+id || err != nil {
			t.Errorf("the body of %s is %q, %v", id, b, err)
		}
	}
}

func order(t *testing.T, s results.Store) {
	want(t, s)
	add(t, s, "c", "a", "b")
	want(t, s, "c", "a", "b")
	finish(t, s, "a")
	add(t, s, "0")
	want(t, s, "c", "b", "0")
}

func once(t *testing.T, s results.Store) {
	add(t, s, "a", "b", "a")
	want(t, s, "a", "b")
	finish(t, s, "a")
	add(t, s, "a")
	want(t, s, "b")
}

func done(t *testing.T, s results.Store) {
	add(t, s, "a", "b")
	finish(t, s, "b", "b", "never")
	if _, err := s.Load(context.Background(), "b"); !errors.Is(err, results.ErrGone) {
		t.Errorf("loading what is done: %v", err)
	}
	want(t, s, "a")
	finish(t, s, "a")
	want(t, s)
}

func parallel(t *testing.T, s results.Store) {
	var wg sync.WaitGroup
	for n := range 300 {
		wg.Go(func() {
			id := fmt.Sprint(n % 100) // each three times
			if err := s.Append(context.Background(), results.Owner{}, id, []byte("body of "+id)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	ids := list(t, s)
	seen := make(map[string]bool)
	for _, id := range ids {
		seen[id] = true
	}
	if len(ids) != 100 || len(seen) != 100 {
		t.Errorf("%d results wait, %d ids; want 100", len(ids), len(seen))
	}
}

func bodies(t *testing.T, s results.Store) {
	long := make([]byte, 3<<20)
	for i := range long {
		long[i] = byte(i * i >> 3)
	}
	for id, body := range map[string][]byte{"empty": {}, "long": long} {
		if err := s.Append(context.Background(), results.Owner{}, id, body); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Load(context.Background(), id); string(got) != string(body) || err != nil {
			t.Errorf("%s: %d bytes, %v; want %d", id, len(got), err, len(body))
		}
	}
}

func again(t *testing.T, s results.Store, reopen func(*testing.T, results.Store) results.Store) {
	add(t, s, "a", "b", "c", "d")
	finish(t, s, "b")
	s = reopen(t, s)
	want(t, s, "a", "c", "d")
	add(t, s, "e", "c")
	finish(t, s, "a")
	s = reopen(t, s)
	want(t, s, "c", "d", "e")
	finish(t, s, "c", "d", "e")
	s = reopen(t, s)
	want(t, s)
}
