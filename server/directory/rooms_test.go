package directory

import (
	"testing"
	"time"
)

func roomLookup(t *testing.T, s *site) {
	o := acquire(t, s, "r", "n1", 0)
	got, err := s.Lookup(t.Context(), "r")
	if err != nil || got.Owner != o {
		t.Errorf("got %+v, %v", got, err)
	}
	_, err = s.Lookup(t.Context(), "other")
	wantErr(t, "another room", err, ErrUnknownRoom)
	_, err = s.Lookup(t.Context(), "")
	wantErr(t, "no room", err, ErrUnknownRoom)
}

func roomEpochs(t *testing.T, s *site) {
	first := acquire(t, s, "r", "n1", 0)
	if now := uint64(time.Now().Add(-time.Second).UnixMicro()); first.Epoch < now {
		t.Errorf("first epoch %d is below the clock, %d", first.Epoch, now)
	}
	again := acquire(t, s, "r", "n1", 0)
	if again.Epoch <= first.Epoch {
		t.Errorf("epoch %d after %d", again.Epoch, first.Epoch)
	}
	floor := again.Epoch + 1e9
	high := acquire(t, s, "r", "n1", floor)
	if high.Epoch <= floor {
		t.Errorf("epoch %d for floor %d", high.Epoch, floor)
	}
	ok(t, "release", s.Release(t.Context(), high))
	if back := acquire(t, s, "r", "n2", 0); back.Epoch <= high.Epoch {
		t.Errorf("epoch %d after a release of %d", back.Epoch, high.Epoch)
	}
	s.pass(5 * time.Minute) // nobody remembers the room
	if late := acquire(t, s, "r", "n2", 0); late.Epoch <= high.Epoch {
		t.Errorf("epoch %d long after %d", late.Epoch, high.Epoch)
	}
	_, err := s.Acquire(t.Context(), "x", "n1", 1<<53)
	wantErr(t, "a floor that numbers of scripts cannot hold", err, ErrInvalid)
}

func roomLease(t *testing.T, s *site) {
	o := acquire(t, s, "r", "n1", 0)
	_, err := s.Acquire(t.Context(), "r", "n2", 0)
	wantErr(t, "lease just begun", err, ErrFenced)

	s.pass(4 * time.Second)
	ok(t, "renew", s.Renew(t.Context(), Listing{Owner: o}))
	s.pass(4 * time.Second)
	_, err = s.Acquire(t.Context(), "r", "n2", 0)
	wantErr(t, "lease renewed", err, ErrFenced)

	s.pass(3 * time.Second)
	_, err = s.Lookup(t.Context(), "r")
	wantErr(t, "lookup after the lease", err, ErrUnknownRoom)
	if next := acquire(t, s, "r", "n2", 0); next.Epoch <= o.Epoch {
		t.Errorf("successor's epoch %d after %d", next.Epoch, o.Epoch)
	}
}

func roomSuperseded(t *testing.T, s *site) {
	old := acquire(t, s, "r", "n1", 0)
	successor := acquire(t, s, "r", "n1", 0)
	wantErr(t, "renew", s.Renew(t.Context(), Listing{Owner: old}), ErrFenced)
	wantErr(t, "confirm", s.Confirm(t.Context(), "x", Listing{Owner: old}), ErrFenced)
	wantErr(t, "release", s.Release(t.Context(), old), ErrFenced)
	if got, err := s.Lookup(t.Context(), "r"); err != nil || got.Owner != successor {
		t.Errorf("the old owner changed the room: %+v, %v", got, err)
	}
	impostor := successor
	impostor.Node = "n2"
	wantErr(t, "renew by another node", s.Renew(t.Context(), Listing{Owner: impostor}), ErrFenced)
	ok(t, "release", s.Release(t.Context(), successor))
	wantErr(t, "renew of a room released", s.Renew(t.Context(), Listing{Owner: successor}), ErrFenced)
	s.pass(30 * time.Second) // as long as a process may be frozen
	wantErr(t, "renew long after", s.Renew(t.Context(), Listing{Owner: successor}), ErrFenced)
	wantErr(t, "renew of the old owner", s.Renew(t.Context(), Listing{Owner: old}), ErrFenced)
	ok(t, "release again", s.Release(t.Context(), successor))
}

