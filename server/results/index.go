package results

import (
	"slices"
	"time"
)

// held is a result in the index of a store.
type held struct {
	Entry
	body []byte   // if it is kept in memory
	in   *segment // else where on disk
	at   int64    // of the body in there
}

// index has the results that wait, by id and in their order. Its owner guards it.
type index struct {
	byID  map[string]*held
	order []*held // by Seq; nil where one is done
	first int     // no entry below is live
	bytes int64   // of all bodies
}

func newIndex() index { return index{byID: make(map[string]*held)} }

// add puts h, whose Seq is above all others, at the end.
func (x *index) add(h *held) {
	x.byID[h.ID] = h
	x.order = append(x.order, h)
	x.bytes += int64(h.Bytes)
}

// remove takes an entry out and returns it, nil if there is none.
func (x *index) remove(id string) *held {
	h := x.byID[id]
	if h == nil {
		return nil
	}
	delete(x.byID, id)
	x.bytes -= int64(h.Bytes)
	at := x.search(h.Seq)
	for x.order[at] == nil { // h is behind them
		at++
	}
	x.order[at] = nil
	for x.first < len(x.order) && x.order[x.first] == nil {
		x.first++
	}
	if x.first > len(x.order)/2 { // half of it is gone: worth a copy
		x.order = slices.Delete(x.order, 0, x.first)
		x.first = 0
	}
	return h
}

// search returns where the first entry at or above seq is. Entries that are done have no
// Seq any more: they are passed over.
func (x *index) search(seq uint64) int {
	low, high := x.first, len(x.order)
	for low < high {
		mid := int(uint(low+high) >> 1)
		probe := mid
		for probe < high && x.order[probe] == nil {
			probe++
		}
		if probe == high || x.order[probe].Seq >= seq {
			high = mid
		} else {
			low = probe + 1
		}
	}
	return low
}

// list returns up to limit entries above after.
func (x *index) list(after uint64, limit int) []Entry {
	var list []Entry
	for at := x.search(after + 1); at < len(x.order) && len(list) < limit; at++ {
		if h := x.order[at]; h != nil {
			list = append(list, h.Entry)
		}
	}
	return list
}

// count returns how many wait, and since when the oldest does.
func (x *index) count() (n int, oldest time.Time) {
	if len(x.byID) > 0 {
		oldest = x.order[x.first].Since
	}
	return len(x.byID), oldest
}
