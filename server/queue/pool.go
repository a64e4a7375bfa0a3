package queue

import (
	"maps"
	"math"
	"slices"

	"github.com/roomtick/roomtick/sim"
)

// pool is the tickets of a round, made ready to be walked through. Whoever may meet is
// near in skill, so what is looked at together lies together.
type pool struct {
	q       *sim.Queue
	now     float64
	regions []string
	hosting int       // so many of them, the first, can take a match; the others have rooms to fill
	entries []entry   // by skill, of equals the oldest first; without parties that no team takes
	anchors []int32   // the entries, the oldest first
	used    []bool    // the entries that are matched
	spots   []spot    // of entry e in region r at e*len(regions)+r
	lists   [][]int32 // by region, once asked for
	members []member  // of all entries; nil without roles
	roles   rolebook
	players int  // in all entries
	pairs   bool // two tickets may be at odds for more than their skill
}

// maxRegions is how many regions a round looks at; there are fewer data centres.
const maxRegions = 31

// outside is the place of nobody.
const outside = -1

// entry is a ticket that waits.
type entry struct {
	ticket  *sim.Ticket
	skill   float64
	window  float64 // how far off others may be; -1 once it is matched: nobody is in reach
	waited  float64
	unknown float64 // the variances of its members
	size    int32
	members int32  // the place of the first
	near    uint32 // the regions that are near enough, a bit for each
	wary    bool   // a member avoids somebody
}

// spot is a ticket's in the list of those who would play in a region, by skill. The lists
// lead past who is matched.
type spot struct {
	next, prev int32   // entries; outside at the ends
	ms         float32 // from the region to the farthest member
}

func newPool(q *sim.Queue, in Input, now float64) *pool {
	p := &pool{q: q, now: now, roles: newRolebook(q.Roles), pairs: q.Rules != nil}
	p.regions = in.Regions
	if p.regions == nil {
		p.regions = named(in.Tickets)
	}
	if in.Regions == nil && len(p.regions) == 0 {
		p.regions = []string{""}
	}
	p.regions = slices.Clone(p.regions[:min(len(p.regions), maxRegions)])
	p.hosting = len(p.regions)
	for _, b := range in.Backfills { // a region without a place for a match may have rooms to fill
		if len(p.regions) < maxRegions && !slices.Contains(p.regions, b.Region) {
			p.regions = append(p.regions, b.Region)
		}
	}
	p.enter(in.Tickets)
	p.link()
	return p
}

// enter makes the entries.
func (p *pool) enter(tickets []*sim.Ticket) {
	n := len(p.regions)
	aged := make([]entry, 0, len(tickets))
	far := make([]float32, 0, len(tickets)*n)
	keys := make([]keyed, 0, len(tickets))
	for _, t := range byAge(tickets) {
		e := p.entry(t)
		if e.size == 0 || int(e.size) > p.q.MaxParty || math.IsNaN(e.skill) {
			continue
		}
		far = far[:len(far)+n]
		e.near = p.near(t, e.waited, far[len(far)-n:])
		keys = append(keys, keyed{keyOf(e.skill), int32(len(aged))})
		aged = append(aged, e)
		p.players += int(e.size)
	}
	p.arrange(aged, far, sortKeyed(keys))
}

// arrange brings entries from the order of their age into that of their skill.
func (p *pool) arrange(aged []entry, far []float32, bySkill []keyed) {
	n := len(p.regions)
	p.entries = make([]entry, len(aged))
	p.spots = make([]spot, len(aged)*n)
	p.anchors = make([]int32, len(aged))
	p.used = make([]bool, len(aged))
	members := make([]member, 0, len(p.members))
	for i, k := range bySkill {
		e := &p.entries[i]
		*e = aged[k.i]
		p.anchors[k.i] = int32(i)
		if p.members != nil {
			from := len(members)
			members = append(members, p.membersOf(e)...)
			e.members = int32(from)
		}
		for r, ms := range far[int(k.i)*n:][:n] {
			p.spots[i*n+r].ms = ms
		}
	}
	if p.members != nil {
		p.members = members
	}
}

