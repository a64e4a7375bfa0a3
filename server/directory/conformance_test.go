package directory

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const testLease = 6 * time.Second

// site is a Directory to test, and the hands of its clock.
type site struct {
	Directory
	pass func(time.Duration)
	lose func() // everything it has stored; nil if it cannot
}

// conformance is what every Directory does.
var conformance = []struct {
	name string
	test func(*testing.T, *site)
}{
	{"AcquiredRoomCanBeLookedUp", roomLookup},
	{"EpochsRiseAboveFloorAndClockAndPredecessors", roomEpochs},
	{"SecondNodeIsFencedWhileTheLeaseRuns", roomLease},
	{"SupersededOwnerIsFenced", roomSuperseded},
	{"OwnerWhoseLeaseRanOutRenewsUnlessTakenOver", roomRevived},
	{"RoomIsFoundOncePublishedUntilReleased", roomFind},
	{"RoomsAreFoundByWhatTheyAre", roomFilters},
	{"RoomsAreSorted", roomSorts},
	{"PrivateRoomIsFoundByItsCodeOnly", roomCode},
	{"EarlierLookDoesNotReplaceALaterOne", roomLook},
	{"BadRoomsOfABatchAreNamedAndTheOthersRenewed", roomBatch},
	{"LostRoomsComeBackWithTheirRenewals", roomLoss},
	{"HeldSeatsAreNotFree", seatHold},
	{"HoldsRunOut", seatExpiry},
	{"ConfirmedSeatsAreCountedOnce", seatConfirm},
	{"ThousandHoldsForTenSeatsGetTen", seatStorm},
	{"PartiesHoldAllSeatsOrNone", seatParties},
	{"NodesAreListedForALease", nodeList},
	{"LeaseHasOneHolder", leaseHolder},
	{"TicketIsWrittenOverTheVersionRead", ticketPut},
	{"TicketsExpire", ticketExpiry},
	{"ReadersOfAQueueMissNothing", ticketChanges},
	{"TicketsAreAssignedAllOrNoneByTheLeaseholder", ticketAssign},
	{"ResultsStayInOrderUntilDelivered", resultOrder},
	{"ResultsAreTakenOnceAndFromTheOwner", resultFencing},
	{"EndedContextIsUnavailable", unavailable},
}

func TestMemoryConforms(t *testing.T) {
	for _, c := range conformance {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c.test(t, &site{Directory: NewMemory(testLease), pass: time.Sleep})
			})
		})
	}
}

func acquire(t *testing.T, s *site, room, node string, floor uint64) Owner {
	t.Helper()
	o, err := s.Acquire(t.Context(), room, node, floor)
	if err != nil {
		t.Fatal(err)
	}
	if o.Room != room || o.Node != node {
		t.Fatalf("acquired %+v", o)
	}
	return o
}

// publish acquires the room of a listing for node n1 and publishes it.
func publish(t *testing.T, s *site, room string, l Listing) Listing {
	t.Helper()
	l.Owner = acquire(t, s, room, "n1", 0)
	ok(t, "publish", s.Renew(t.Context(), l))
	return l
}

func ok(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func wantErr(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got %v; want %v", what, got, want)
	}
}

// wantFound checks what a query finds, in order.
func wantFound(t *testing.T, s *site, q Query, want ...Listing) {
	t.Helper()
	got, err := s.Find(t.Context(), q)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%+v: %v\n%s", q, err, diff)
	}
}

func unavailable(t *testing.T, s *site) {
	o := acquire(t, s, "r", "n1", 0)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range map[string]func() error{
		"acquire":     func() error { _, err := s.Acquire(ctx, "x", "n1", 0); return err },
		"renew":       func() error { return s.Renew(ctx, Listing{Owner: o}) },
		"release":     func() error { return s.Release(ctx, o) },
		"lookup":      func() error { _, err := s.Lookup(ctx, "r"); return err },
		"by code":     func() error { _, err := s.ByCode(ctx, "r"); return err },
		"find":        func() error { _, err := s.Find(ctx, Query{}); return err },
		"announce":    func() error { return s.Announce(ctx, Node{ID: "n"}) },
		"withdraw":    func() error { return s.Withdraw(ctx, "n") },
		"nodes":       func() error { _, err := s.Nodes(ctx); return err },
		"hold":        func() error { _, err := s.Hold(ctx, Hold{Room: "r"}); return err },
		"confirm":     func() error { return s.Confirm(ctx, "x", Listing{Owner: o}) },
		"drop":        func() error { return s.Drop(ctx, "r", "x") },
		"put":         func() error { _, err := s.Put(ctx, Ticket{ID: "t"}); return err },
		"ticket":      func() error { _, err := s.Ticket(ctx, "t"); return err },
		"tickets":     func() error { _, err := s.Tickets(ctx, "q", Cursor{}); return err },
		"assign":      func() error { return s.Assign(ctx, Lease{}, nil) },
		"lease":       func() error { _, err := s.Lease(ctx, "l", "n"); return err },
		"append":      func() error { return s.Append(ctx, Result{ID: "r"}) },
		"undelivered": func() error { _, err := s.Undelivered(ctx, 0, 1); return err },
		"result":      func() error { _, err := s.Result(ctx, "r"); return err },
		"waiting":     func() error { _, _, err := s.Waiting(ctx); return err },
		"delivered":   func() error { return s.Delivered(ctx, "r") },
	} {
		wantErr(t, name, call(), ErrUnavailable)
	}
	if l, err := s.Lookup(t.Context(), "r"); err != nil || l.Owner != o {
		t.Errorf("afterwards: %+v, %v", l, err)
	}
}
