package directory

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// walk does at random to a Directory and to its twin the same, and compares what they say.
// Everything that ends does so between two moments at which the clock stands: it goes on by
// multiples of four seconds, and all lasts two longer than one of those.
type walk struct {
	t      *testing.T
	s      *site
	w      *twin
	rng    *rand.Rand
	owners []Owner           // of all rooms ever
	reader map[string]string // of the queue "a", as twin.queue
	at     Cursor
	until  map[string]time.Duration // when what the reader has expires
	last   uint64                   // the highest epoch or version
	look   uint64
}

func newWalk(t *testing.T, s *site, seed uint64) *walk {
	return &walk{
		t: t, s: s, w: newTwin(), rng: rand.New(rand.NewPCG(seed, 1)),
		reader: make(map[string]string), until: make(map[string]time.Duration), look: 10,
	}
}

func one[T any](k *walk, list ...T) T { return list[k.rng.IntN(len(list))] }

// same compares what came of a step.
func (k *walk) same(what string, got, want any, gotErr, wantErr error) {
	k.t.Helper()
	if (gotErr != nil || wantErr != nil) && (wantErr == nil || !errors.Is(gotErr, wantErr)) {
		k.t.Fatalf("%s: %v; the twin says %v", what, gotErr, wantErr)
	}
	if gotErr != nil {
		return
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(Result{}, "Seq")); diff != "" {
		k.t.Fatalf("%s (-twin +directory):\n%s", what, diff)
	}
}

// given checks a number that must be above all others of its kind.
func (k *walk) given(n uint64) {
	k.t.Helper()
	if n <= k.last {
		k.t.Fatalf("%d after %d", n, k.last)
	}
	k.last = n
}

func (k *walk) step() {
	steps := []func(){
		k.acquire, k.renew, k.renew, k.renew, k.release, k.lookup, k.find, k.find, k.hold, k.hold, k.drop,
		k.lease, k.put, k.put, k.assign, k.readQueue, k.result, k.deliver, k.pass,
	}
	one(k, steps...)()
}

func (k *walk) acquire() {
	room, node := one(k, "r1", "r2", "r3", "r4"), one(k, "n1", "n2")
	o, err := k.s.Acquire(k.t.Context(), room, node, 0)
	if err == nil {
		if o.Epoch <= k.last {
			k.t.Fatalf("epoch %d after %d", o.Epoch, k.last)
		}
		k.owners = append(k.owners, o)
	}
	k.same("acquire", 0, 0, err, k.w.acquire(room, node, o.Epoch))
}

func (k *walk) owner() (Owner, bool) {
	if len(k.owners) == 0 {
		return Owner{}, false
	}
	return k.owners[max(0, len(k.owners)-1-k.rng.IntN(5))], true
}

func (k *walk) renew() {
	o, known := k.owner()
	if !known {
		return
	}
	k.look++
	l := Listing{
		Owner: o, Game: one(k, "g", "h"), Region: one(k, "eu", "us"), MaxPlayers: 4, Players: k.rng.IntN(3), Reserved: k.rng.IntN(2),
		Code: one(k, "", "", "AAA", "BBB"), Private: k.rng.IntN(5) == 0, Locked: k.rng.IntN(5) == 0,
		Created:    time.Unix(int64(k.rng.IntN(3)), 0).UTC(),
		Properties: Properties{"level": float64(k.rng.IntN(3))}, Look: k.look - uint64(k.rng.IntN(2)*k.rng.IntN(3)),
	}
	if k.rng.IntN(3) == 0 {
		nonce := one(k, "x", "y", "z")
		err := k.s.Confirm(k.t.Context(), nonce, l)
		k.same(fmt.Sprintf("confirm %s %+v", nonce, l), 0, 0, err, k.w.renew(l, nonce))
		return
	}
	k.same(fmt.Sprintf("renew %+v", l), 0, 0, k.s.Renew(k.t.Context(), l), k.w.renew(l, ""))
}

func (k *walk) release() {
	if o, known := k.owner(); known && k.rng.IntN(3) == 0 {
		k.same("release", 0, 0, k.s.Release(k.t.Context(), o), k.w.release(o))
	}
}

func (k *walk) lookup() {
	room, code := one(k, "r1", "r2", "r3", "r4"), one(k, "AAA", "BBB")
	got, err := k.s.Lookup(k.t.Context(), room)
	want, wantErr := k.w.lookup(room)
	k.same("lookup", forget(got)[0], forget(want)[0], err, wantErr)
	got, err = k.s.ByCode(k.t.Context(), code)
	want, wantErr = k.w.byCode(code)
	k.same("by code", forget(got)[0], forget(want)[0], err, wantErr)
}

// forget takes away what need not be told to others.
func forget(ls ...Listing) []Listing {
	for i := range ls {
		ls[i].Look = 0
	}
	return ls
}

func (k *walk) find() {
	level := float64(k.rng.IntN(3))
	q := Query{
		Game: one(k, "", "g", "h"), Region: one(k, "", "", "eu"), Free: k.rng.IntN(4), Limit: k.rng.IntN(4),
		Sort: one(k, ByRoom, ByFill, ByAge, ByLatency), Latencies: map[string]float64{"us": 10},
		After: one(k, "", "r1", "r2"),
	}
	if k.rng.IntN(3) == 0 {
		q.Filter = map[string]Condition{"level": {Min: &level}}
	}
	got, err := k.s.Find(k.t.Context(), q)
	k.same(fmt.Sprintf("find %+v", q), forget(got...), forget(k.w.find(q)...), err, nil)
}

func (k *walk) hold() {
	h := Hold{Room: one(k, "r1", "r2", "r3", "r4"), Nonce: one(k, "x", "y", "z"), Seats: 1 + k.rng.IntN(2), For: one(k, 6*time.Second, 2*time.Second)}
	_, err := k.s.Hold(k.t.Context(), h)
	k.same(fmt.Sprintf("hold %+v", h), 0, 0, err, k.w.hold(h))
}

func (k *walk) drop() {
	room, nonce := one(k, "r1", "r2", "r3", "r4"), one(k, "x", "y", "z")
	if r := k.w.rooms[room]; r != nil {
		delete(r.holds, nonce)
	}
	k.same("drop", 0, 0, k.s.Drop(k.t.Context(), room, nonce), nil)
}

// pass puts the clock forward. A reader reads more often than a change of a ticket lasts.
func (k *walk) pass() {
	k.readQueue()
	k.s.pass(4 * time.Second)
	k.w.now += 4 * time.Second
}

const (
	walks = 6
	steps = 150 // of which few pass time: none is as long as what is gone is remembered
)

func TestMemoryDoesAsItsTwin(t *testing.T) {
	for seed := range uint64(20 * walks) {
		synctest.Test(t, func(t *testing.T) {
			k := newWalk(t, &site{Directory: NewMemory(testLease), pass: time.Sleep}, seed)
			t.Log("seed", seed)
			for range steps {
				k.step()
			}
		})
	}
}

func TestRedisDoesAsItsTwin(t *testing.T) {
	p := startRedis(t)
	for seed := range uint64(walks) {
		t.Log("seed", seed)
		k := newWalk(t, p.site(t), seed)
		for range steps {
			k.step()
		}
	}
}