func roomRevived(t *testing.T, s *site) {
	l := publish(t, s, "r", Listing{Game: "arena", MaxPlayers: 4, Code: "ABC"})
	s.pass(7 * time.Second)
	wantFound(t, s, Query{})
	ok(t, "renew after the lease", s.Renew(t.Context(), l))
	wantFound(t, s, Query{}, l)
	s.pass(7 * time.Second)
	next := acquire(t, s, "r", "n2", 0)
	wantFound(t, s, Query{})
	wantErr(t, "renew after a takeover", s.Renew(t.Context(), l), ErrFenced)
	l.Owner = next
	ok(t, "renew by the successor", s.Renew(t.Context(), l))
	wantFound(t, s, Query{}, l)
}

func roomFind(t *testing.T, s *site) {
	b, a := acquire(t, s, "b", "n1", 0), acquire(t, s, "a", "n2", 0)
	wantFound(t, s, Query{})
	la := Listing{Owner: a, Game: "arena", Players: 1, MaxPlayers: 8, Tick: 5, TickRate: 20}
	lb := Listing{
		Owner: b, Game: "chess", Mode: "blitz", Region: "eu", Build: "7", Players: 2, Bots: 1, Reserved: 1, MaxPlayers: 9,
		Spectators: 3, MaxSpectators: 4, Locked: true, Begun: true, Password: true, Code: "KLM",
		Properties: Properties{"map": "dust", "level": 3.5, "ranked": true}, Created: time.Unix(1700000000, 0).UTC(),
	}
	ok(t, "renew", s.Renew(t.Context(), lb, la))
	wantFound(t, s, Query{}, la, lb)
	wantFound(t, s, Query{Game: "arena"}, la)
	wantFound(t, s, Query{Game: "chess"}, lb)
	wantFound(t, s, Query{Game: "go"})
	wantFound(t, s, Query{Limit: 1}, la)
	wantFound(t, s, Query{After: "a"}, lb)
	wantFound(t, s, Query{After: "a", Limit: 9}, lb)
	wantFound(t, s, Query{After: "aa", Game: "arena"})
	wantFound(t, s, Query{After: "b"})
	if lb.Free() != 5 {
		t.Errorf("%d seats free", lb.Free())
	}
	ok(t, "release", s.Release(t.Context(), a))
	wantFound(t, s, Query{}, lb)
	lb.Players, lb.Locked = 3, false
	ok(t, "renew", s.Renew(t.Context(), lb))
	wantFound(t, s, Query{}, lb)
	s.pass(7 * time.Second)
	wantFound(t, s, Query{})
	s.pass(5 * time.Minute) // a reader who was away learns it, too
	wantFound(t, s, Query{})
}

func roomFilters(t *testing.T, s *site) {
	low, high := 3.0, 5.0
	a := publish(t, s, "a", Listing{Game: "g", Mode: "duel", Region: "eu", Build: "1", MaxPlayers: 4, Properties: Properties{"map": "dust", "level": 4.0}})
	b := publish(t, s, "b", Listing{Game: "g", Mode: "team", Region: "us", Build: "2", MaxPlayers: 2, Properties: Properties{"map": "ice", "level": 6.0, "ranked": true}})
	c := publish(t, s, "c", Listing{Game: "g", MaxPlayers: 9, Locked: true})
	d := publish(t, s, "d", Listing{Game: "g", MaxPlayers: 9, Begun: true})
	wantFound(t, s, Query{Mode: "duel"}, a)
	wantFound(t, s, Query{Region: "us"}, b)
	wantFound(t, s, Query{Build: "1"}, a)
	wantFound(t, s, Query{Free: 1}, a, b)
	wantFound(t, s, Query{Free: 3}, a)
	for name, f := range map[string]struct {
		on   string
		cond Condition
		want []Listing
	}{
		"a string":          {"map", Condition{In: []any{"dust"}}, []Listing{a}},
		"one of a set":      {"map", Condition{In: []any{"dust", "ice"}}, []Listing{a, b}},
		"nothing":           {"map", Condition{In: []any{}}, nil},
		"a range":           {"level", Condition{Min: &low, Max: &high}, []Listing{a}},
		"a lower bound":     {"level", Condition{Min: &low}, []Listing{a, b}},
		"an upper bound":    {"level", Condition{Max: &low}, nil},
		"a number":          {"level", Condition{In: []any{6.0}}, []Listing{b}},
		"a bool":            {"ranked", Condition{In: []any{true}}, []Listing{b}},
		"another type":      {"level", Condition{In: []any{"6"}}, nil},
		"a range of words":  {"map", Condition{Min: &low}, nil},
		"what nobody has":   {"x", Condition{In: []any{true}}, nil},
		"a bound of nobody": {"x", Condition{Min: &low}, nil},
	} {
		t.Log(name)
		wantFound(t, s, Query{Filter: map[string]Condition{f.on: f.cond}}, f.want...)
	}
	wantFound(t, s, Query{Game: "g"}, a, b, c, d)
}

