package sim

import "math/bits"

// slotIndex finds the slot of an id: a hash table with linear probing and deletion by
// shifting back, so that spawning and despawning for hours allocates nothing and leaves
// no tombstones. The zero value is empty. Id 0 is never in it.
type slotIndex struct {
	ids   []ID // 0 is a free place; the length is a power of two
	slots []uint32
	used  int
	shift uint8 // 32 minus the logarithm of the length
}

// indexMin is the first size; half of it may be used.
const indexMin = 16

// home is where an id belongs: the high bits of its product with 2^32 divided by the
// golden ratio (Fibonacci hashing, Knuth, The Art of Computer Programming 6.4).
func (x *slotIndex) home(id ID) int {
	return int(uint32(id) * 0x9E3779B1 >> x.shift)
}

func (x *slotIndex) get(id ID) (uint32, bool) {
	if id == 0 || len(x.ids) == 0 {
		return 0, false
	}
	for at := x.home(id); x.ids[at] != 0; at = (at + 1) & (len(x.ids) - 1) {
		if x.ids[at] == id {
			return x.slots[at], true
		}
	}
	return 0, false
}

// put adds an id that is not in the index.
func (x *slotIndex) put(id ID, slot uint32) {
	if 2*(x.used+1) > len(x.ids) {
		x.grow()
	}
	at := x.home(id)
	for x.ids[at] != 0 {
		at = (at + 1) & (len(x.ids) - 1)
	}
	x.ids[at], x.slots[at] = id, slot
	x.used++
}

func (x *slotIndex) grow() {
	old := *x
	n := max(indexMin, 2*len(old.ids))
	*x = slotIndex{ids: make([]ID, n), slots: make([]uint32, n), shift: uint8(33 - bits.Len(uint(n)))}
	for i, id := range old.ids {
		if id != 0 {
			x.put(id, old.slots[i])
		}
	}
}

// remove takes an id out and closes the gap.
func (x *slotIndex) remove(id ID) {
	mask := len(x.ids) - 1
	gap := x.home(id)
	for x.ids[gap] != id {
		gap = (gap + 1) & mask
	}
	x.used--
	for at := (gap + 1) & mask; x.ids[at] != 0; at = (at + 1) & mask {
		// An entry may move back to the gap unless its home lies behind the gap.
		if (at-x.home(x.ids[at]))&mask >= (at-gap)&mask {
			x.ids[gap], x.slots[gap] = x.ids[at], x.slots[at]
			gap = at
		}
	}
	x.ids[gap] = 0
}
