package directory

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

func (k *walk) lease() {
	name, node := one(k, "a", "b"), one(k, "n1", "n2")
	l, err := k.s.Lease(k.t.Context(), name, node)
	if old := k.w.leases[name]; err == nil && old.until > k.w.now && l != old.Lease {
		k.t.Fatalf("%+v became %+v while it ran", old.Lease, l)
	}
	k.same("lease", 0, 0, err, k.w.lease(name, node, l.Epoch))
}

// ticket is one to write, mostly over the version that is there.
func (k *walk) ticket() Ticket {
	t := Ticket{ID: one(k, "1", "2", "3", "4"), Queue: one(k, "a", "a", "a", "b"), For: one(k, 6*time.Second, 14*time.Second), Body: []byte(one(k, "x", "y"))}
	if old := k.w.tickets[t.ID]; old != nil && k.rng.IntN(5) > 0 && old.until > k.w.now {
		t.Version = old.Version
	}
	return t
}

func (k *walk) put() {
	t := k.ticket()
	v, err := k.s.Put(k.t.Context(), t)
	k.same(fmt.Sprintf("put %+v", t), 0, 0, err, k.w.put(t))
	if err == nil {
		k.given(v)
		k.w.write(t, v)
	}
}

func (k *walk) assign() {
	l := k.w.leases[one(k, "a", "b")]
	t, u := k.ticket(), k.ticket()
	if t.ID == u.ID {
		return
	}
	want := ErrFenced
	if l.Name != "" && l.until > k.w.now {
		want = cmpOr(k.w.put(t), k.w.put(u))
	}
	err := k.s.Assign(k.t.Context(), l.Lease, []Ticket{t, u})
	k.same("assign", 0, 0, err, want)
	if err != nil {
		return
	}
	for _, x := range []Ticket{t, u} {
		got, err := k.s.Ticket(k.t.Context(), x.ID)
		if err != nil || string(got.Body) != string(x.Body) {
			k.t.Fatalf("assigned %+v, %v", got, err)
		}
		k.given(got.Version)
		k.w.write(x, got.Version)
	}
}

func cmpOr(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

func (k *walk) readQueue() {
	c, err := k.s.Tickets(k.t.Context(), "a", k.at)
	if err != nil {
		k.t.Fatal(err)
	}
	if c.All {
		clear(k.reader)
	}
	for _, t := range c.Tickets {
		k.reader[t.ID], k.until[t.ID] = fmt.Sprint(t.Version, string(t.Body)), k.w.now+t.For
	}
	for id := range k.reader {
		if k.until[id] <= k.w.now {
			delete(k.reader, id)
		}
	}
	for _, id := range slices.Collect(maps.Keys(k.reader)) { // expired, then written to another queue
		if t := k.w.tickets[id]; t.Queue != "a" && k.until[id] > k.w.now {
			k.t.Fatalf("ticket %s of queue %s in queue a", id, t.Queue)
		}
	}
	k.at = c.Next
	k.same("queue", k.reader, k.w.queue("a"), nil, nil)
}

func (k *walk) result() {
	o, known := k.owner()
	if !known {
		return
	}
	r := Result{ID: fmt.Sprint(k.rng.IntN(20)), Key: o.Room, Owner: o, Body: []byte(one(k, "win", "draw"))}
	k.same("append", 0, 0, k.s.Append(k.t.Context(), r), k.w.append(r))
}

func (k *walk) deliver() {
	listed, err := k.s.Undelivered(k.t.Context(), 0, 100)
	var got []Result
	for _, r := range listed {
		r, err := k.s.Result(k.t.Context(), r.ID)
		if err != nil {
			k.t.Fatal(err)
		}
		r.Since, r.Size = time.Time{}, 0
		got = append(got, r)
	}
	k.same("undelivered", got, k.w.results, err, nil)
	if len(got) > 0 {
		id := one(k, got...).ID
		k.same("delivered", 0, 0, k.s.Delivered(k.t.Context(), id), nil)
		k.w.delivered(id)
	}
}