func (p *pool) entry(t *sim.Ticket) entry {
	skill := t.Skill()
	e := entry{ticket: t, skill: skill.Mu, waited: p.now - t.Since, size: int32(len(t.Members)), members: int32(len(p.members))}
	e.window = p.q.Skill.At(e.waited) + max(p.q.Doubt, 0)*skill.Sigma
	for i := range t.Members {
		m := &t.Members[i]
		e.unknown += m.Skill.Sigma * m.Skill.Sigma
		e.wary = e.wary || len(m.Avoid) > 0
		if p.roles.any() {
			p.members = append(p.members, p.roles.member(m.Roles))
		}
	}
	p.pairs = p.pairs || e.wary
	return e
}

// membersOf is who is in a ticket; nil without roles.
func (p *pool) membersOf(e *entry) []member {
	if p.members == nil {
		return nil
	}
	return p.members[e.members : e.members+e.size]
}

// named is every region that a ticket names, in order.
func named(tickets []*sim.Ticket) []string {
	seen := make(map[string]bool)
	for _, t := range tickets {
		for i := range t.Members {
			for region := range t.Members[i].Latencies {
				seen[region] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// link makes the list of every region.
func (p *pool) link() {
	n := len(p.regions)
	for r := range n {
		last := int32(outside)
		for i := range p.entries {
			if p.entries[i].near&(1<<r) == 0 {
				continue
			}
			s := &p.spots[i*n+r]
			s.prev, s.next = last, outside
			if last != outside {
				p.spots[int(last)*n+r].next = int32(i)
			}
			last = int32(i)
		}
	}
}

// near is the regions that are near enough to every member of a ticket. It adds up in far
// how far the farthest is from each.
func (p *pool) near(t *sim.Ticket, waited float64, far []float32) uint32 {
	all := uint32(1)<<len(p.regions) - 1
	limit := p.q.Latency.At(waited)
	var ms [maxRegions]float64
	for i := range t.Members {
		latencies := t.Members[i].Latencies
		if len(latencies) == 0 {
			continue
		}
		best := math.Inf(1)
		for r, region := range p.regions {
			if v, ok := latencies[region]; ok {
				ms[r] = v
				if r < p.hosting || p.hosting == 0 {
					best = min(best, v)
				}
			} else {
				ms[r] = math.Inf(1)
			}
		}
		if math.IsInf(best, 1) {
			continue // knows none of them
		}
		for r := range p.regions {
			if ms[r] > max(limit, best) {
				all &^= 1 << r
			}
			far[r] = max(far[r], float32(ms[r]))
		}
	}
	return all
}

// spot is an entry's in a region.
func (p *pool) spot(i int32, region int) *spot { return &p.spots[int(i)*len(p.regions)+region] }

// remove takes a ticket that is matched out of every list.
func (p *pool) remove(i int32) {
	e := &p.entries[i]
	e.window = -1
	p.used[i] = true
	n := len(p.regions)
	for r := range n {
		if e.near&(1<<r) == 0 {
			continue
		}
		s := &p.spots[int(i)*n+r]
		if s.prev != outside {
			p.spots[int(s.prev)*n+r].next = s.next
		}
		if s.next != outside {
			p.spots[int(s.next)*n+r].prev = s.prev
		}
	}
}

// fit reports whether two tickets may be in one match, their skills aside.
func (p *pool) fit(a, b *entry) bool {
	return (!a.wary || !avoids(a.ticket, b.ticket)) && (!b.wary || !avoids(b.ticket, a.ticket)) &&
		(p.q.Rules == nil || p.q.Rules.Fits(a.ticket, b.ticket))
}

// avoids reports whether a member of a does not want to meet one of b.
func avoids(a, b *sim.Ticket) bool {
	for i := range a.Members {
		for _, id := range a.Members[i].Avoid {
			for j := range b.Members {
				if b.Members[j].Player == id {
					return true
				}
			}
		}
	}
	return false
}
