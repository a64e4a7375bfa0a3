package directory

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// testDirectory is the suite every Directory passes. open returns an empty one whose
// leases last for lease; it runs in a synctest bubble.
func testDirectory(t *testing.T, open func(t *testing.T, lease time.Duration) Directory) {
	const lease = 6 * time.Second
	for _, c := range []struct {
		name string
		test func(*testing.T, Directory)
	}{
		{"AcquiredRoomCanBeLookedUp", directoryLookup},
		{"EpochsRiseAboveFloorAndClockAndPredecessors", directoryEpochs},
		{"SecondNodeIsFencedWhileTheLeaseRuns", directoryLease},
		{"SupersededOwnerIsFenced", directorySuperseded},
		{"RoomIsFoundOncePublishedUntilReleased", directoryFind},
		{"EndedContextIsUnavailable", directoryUnavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { c.test(t, open(t, lease)) })
		})
	}
}

func TestMemoryDirectory(t *testing.T) {
	testDirectory(t, func(_ *testing.T, lease time.Duration) Directory { return NewMemory(lease) })
}

func acquire(t *testing.T, d Directory, room, node string, floor uint64) Owner {
	t.Helper()
	o, err := d.Acquire(t.Context(), room, node, floor)
	if err != nil {
		t.Fatal(err)
	}
	if o.Room != room || o.Node != node {
		t.Fatalf("acquired %+v", o)
	}
	return o
}

func wantErr(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got %v; want %v", what, got, want)
	}
}

func directoryLookup(t *testing.T, d Directory) {
	o := acquire(t, d, "r", "n1", 0)
	got, err := d.Lookup(t.Context(), "r")
	if err != nil || got.Owner != o {
		t.Errorf("got %+v, %v", got, err)
	}
	_, err = d.Lookup(t.Context(), "other")
	wantErr(t, "another room", err, ErrUnknownRoom)
}

func directoryEpochs(t *testing.T, d Directory) {
	first := acquire(t, d, "r", "n1", 0)
	if now := uint64(time.Now().UnixMicro()); first.Epoch < now {
		t.Errorf("first epoch %d is below the clock, %d", first.Epoch, now)
	}
	again := acquire(t, d, "r", "n1", 0)
	if again.Epoch <= first.Epoch {
		t.Errorf("epoch %d after %d", again.Epoch, first.Epoch)
	}
	floor := again.Epoch + 1e9
	high := acquire(t, d, "r", "n1", floor)
	if high.Epoch <= floor {
		t.Errorf("epoch %d for floor %d", high.Epoch, floor)
	}
	if err := d.Release(t.Context(), high); err != nil {
		t.Fatal(err)
	}
	if back := acquire(t, d, "r", "n2", 0); back.Epoch <= high.Epoch {
		t.Errorf("epoch %d after a release of %d", back.Epoch, high.Epoch)
	}
}

func directoryLease(t *testing.T, d Directory) {
	o := acquire(t, d, "r", "n1", 0)
	_, err := d.Acquire(t.Context(), "r", "n2", 0)
	wantErr(t, "lease just begun", err, ErrFenced)

	time.Sleep(4 * time.Second)
	if err := d.Renew(t.Context(), Listing{Owner: o}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(4 * time.Second)
	_, err = d.Acquire(t.Context(), "r", "n2", 0)
	wantErr(t, "lease renewed", err, ErrFenced)

	time.Sleep(3 * time.Second)
	_, err = d.Lookup(t.Context(), "r")
	wantErr(t, "lookup after the lease", err, ErrUnknownRoom)
	if next := acquire(t, d, "r", "n2", 0); next.Epoch <= o.Epoch {
		t.Errorf("successor's epoch %d after %d", next.Epoch, o.Epoch)
	}
}

func directorySuperseded(t *testing.T, d Directory) {
	old := acquire(t, d, "r", "n1", 0)
	successor := acquire(t, d, "r", "n1", 0)
	wantErr(t, "renew", d.Renew(t.Context(), Listing{Owner: old}), ErrFenced)
	wantErr(t, "release", d.Release(t.Context(), old), ErrFenced)
	if got, err := d.Lookup(t.Context(), "r"); err != nil || got.Owner != successor {
		t.Errorf("the old owner changed the room: %+v, %v", got, err)
	}
	if err := d.Release(t.Context(), successor); err != nil {
		t.Fatal(err)
	}
	wantErr(t, "renew of a room released", d.Renew(t.Context(), Listing{Owner: successor}), ErrFenced)
}

func directoryFind(t *testing.T, d Directory) {
	b, a := acquire(t, d, "b", "n1", 0), acquire(t, d, "a", "n2", 0)
	if got, err := d.Find(t.Context(), Query{}); err != nil || len(got) != 0 {
		t.Errorf("unpublished rooms found: %+v, %v", got, err)
	}
	la := Listing{Owner: a, Game: "arena", Players: 1, MaxPlayers: 8, Tick: 5, TickRate: 20}
	lb := Listing{Owner: b, Game: "chess", Players: 2, Bots: 1, Reserved: 1, MaxPlayers: 9}
	for _, l := range []Listing{lb, la} {
		if err := d.Renew(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	for game, want := range map[string][]Listing{"": {la, lb}, "arena": {la}, "chess": {lb}, "go": nil} {
		got, err := d.Find(t.Context(), Query{Game: game})
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("game %q: %v\n%s", game, err, diff)
		}
	}
	for _, c := range []struct {
		q    Query
		want []Listing
	}{
		{Query{Limit: 1}, []Listing{la}},
		{Query{After: "a"}, []Listing{lb}},
		{Query{After: "a", Limit: 9}, []Listing{lb}},
		{Query{After: "aa", Game: "arena"}, nil},
		{Query{After: "b"}, nil},
	} {
		got, err := d.Find(t.Context(), c.q)
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%+v: %v\n%s", c.q, err, diff)
		}
	}
	if lb.Free() != 5 {
		t.Errorf("%d seats free", lb.Free())
	}
	if err := d.Release(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	time.Sleep(7 * time.Second)
	if got, err := d.Find(t.Context(), Query{}); err != nil || len(got) != 0 {
		t.Errorf("released or expired rooms found: %+v, %v", got, err)
	}
}

func directoryUnavailable(t *testing.T, d Directory) {
	o := acquire(t, d, "r", "n1", 0)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := d.Acquire(ctx, "x", "n1", 0)
	wantErr(t, "acquire", err, ErrUnavailable)
	wantErr(t, "renew", d.Renew(ctx, Listing{Owner: o}), ErrUnavailable)
	wantErr(t, "release", d.Release(ctx, o), ErrUnavailable)
	_, err = d.Lookup(ctx, "r")
	wantErr(t, "lookup", err, ErrUnavailable)
	_, err = d.Find(ctx, Query{})
	wantErr(t, "find", err, ErrUnavailable)
}