func roomSorts(t *testing.T, s *site) {
	day := time.Unix(1700000000, 0).UTC()
	a := publish(t, s, "a", Listing{Game: "g", Region: "eu", MaxPlayers: 8, Players: 1, Created: day})
	b := publish(t, s, "b", Listing{Game: "g", Region: "us", MaxPlayers: 8, Players: 7, Created: day.Add(-time.Hour)})
	c := publish(t, s, "c", Listing{Game: "g", Region: "eu", MaxPlayers: 8, Players: 5, Created: day.Add(-time.Hour)})
	d := publish(t, s, "d", Listing{Game: "g", Region: "asia", MaxPlayers: 8, Players: 8, Created: day.Add(-time.Minute)})
	e := publish(t, s, "e", Listing{Game: "h", Region: "eu", MaxPlayers: 8, Players: 5, Created: day.Add(time.Minute)})
	wantFound(t, s, Query{Sort: ByFill}, d, b, c, e, a)
	wantFound(t, s, Query{Sort: ByFill, Free: 2, Limit: 2}, c, e)
	wantFound(t, s, Query{Sort: ByFill, Game: "g", Free: 1}, b, c, a)
	wantFound(t, s, Query{Sort: ByAge}, b, c, d, a, e)
	wantFound(t, s, Query{Sort: ByAge, Limit: 3, Game: "g"}, b, c, d)
	near := map[string]float64{"us": 20, "eu": 90}
	wantFound(t, s, Query{Sort: ByLatency, Latencies: near}, b, c, e, a, d)
	wantFound(t, s, Query{Sort: ByLatency, Latencies: near, Free: 1, Limit: 2}, b, c)
	wantFound(t, s, Query{Sort: ByLatency, Latencies: map[string]float64{"us": 90, "eu": 90}}, b, c, e, a, d)
	wantFound(t, s, Query{Sort: ByLatency, Region: "eu"}, c, e, a)
	a.Players = 8
	ok(t, "renew", s.Renew(t.Context(), a))
	wantFound(t, s, Query{Sort: ByFill}, a, d, b, c, e)
	a.Region, a.Game = "us", "h"
	ok(t, "renew", s.Renew(t.Context(), a))
	wantFound(t, s, Query{Sort: ByFill, Game: "h"}, a, e)
	wantFound(t, s, Query{Sort: ByFill, Game: "h", Region: "us"}, a)
}

func roomCode(t *testing.T, s *site) {
	l := publish(t, s, "r", Listing{Game: "g", MaxPlayers: 2, Private: true, Code: "WXYZ"})
	wantFound(t, s, Query{})
	byCode := func(code string, want error) {
		t.Helper()
		got, err := s.ByCode(t.Context(), code)
		wantErr(t, "code "+code, err, want)
		if want == nil && got.Room != "r" {
			t.Errorf("code %s is of %+v", code, got)
		}
	}
	byCode("WXYZ", nil)
	byCode("wxyz", ErrUnknownRoom)
	byCode("", ErrUnknownRoom)
	other := Listing{Owner: acquire(t, s, "other", "n2", 0), Code: "WXYZ"}
	wantErr(t, "a code in use", s.Renew(t.Context(), other), ErrCodeTaken)
	wantErr(t, "a code in use", s.Confirm(t.Context(), "x", other), ErrCodeTaken)
	l.Code = "NEW"
	ok(t, "renew", s.Renew(t.Context(), l))
	byCode("WXYZ", ErrUnknownRoom)
	byCode("NEW", nil)
	ok(t, "a code that was given up", s.Renew(t.Context(), other))
	l.Private = false
	ok(t, "renew", s.Renew(t.Context(), l))
	wantFound(t, s, Query{Game: "g"}, l)
	l.Private = true
	ok(t, "renew", s.Renew(t.Context(), l))
	wantFound(t, s, Query{Game: "g"})
	ok(t, "release", s.Release(t.Context(), l.Owner))
	byCode("NEW", ErrUnknownRoom)
	s.pass(7 * time.Second)
	byCode("WXYZ", ErrUnknownRoom)
	third := Listing{Owner: acquire(t, s, "third", "n2", 0), Code: "WXYZ"}
	ok(t, "the code of a dead room", s.Renew(t.Context(), third))
	wantErr(t, "the dead room's renewal", s.Renew(t.Context(), other), ErrCodeTaken)
}
