package directory

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// arcade is rooms of eight seats that start over once they are full, and their owners.
type arcade struct {
	dir   Directory
	mu    sync.Mutex // guards the following
	rooms map[string]*Listing
	joins atomic.Int64
	tries atomic.Int64
}

func openArcade(b *testing.B, d Directory, rooms int) *arcade {
	a := &arcade{dir: d, rooms: make(map[string]*Listing)}
	for i := range rooms {
		o, err := d.Acquire(b.Context(), fmt.Sprintf("room-%05d", i), "n1", 0)
		if err != nil {
			b.Fatal(err)
		}
		a.rooms[o.Room] = &Listing{Owner: o, Game: "g", Mode: "duel", MaxPlayers: 8, Players: i % 4, Properties: Properties{"map": "dust"}}
		if err := d.Renew(b.Context(), *a.rooms[o.Room]); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := d.Find(b.Context(), Query{}); err != nil { // the first look is a long one
		b.Fatal(err)
	}
	return a
}

// sit is the owner of a room, who grants one seat more.
func (a *arcade) sit(room string) Listing {
	a.mu.Lock()
	defer a.mu.Unlock()
	l := a.rooms[room]
	if l.Players++; l.Players == l.MaxPlayers {
		l.Players = 0
	}
	l.Look++
	return *l
}

// join is all that a join asks of the directory, as often as it takes.
func (a *arcade) join(b *testing.B) {
	nonce := fmt.Sprint(a.joins.Add(1))
	q := Query{Game: "g", Mode: "duel", Filter: map[string]Condition{"map": {In: []any{"dust"}}}, Free: 1, Sort: ByFill, Limit: 1}
	for {
		a.tries.Add(1)
		found, err := a.dir.Find(b.Context(), q)
		if err != nil {
			b.Error(err)
			return
		}
		if len(found) == 0 { // all are as full as this node knows: a server would open a room
			continue
		}
		room := found[0].Room
		_, err = a.dir.Hold(b.Context(), Hold{Room: room, Nonce: nonce, Seats: 1, For: time.Minute})
		if errors.Is(err, ErrFull) {
			continue
		}
		if err == nil {
			err = a.dir.Confirm(b.Context(), nonce, a.sit(room))
		}
		if err != nil {
			b.Error(err)
		}
		return
	}
}

func benchmarkJoin(b *testing.B, d Directory, rooms int) {
	a := openArcade(b, d, rooms)
	b.SetParallelism(32)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			a.join(b)
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "joins/s")
	b.ReportMetric(float64(a.tries.Load())/float64(b.N), "tries/join")
}

func BenchmarkJoin(b *testing.B) {
	for _, rooms := range []int{1000, 10_000} {
		b.Run(fmt.Sprintf("memory/rooms=%d", rooms), func(b *testing.B) {
			benchmarkJoin(b, NewMemory(time.Hour), rooms)
		})
		b.Run(fmt.Sprintf("redis/rooms=%d", rooms), func(b *testing.B) {
			d := startRedis(b).open(b)
			d.lease, d.mirror.fresh, d.page = time.Hour, mirrorFresh, pageSize
			benchmarkJoin(b, d, rooms)
		})
	}
}

// What a node asks of Redis each second: the renewal of its rooms, and what has changed.
func BenchmarkRedisSecond(b *testing.B) {
	const rooms = 1000
	d := startRedis(b).open(b)
	d.lease, d.page = time.Hour, pageSize
	a := openArcade(b, d, rooms)
	var list []Listing
	for room := range a.rooms {
		list = append(list, *a.rooms[room])
	}
	for b.Loop() {
		for i := range list {
			list[i].Tick++
		}
		for i := range list[:rooms/10] {
			list[i].Players = (list[i].Players + 1) % 8
		}
		if err := d.Renew(b.Context(), list...); err != nil {
			b.Fatal(err)
		}
		if found, err := d.Find(b.Context(), Query{Limit: 1}); err != nil || len(found) != 1 {
			b.Fatal(found, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/1000rooms")
}

func BenchmarkRedisFirstLook(b *testing.B) {
	d := startRedis(b).open(b)
	d.lease, d.page = time.Hour, pageSize
	openArcade(b, d, 10_000)
	for b.Loop() {
		d.mirror.next = Cursor{}
		if found, err := d.Find(b.Context(), Query{}); err != nil || len(found) != 10_000 {
			b.Fatal(len(found), err)
		}
	}
}
