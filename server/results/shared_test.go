package results_test

import (
	"encoding/json"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomtick/roomtick/room"
	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/server/results"
	"github.com/roomtick/roomtick/server/results/storetest"
)

func TestDirectoryIsAStoreThatOutlivesItsNodes(t *testing.T) {
	var dir directory.Directory // of the store under test
	storetest.Run(t, func(*testing.T) results.Store {
		dir = directory.NewMemory(time.Minute)
		return results.NewShared(dir, "n1")
	}, func(*testing.T, results.Store) results.Store { return results.NewShared(dir, "n1") })
}

func TestOneNodeAtATimeDelivers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := directory.NewMemory(6 * time.Second)
		one, two := results.NewShared(dir, "n1"), results.NewShared(dir, "n2")
		if err := two.Append(t.Context(), results.Owner{}, "a", []byte("body of a")); err != nil {
			t.Fatal(err)
		}
		claims := func(s results.Store, want bool) {
			t.Helper()
			if mine, err := s.Claim(t.Context()); err != nil || mine != want {
				t.Errorf("claims %v, %v; want %v", mine, err, want)
			}
			if list, err := s.List(t.Context(), 0, 10); err != nil || len(list) != 1 {
				t.Errorf("lists %+v, %v; want the one that waits", list, err)
			}
		}
		claims(one, true)
		claims(two, false)
		time.Sleep(5 * time.Second)
		claims(one, true)
		time.Sleep(5 * time.Second)
		claims(two, false)
		time.Sleep(2 * time.Second) // n1 has died
		claims(two, true)
		claims(one, false)
	})
}

func TestANodeThatWasFrozenCannotStoreOverItsSuccessor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const lease = 6 * time.Second
		dir := directory.NewMemory(lease)
		ran := func(node string) (*results.Service, directory.Owner) {
			owner, err := dir.Acquire(t.Context(), "room", node, 0)
			if err != nil {
				t.Fatal(err)
			}
			return results.New(results.Config{Store: results.NewShared(dir, node), Log: slog.New(slog.DiscardHandler)}), owner
		}
		frozen, old := ran("n1")
		time.Sleep(lease + time.Second) // n1 does not renew
		successor, owner := ran("n2")
		late := frozen.Take(room.Outcome{Room: "room", Epoch: old.Epoch, Result: []byte(`"n1"`)})
		synctest.Wait()
		kept := successor.Take(room.Outcome{Room: "room", Epoch: owner.Epoch, Result: []byte(`"n2"`)})
		synctest.Wait()
		select {
		case <-late:
			t.Error("the frozen node was told that its result is kept")
		default:
		}
		<-kept
		body, err := successor.Load(t.Context(), results.IDOf("room"))
		var r results.Result
		if err == nil {
			err = json.Unmarshal(body, &r)
		}
		if err != nil || string(r.Result) != `"n2"` || r.Epoch != owner.Epoch {
			t.Errorf("kept is %+v, %v", r, err)
		}
		for _, s := range []*results.Service{frozen, successor} { // neither tries on
			if n, err := s.Close(); n != 1 || err != nil {
				t.Errorf("%d wait, %v", n, err)
			}
		}
	})
}

func TestALeaseThatLapsedWhileNobodyTookTheRoomOverLosesNoResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := directory.NewMemory(6 * time.Second)
		owner, err := dir.Acquire(t.Context(), "room", "n1", 0)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour) // Redis was away
		s := results.NewShared(dir, "n1")
		if err := s.Append(t.Context(), results.Owner{Room: "room", Epoch: owner.Epoch}, "id", nil); err != nil {
			t.Error(err)
		}
	})
}
