package queue

// team is a team being filled.
type team struct {
	free int32   // seats
	sum  float64 // of its members' skills
	held int     // tickets

	// only counts, by set of roles, the members who accept nothing outside it; caps is how
	// many of them the set takes. By Hall's theorem the members can be given roles exactly
	// if no set has more than it takes. Both are nil without roles.
	only, caps []int16
}

// reset empties a team of so many seats.
func (t *team) reset(seats int) {
	t.free, t.sum, t.held = int32(seats), 0, 0
	clear(t.only)
}

// add takes a ticket, whose members are who, or leaves the team as it was and reports
// false.
func (t *team) add(e *entry, who []member) bool {
	if e.size > t.free {
		return false
	}
	for i := range who {
		if !t.count(who[i].set, 1) {
			for _, undo := range who[:i+1] {
				t.count(undo.set, -1)
			}
			return false
		}
	}
	t.free -= e.size
	t.sum += e.skill * float64(e.size)
	t.held++
	return true
}

// remove undoes add.
func (t *team) remove(e *entry, who []member) {
	for i := range who {
		t.count(who[i].set, -1)
	}
	t.free += e.size
	t.sum -= e.skill * float64(e.size)
	t.held--
}

// count adds n members who accept mask; false if some set now has more than it takes.
func (t *team) count(mask roleset, n int16) bool {
	fits := true
	rest := int(^mask) & (len(t.only) - 1)
	for extra := rest; ; extra = (extra - 1) & rest { // every superset of mask
		set := int(mask) | extra
		t.only[set] += n
		fits = fits && t.only[set] <= t.caps[set]
		if extra == 0 {
			return fits
		}
	}
}
