package delta

import (
	"slices"
	"testing"

	"github.com/roomtick/roomtick/schema"
)

// seen is what everybody sees of a group's entities, in whole steps, part by part.
func seen(g *Group, parts []schema.Part) []map[uint32][]int32 {
	all := make([]map[uint32][]int32, len(parts))
	for p := range parts {
		all[p] = make(map[uint32][]int32)
		if parts[p].Owner || g == nil {
			continue
		}
		for row, id := range g.IDs(p) {
			for c := range parts[p].Columns {
				r := g.R(p, c)[row]
				if parts[p].Columns[c].Tolerance > 0 {
					r = (r + 8) >> 4
				}
				all[p][id] = append(all[p][id], r)
			}
		}
	}
	return all
}

// differing looks every entity up by its id.
func differing(was, now []map[uint32][]int32) (changed, entered uint64) {
	for p := range now {
		for id, state := range now[p] {
			switch old, known := was[p][id]; {
			case !known:
				entered++
			case !slices.Equal(old, state):
				changed++
			}
		}
	}
	return changed, entered
}

func TestATallyCountsTheEntitiesThatChange(t *testing.T) {
	for seed := range uint64(8) {
		w := newWorld(t, seed, 1, 9)
		g := w.groups[0]
		d, tally := NewDecoder(w.parts), NewTally(w.parts)
		d.SetTally(tally)
		for held, first := uint32(0), w.tick; w.tick-first < 400; {
			w.step()
			if w.rnd.IntN(4) == 0 && w.tick-held < 8 {
				continue // the next delta is a span
			}
			was := seen(d.Group(g.slot), w.parts)
			flags, deltas := schema.HeadPrologue, slices.Clone(w.header)
			if piece := g.stream.Delta(int(w.tick-held), &w.prolog); piece != nil && held > 0 && w.rnd.IntN(30) > 0 {
				deltas = append(deltas, piece...)
			} else {
				deltas, was = append(deltas, g.stream.Keyframe()...), seen(nil, w.parts)
			}
			*tally = *NewTally(w.parts)
			if err := d.Apply(w.tick, 1, uint8(flags), deltas); err != nil {
				t.Fatal(err)
			}
			held = w.tick
			changed, entered := differing(was, seen(d.Group(g.slot), w.parts))
			// What leaves and comes back at once is sent in full: it has entered.
			back := tally.Entered - entered
			if tally.Entered < entered || tally.Changed > changed || changed-tally.Changed > back {
				t.Fatalf("seed %d, tick %d: %d changed and %d entered, want %d and %d", seed, w.tick, tally.Changed, tally.Entered, changed, entered)
			}
		}
	}
}
