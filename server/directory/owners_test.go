package directory

import (
	"errors"
	"testing"
	"time"
)

func roomLook(t *testing.T, s *site) {
	l := publish(t, s, "r", Listing{Game: "g", MaxPlayers: 8, Players: 3, Look: 2})
	s.pass(4 * time.Second)
	early := l
	early.Players, early.Look = 1, 1
	ok(t, "renew", s.Renew(t.Context(), early))
	got, err := s.Lookup(t.Context(), "r")
	if err != nil || got.Players != 3 {
		t.Errorf("an earlier look was published: %+v, %v", got, err)
	}
	s.pass(4 * time.Second)
	if _, err := s.Lookup(t.Context(), "r"); err != nil {
		t.Errorf("it did not renew the lease: %v", err)
	}
	next := Listing{Owner: acquire(t, s, "r", "n1", 0), Players: 5, MaxPlayers: 8, Look: 1}
	ok(t, "renew", s.Renew(t.Context(), next))
	if got, err := s.Lookup(t.Context(), "r"); err != nil || got.Players != 5 {
		t.Errorf("the next owner's first look was not: %+v, %v", got, err)
	}
}

func roomBatch(t *testing.T, s *site) {
	var rooms []Listing
	for _, room := range []string{"a", "b", "c", "d"} {
		rooms = append(rooms, Listing{Owner: acquire(t, s, room, "n1", 0), Game: "g"})
	}
	acquire(t, s, "b", "n1", 0)
	rooms[2].Properties = Properties{"x": []int{1}}
	rooms[3].Code = "ABC"
	publish(t, s, "e", Listing{Game: "h", Code: "ABC"})
	err := s.Renew(t.Context(), rooms...)
	var failed RoomErrors
	if !errors.As(err, &failed) || len(failed) != 3 {
		t.Fatalf("got %v", err)
	}
	wantErr(t, "b", failed["b"], ErrFenced)
	wantErr(t, "c", failed["c"], ErrInvalid)
	wantErr(t, "d", failed["d"], ErrCodeTaken)
	wantErr(t, "all", err, ErrFenced)
	wantFound(t, s, Query{Game: "g"}, rooms[0])
	ok(t, "renew of none", s.Renew(t.Context()))
}

func roomLoss(t *testing.T, s *site) {
	old := publish(t, s, "r", Listing{Game: "g", MaxPlayers: 4, Code: "ABC"})
	quiet := publish(t, s, "quiet", Listing{Game: "g", MaxPlayers: 4})
	newer := old
	newer.Owner = acquire(t, s, "r", "n1", 0)
	if s.lose == nil { // then others cannot have lost it either
		wantErr(t, "renew", s.Renew(t.Context(), old), ErrFenced)
		return
	}
	ok(t, "renew", s.Renew(t.Context(), newer))
	wantFound(t, s, Query{}, quiet, newer)
	s.lose()
	wantFound(t, s, Query{})
	_, err := s.Acquire(t.Context(), "r", "n2", newer.Epoch)
	wantErr(t, "takeover of what may still run", err, ErrFenced)
	ok(t, "renewal by an owner of whose successor nothing is known", s.Renew(t.Context(), old))
	wantFound(t, s, Query{}, old)
	ok(t, "renewal by the successor", s.Renew(t.Context(), newer))
	wantFound(t, s, Query{}, newer)
	wantErr(t, "renew", s.Renew(t.Context(), old), ErrFenced)
	if l, err := s.ByCode(t.Context(), "ABC"); err != nil || l.Owner != newer.Owner {
		t.Errorf("by code: %+v, %v", l, err)
	}
	s.pass(7 * time.Second)
	if next := acquire(t, s, "quiet", "n2", quiet.Epoch); next.Epoch <= quiet.Epoch {
		t.Errorf("epoch %d after %d", next.Epoch, quiet.Epoch)
	}
}
