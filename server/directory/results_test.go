package directory

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// wantResults checks which results are not delivered, in order.
func wantResults(t *testing.T, s *site, after uint64, limit int, want ...Result) []Result {
	t.Helper()
	got, err := s.Undelivered(t.Context(), after, limit)
	if err != nil || len(got) != len(want) {
		t.Fatalf("got %+v, %v; want %+v", got, err, want)
	}
	for i, listed := range got {
		whole, err := s.Result(t.Context(), listed.ID)
		if diff := cmp.Diff(want[i], whole, cmpopts.IgnoreFields(Result{}, "Seq", "Since", "Size", "Body")); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
		if !bytes.Equal(whole.Body, want[i].Body) {
			t.Errorf("%s: a body of %d bytes; want another of %d", listed.ID, len(whole.Body), len(want[i].Body))
		}
		if whole.Size != len(whole.Body) || whole.Since.IsZero() {
			t.Errorf("got %+v", whole)
		}
		if whole.Body = nil; !cmp.Equal(whole, listed) {
			t.Errorf("listed as %+v, is %+v", listed, whole)
		}
	}
	return got
}

func resultOrder(t *testing.T, s *site) {
	o := acquire(t, s, "r", "n1", 0)
	wantResults(t, s, 0, 10)
	waiting := func(n int) (oldest time.Time) {
		t.Helper()
		got, oldest, err := s.Waiting(t.Context())
		if got != n || err != nil || oldest.IsZero() != (n == 0) {
			t.Errorf("%d results wait since %v, %v; want %d", got, oldest, err, n)
		}
		return oldest
	}
	waiting(0)
	_, err := s.Result(t.Context(), "id0")
	wantErr(t, "no result", err, ErrUnknownResult)
	var all []Result
	for i := range 5 {
		r := Result{ID: fmt.Sprint("id", i), Key: fmt.Sprint("key", i%2), Owner: o, Body: []byte{byte(i), 0xff}}
		ok(t, "append", s.Append(t.Context(), r))
		all = append(all, r)
	}
	got := wantResults(t, s, 0, 10, all...)
	if oldest := waiting(5); !oldest.Equal(got[0].Since) {
		t.Errorf("the oldest is of %v, the first of %v", oldest, got[0].Since)
	}
	for i := 1; i < len(got); i++ {
		if got[i].Seq <= got[i-1].Seq {
			t.Errorf("Seq %d after %d", got[i].Seq, got[i-1].Seq)
		}
	}
	wantResults(t, s, 0, 2, all[:2]...)
	wantResults(t, s, got[1].Seq, 2, all[2:4]...)
	wantResults(t, s, got[4].Seq, 2)
	ok(t, "delivered", s.Delivered(t.Context(), "id1", "id3", "unknown"))
	wantResults(t, s, 0, 10, all[0], all[2], all[4])
	waiting(3)
	_, err = s.Result(t.Context(), "id1")
	wantErr(t, "a result delivered", err, ErrUnknownResult)
	long := Result{ID: "long", Key: "key0", Owner: o, Body: bytes.Repeat([]byte("result"), 500_000)}
	ok(t, "append of a long one", s.Append(t.Context(), long))
	wantResults(t, s, got[4].Seq, 10, long)
	ok(t, "delivered", s.Delivered(t.Context(), "long"))
	ok(t, "delivered again", s.Delivered(t.Context(), "id1"))
	ok(t, "release", s.Release(t.Context(), o))
	s.pass(5 * time.Minute)
	wantResults(t, s, 0, 10, all[0], all[2], all[4])
}

func resultFencing(t *testing.T, s *site) {
	old := acquire(t, s, "r", "n1", 0)
	r := Result{ID: "id", Key: "r", Owner: old, Body: []byte("1:0")}
	ok(t, "append", s.Append(t.Context(), r))
	r.Body = []byte("0:1")
	ok(t, "append again", s.Append(t.Context(), r))
	r.Body = []byte("1:0")
	wantResults(t, s, 0, 10, r)
	ok(t, "delivered", s.Delivered(t.Context(), "id"))
	ok(t, "append of what was delivered", s.Append(t.Context(), r))
	wantResults(t, s, 0, 10)
	s.pass(30 * time.Minute)
	ok(t, "append much later", s.Append(t.Context(), r))
	wantResults(t, s, 0, 10)

	old = acquire(t, s, "r", "n1", 0)
	successor := acquire(t, s, "r", "n1", 0)
	wantErr(t, "append by the old owner", s.Append(t.Context(), Result{ID: "late", Owner: old}), ErrFenced)
	ok(t, "release", s.Release(t.Context(), successor))
	last := Result{ID: "last", Key: "r", Owner: successor}
	ok(t, "append by who released the room", s.Append(t.Context(), last))
	wantErr(t, "append by the old owner", s.Append(t.Context(), Result{ID: "late", Owner: old}), ErrFenced)
	other := acquire(t, s, "other", "n1", 0)
	s.pass(testLease + time.Second)
	ok(t, "append by who nobody has succeeded", s.Append(t.Context(), Result{ID: "lapsed", Owner: other}))
	ok(t, "delivered", s.Delivered(t.Context(), "lapsed"))
	heir := acquire(t, s, "other", "n2", 0)
	wantErr(t, "append after another node's takeover", s.Append(t.Context(), Result{ID: "stale", Owner: other}), ErrFenced)
	ok(t, "release by the heir", s.Release(t.Context(), heir))
	wantErr(t, "append after the heir's end", s.Append(t.Context(), Result{ID: "stale", Owner: other}), ErrFenced)
	if got, err := s.Undelivered(t.Context(), 0, 10); err != nil || len(got) != 1 || got[0].ID != "last" {
		t.Errorf("got %+v, %v", got, err)
	}
}
