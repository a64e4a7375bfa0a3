package server

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/sim"
)

// twin is shelves.best by looking at every room.
func twin(hosts []*host, q *search) (best *host, contested bool) {
	for _, h := range hosts {
		if h.private || !h.joinable || h.password != nil || h.kind != q.kind() || h.place == outside || h.taken >= h.seats || !q.fits(h) {
			continue
		}
		if h.seats-h.taken <= h.joining {
			contested = true
			continue
		}
		if best == nil || q.prefers(h, best) {
			best = h
		}
	}
	return best, contested
}

var someMaps = []any{"dust", "ice", "sand", 3.0, true}

// randomHost is a room of one of a few kinds.
func randomHost(r *rand.Rand, n int) *host {
	h := &host{
		kind: kind{"pool", []string{"", "duel"}[r.IntN(2)]}, seats: 4, taken: r.IntN(5), place: outside,
		created: time.Unix(int64(n), 0), private: r.IntN(10) == 0, joinable: r.IntN(5) > 0,
	}
	if r.IntN(8) == 0 {
		h.password = new([32]byte)
	}
	h.props = randomProps(r)
	return h
}

func randomProps(r *rand.Rand) directory.Properties {
	props := directory.Properties{}
	for _, name := range []string{"map", "level"} {
		if r.IntN(3) > 0 {
			props[name] = someMaps[r.IntN(len(someMaps))]
		}
	}
	return props
}

func randomSearch(r *rand.Rand) *search {
	q := &search{game: poolGame, mode: []string{"", "duel"}[r.IntN(2)], oldest: r.IntN(3) == 0, filter: map[string]directory.Condition{}}
	low := 2.0
	for _, name := range []string{"map", "level"} {
		switch r.IntN(5) {
		case 0:
			q.filter[name] = directory.Condition{In: []any{someMaps[r.IntN(len(someMaps))]}}
		case 1:
			q.filter[name] = directory.Condition{In: []any{"dust", "nowhere"}}
		case 2:
			q.filter[name] = directory.Condition{Min: &low}
		}
	}
	return q
}

func TestTheShelvesFindWhatLookingAtEveryRoomFinds(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 0))
	t.Log("seed 6")
	all := make(shelves)
	var hosts []*host
	for n := range 20_000 {
		switch r.IntN(8) {
		case 0:
			if len(hosts) < 400 {
				hosts = append(hosts, randomHost(r, n))
				all.put(hosts[len(hosts)-1])
			}
		case 1:
			if len(hosts) > 200 {
				i := r.IntN(len(hosts))
				all.remove(hosts[i])
				hosts = slices.Delete(hosts, i, i+1)
			}
		case 2, 3:
			if len(hosts) > 0 {
				h := hosts[r.IntN(len(hosts))]
				all.update(h, func() {
					h.taken, h.joinable, h.props = r.IntN(5), r.IntN(5) > 0, randomProps(r)
				})
				h.joining = r.IntN(3)
			}
		default:
			q := randomSearch(r)
			best, contested := all.best(q)
			want, wantContested := twin(hosts, q)
			switch {
			case (best == nil) != (want == nil), best == nil && contested != wantContested:
				t.Fatalf("step %d: found %v, contested %v; want %v, %v", n, best, contested, want, wantContested)
			case best != nil && (best.taken != want.taken && !q.oldest || q.oldest && best != want || !q.fits(best)):
				t.Fatalf("step %d: found a room with %d taken, the best has %d", n, best.taken, want.taken)
			}
		}
	}
	for _, h := range hosts {
		all.remove(h)
	}
	if len(all) != 0 {
		t.Errorf("%d kinds are left of no rooms", len(all))
	}
}

func TestARoomMadeForASearchIsWhatWasAskedFor(t *testing.T) {
	low, high := 3.0, 5.0
	filter := map[string]directory.Condition{
		"map": {In: []any{"dust"}}, "tag": {In: []any{"a", "b"}}, "level": {Min: &low, Max: &high}, "size": {Max: &high}, "given": {In: []any{true}},
	}
	list, err := propertiesFor([]sim.Property{{Name: "given", Value: sim.Number(7)}}, filter)
	if err != nil {
		t.Fatal(err)
	}
	got := propertiesOf(list)
	for name, want := range map[string]any{"map": "dust", "tag": "a", "level": 3.0, "size": 5.0, "given": 7.0} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
}
