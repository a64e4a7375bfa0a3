package queue

import (
	"cmp"
	"math"
	"slices"

	"github.com/roomtick/roomtick/sim"
)

// keyed is an index with what it is sorted by.
type keyed struct {
	key uint64
	i   int32
}

// keyOf is a number whose order is that of f; the two zeros are one.
func keyOf(f float64) uint64 {
	bits := math.Float64bits(f + 0)
	if bits>>63 != 0 {
		return ^bits
	}
	return bits | 1<<63
}

// radixFrom is from how many keys on counting their bytes is quicker than comparing them.
const radixFrom = 256

// sortKeyed sorts by key; equal keys stay in their order. It sorts byte by byte, the
// lowest first, and leaves out those that are the same in all keys.
func sortKeyed(list []keyed) []keyed {
	byKey := func(a, b keyed) int { return cmp.Compare(a.key, b.key) }
	if slices.IsSortedFunc(list, byKey) {
		return list
	}
	if len(list) < radixFrom {
		slices.SortStableFunc(list, byKey)
		return list
	}
	var counts [8][256]int32
	for _, k := range list {
		for b := range counts {
			counts[b][byte(k.key>>(8*b))]++
		}
	}
	sorted := make([]keyed, len(list))
	for b := range counts {
		at := &counts[b]
		if int(at[byte(list[0].key>>(8*b))]) == len(list) {
			continue
		}
		sum := int32(0)
		for value, n := range at {
			at[value] = sum
			sum += n
		}
		for _, k := range list {
			value := byte(k.key >> (8 * b))
			sorted[at[value]] = k
			at[value]++
		}
		list, sorted = sorted, list
	}
	return list
}

// byAge is the oldest first, and of those that came at once the one of the lowest id.
func byAge(tickets []*sim.Ticket) []*sim.Ticket {
	keys := make([]keyed, len(tickets))
	for i, t := range tickets {
		keys[i] = keyed{keyOf(t.Since), int32(i)}
	}
	keys = sortKeyed(keys)
	sorted := make([]*sim.Ticket, len(tickets))
	from := 0
	for i, k := range keys {
		sorted[i] = tickets[k.i]
		if k.key != keys[from].key {
			byID(sorted[from:i])
			from = i
		}
	}
	byID(sorted[from:])
	return sorted
}

func byID(tickets []*sim.Ticket) {
	if len(tickets) > 1 {
		slices.SortFunc(tickets, func(a, b *sim.Ticket) int { return cmp.Compare(a.ID, b.ID) })
	}
}

// oldestFirst is rooms in the order in which they asked.
func oldestFirst(all []*Backfill) []*Backfill {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b *Backfill) int {
		return cmp.Or(cmp.Compare(a.Since, b.Since), cmp.Compare(a.Room, b.Room))
	})
	return all
}
