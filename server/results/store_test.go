package results_test

import (
	"log/slog"
	"testing"

	"github.com/roomtick/roomtick/server/results"
	"github.com/roomtick/roomtick/server/results/storetest"
)

func TestMemoryIsAStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) results.Store { return results.NewMemory() }, nil)
}

func TestJournalIsAStoreThatOutlivesItsProcess(t *testing.T) {
	open := func(t *testing.T, dir string) results.Store {
		s, err := results.OpenJournal(dir, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		return s
	}
	var dir string // of the store under test
	storetest.Run(t, func(t *testing.T) results.Store {
		dir = t.TempDir()
		return open(t, dir)
	}, func(t *testing.T, s results.Store) results.Store {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		return open(t, dir)
	})
}
