package queue

import "github.com/roomtick/roomtick/sim"

// roleset is a set of a queue's roles, a bit for each.
type roleset uint8

// rolebook knows the roles of a queue. There are at most six, so its sets are at most 64.
type rolebook struct {
	roles  []sim.Role
	counts []int   // of the roles, in a team
	caps   []int16 // by set: how many players of a team its roles take
}

func newRolebook(roles []sim.Role) rolebook {
	b := rolebook{roles: roles, counts: make([]int, len(roles))}
	for i, r := range roles {
		b.counts[i] = r.Count
	}
	b.caps = b.capsOf(b.counts)
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

// member is what a player of a ticket would be.
type member struct {
	set    roleset
	wishes wishes
}

// wishes is a list of roles, the dearest first: four bits for each, from the lowest on, its
// number and 1. The rest is 0.
type wishes uint32

const wishBits = 4

// member is a player who names these roles, or none if any will do.
func (b *rolebook) member(names []string) member {
	var m member
	n := 0
	add := func(role int) {
		if role != outside && m.set&(1<<role) == 0 {
			m.set |= 1 << role
			m.wishes |= wishes(role+1) << (wishBits * n)
			n++
		}
	}
	if len(names) == 0 {
		for role := range b.roles {
			add(role)
		}
	}
	for _, name := range names {
		add(b.index(name))
	}
	return m
}

// casting gives players roles. Its slices are used again for every team.
type casting struct {
	book    *rolebook
	players []member
	counts  []int     // of each role
	held    [][]int32 // players by role
	names   []string  // all that were given in the round
}

// assign gives each player a role they accept, the dearest first, such that no role has
// more than counts of it. The players are known to fit.
func (c *casting) assign() []string {
	if c.held == nil {
		c.held = make([][]int32, len(c.book.roles))
	}
	for role := range c.held {
		c.held[role] = c.held[role][:0]
	}
	for i := range c.players {
		c.place(int32(i), 0)
	}
	var names []string
	names, c.names = carve(c.names, len(c.players))
	for role, who := range c.held {
		for _, i := range who {
			names[i] = c.book.roles[role].Name
		}
	}
	return names
}

// place gives a player a role beside those that were tried. One that is taken is freed by
// moving who has it, if they accept another.
func (c *casting) place(player int32, tried roleset) bool {
	for w := c.players[player].wishes; w != 0; w >>= wishBits {
		role := int(w&(1<<wishBits-1)) - 1
		if tried&(1<<role) != 0 {
			continue
		}
		tried |= 1 << role
		if len(c.held[role]) < c.counts[role] {
			c.held[role] = append(c.held[role], player)
			return true
		}
		for i, other := range c.held[role] {
			if c.place(other, tried) {
				c.held[role][i] = player
				return true
			}
		}
	}
	return false
}
