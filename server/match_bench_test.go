package server

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/roomtick/roomtick/room"
	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/sim"
)

// manyRooms is a node of 10,000 rooms for two, slow enough that their ticks leave the
// machine to what is measured.
func manyRooms(b *testing.B, taken int) (*node, *sim.Definition) {
	b.Helper()
	const rooms = 10_000
	game := sim.Define[pool](sim.Config{Name: "duel", TickRate: 1, SendRate: 1, MaxPlayers: 2})
	cfg := config{maxRooms: 100 * rooms, seatTimeout: time.Minute, secret: []byte(testSecret)}
	n := newNode(&cfg, []*sim.Definition{game}, directory.NewMemory(time.Hour), slog.New(slog.DiscardHandler))
	b.Cleanup(func() {
		n.drop()
		n.running.Wait()
	})
	for range rooms {
		h, err := n.open(b.Context(), plan{game: game, keep: true})
		if err != nil {
			b.Fatal(err)
		}
		for range taken {
			if _, err := h.room.Reserve(b.Context(), room.Reservation{Nonce: "n", Expires: time.Now().Add(time.Hour)}); err != nil {
				b.Fatal(err)
			}
		}
	}
	return n, game
}

// One join of a node of 10,000 rooms, most of them full: every second one opens a room.
func BenchmarkMatch(b *testing.B) {
	n, game := manyRooms(b, 2)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := n.match(b.Context(), wishFor(game, "Ada")); err != nil {
			b.Fatal(err)
		}
	}
}

// One page of the list.
func BenchmarkList(b *testing.B) {
	n, _ := manyRooms(b, 1)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := n.roomsHTTP(b.Context(), &roomsInput{Limit: 1000}); err != nil {
			b.Fatal(err)
		}
	}
}

// What the node does each second for 10,000 rooms.
func BenchmarkSweep(b *testing.B) {
	n, _ := manyRooms(b, 1)
	b.ReportAllocs()
	for b.Loop() {
		n.sweep(b.Context(), n.all(), time.Now())
	}
}

// One join by filter, of a node of 10,000 rooms of which one in a hundred fits.
func BenchmarkMatchFiltered(b *testing.B) {
	n, game := manyRooms(b, 1)
	for i, h := range n.all() {
		props := directory.Properties{"map": fmt.Sprint("map-", i%100), "level": float64(i % 100)}
		n.mu.Lock()
		n.shelves.update(h, func() { h.props = props })
		n.mu.Unlock()
	}
	for name, filter := range map[string]map[string]directory.Condition{
		"equal": {"map": {In: []any{"map-7"}}},
		"range": {"level": {Min: new(7.0), Max: new(7.5)}},
		"set":   {"map": {In: []any{"map-7", "map-8"}}, "level": {Min: new(0.0)}},
	} {
		b.Run(name, func(b *testing.B) {
			q := &search{game: game, filter: filter}
			b.ReportAllocs()
			for b.Loop() {
				h, _ := n.pick(q)
				if h == nil {
					b.Fatal("no room")
				}
				n.release(h)
			}
		})
	}
}

// One join over HTTP, by clients of eight conns, while 200 rooms of bots run.
func BenchmarkMatchHTTP(b *testing.B) {
	url := servedRooms(b)
	b.ReportAllocs()
	b.SetParallelism(4)
	b.ResetTimer()
	before := cpuTime(b)
	b.RunParallel(func(pb *testing.PB) {
		client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}
		defer client.CloseIdleConnections()
		for pb.Next() {
			if err := joinOnce(client, url); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "joins/s")
	b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/float64(b.N), "cpu-us/join")
}

// cpuTime is what this process has used: what a join costs on a machine that is busy with
// something else, too. It counts the clients and the rooms' ticks.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// How long a join takes at 1,000 a second, sent on a clock whether or not earlier ones have
// been answered, while 200 rooms of bots run.
func BenchmarkMatchLatency(b *testing.B) {
	const every = time.Millisecond
	url := servedRooms(b)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	defer client.CloseIdleConnections()
	took := make([]time.Duration, b.N)
	var wg sync.WaitGroup
	b.ResetTimer()
	start := time.Now()
	for i := range b.N {
		due := start.Add(time.Duration(i) * every)
		time.Sleep(time.Until(due))
		wg.Go(func() {
			if err := joinOnce(client, url); err != nil {
				b.Error(err)
			}
			took[i] = time.Since(due)
		})
	}
	wg.Wait()
	slices.Sort(took)
	b.ReportMetric(float64(took[b.N/2].Microseconds())/1000, "ms/p50")
	b.ReportMetric(float64(took[b.N*99/100].Microseconds())/1000, "ms/p99")
}

// servedRooms is the address of a server with 200 rooms of bots, which joins are not for.
func servedRooms(b *testing.B) string {
	b.Helper()
	game := sim.Define[pool](sim.Config{Name: "bench", TickRate: 20, MaxPlayers: 50})
	cfg := config{maxRooms: 1e6, seatTimeout: time.Minute, secret: []byte(testSecret), bots: 3}
	n := newNode(&cfg, []*sim.Definition{game, poolGame}, directory.NewMemory(time.Hour), slog.New(slog.DiscardHandler))
	for range 200 {
		if _, err := n.open(b.Context(), plan{game: poolGame, keep: true}); err != nil {
			b.Fatal(err)
		}
	}
	public, err := newPublic(n)
	if err != nil {
		b.Fatal(err)
	}
	s := httptest.NewServer(public)
	b.Cleanup(func() {
		s.Close()
		n.drop()
		n.running.Wait()
	})
	return s.URL + "/v1/match"
}

func joinOnce(client *http.Client, url string) error {
	res, err := client.Post(url, "application/json", strings.NewReader(`{"game":"bench","name":"Ada"}`))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%d %s", res.StatusCode, body)
	}
	return err
}

// What the node does four times a second for 10,000 rooms while somebody watches the list
// and nothing changes.
func BenchmarkWatch(b *testing.B) {
	n, _ := manyRooms(b, 1)
	n.watch.enter(b.Context(), 1)
	b.ReportAllocs()
	for b.Loop() {
		n.watch.look(b.Context())
	}
}
