package queue

import "github.com/roomtick/roomtick/sim"

// roleset is a set of a queue's roles, a bit for each.
type roleset uint8

// rolebook knows the roles of a queue. There are at most six, so its sets are at most 64.
type rolebook struct {
	roles []sim.Role
	caps  []int16 // by set: how many players of a team its roles take
}

func newRolebook(roles []sim.Role) rolebook {
	b := rolebook{roles: roles}
	counts := make([]int, len(roles))
	for i, r := range roles {
		counts[i] = r.Count
	}
	b.caps = b.capsOf(counts)
	return b
}

func (b *rolebook) any() bool { return len(b.roles) > 0 }

// capsOf is caps for other counts of the same roles.
func (b *rolebook) capsOf(counts []int) []int16 {
	caps := make([]int16, 1<<len(b.roles))
	for set := range caps {
		for i := range b.roles {
			if set&(1<<i) != 0 {
				caps[set] += int16(counts[i])
			}
		}
	}
	return caps
}

// index is the number of a role, outside if the queue has none of that name.
func (b *rolebook) index(name string) int {
	for i := range b.roles {
		if b.roles[i].Name == name {
			return i
		}
	}
	return outside
}

// of is what a player accepts: any, if no role is named.
func (b *rolebook) of(names []string) roleset {
	if len(names) == 0 {
		return roleset(1<<len(b.roles) - 1)
	}
	var set roleset
	for _, name := range names {
		if i := b.index(name); i != outside {
			set |= 1 << i
		}
	}
	return set
}

// assign gives each player a role they accept, the dearest first, such that no role has
// more than counts of it. The players are known to fit: a role that is taken is freed by
// moving who has it, if they accept another.
func (b *rolebook) assign(players []*sim.Entrant, counts []int) []string {
	held := make([][]int, len(b.roles)) // players by role
	var place func(player int, tried roleset) bool
	place = func(player int, tried roleset) bool {
		for _, role := range b.wishes(players[player]) {
			if tried&(1<<role) != 0 {
				continue
			}
			tried |= 1 << role
			if len(held[role]) < counts[role] {
				held[role] = append(held[role], player)
				return true
			}
			for i, other := range held[role] {
				if place(other, tried) {
					held[role][i] = player
					return true
				}
			}
		}
		return false
	}
	names := make([]string, len(players))
	for i := range players {
		place(i, 0)
	}
	for role, who := range held {
		for _, i := range who {
			names[i] = b.roles[role].Name
		}
	}
	return names
}

// wishes is the numbers of the roles a player accepts, the dearest first.
func (b *rolebook) wishes(e *sim.Entrant) []int {
	list := make([]int, 0, len(b.roles))
	for _, name := range e.Roles {
		if i := b.index(name); i != outside {
			list = append(list, i)
		}
	}
	if len(e.Roles) == 0 {
		for i := range b.roles {
			list = append(list, i)
		}
	}
	return list
}
