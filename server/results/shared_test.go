package results_test

import (
	"testing"
	"testing/synctest"
	"time"

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
		if err := two.Append(t.Context(), "a", []byte("body of a")); err != nil {
			t.Fatal(err)
		}
		listed := func(s results.Store, want int) {
			t.Helper()
			if list, err := s.List(t.Context(), 0, 10); err != nil || len(list) != want {
				t.Errorf("lists %+v, %v; want %d", list, err, want)
			}
		}
		listed(one, 1)
		listed(two, 0)
		time.Sleep(5 * time.Second)
		listed(one, 1)
		time.Sleep(5 * time.Second)
		listed(two, 0)
		time.Sleep(2 * time.Second) // n1 has died
		listed(two, 1)
		listed(one, 0)
	})
}
