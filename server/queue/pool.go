package queue

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/roomtick/roomtick/sim"
)

// pool is the tickets of a round, made ready to be walked through.
type pool struct {
	q       *sim.Queue
	now     float64
	regions []string
	entries []entry   // the oldest first
	lists   []list    // by region
	places  []int32   // of entry e in list r at e*len(lists)+r, or outside
	far     []float32 // milliseconds to the farthest member, as places
	roles   rolebook
	pairs   bool // two tickets may be at odds for more than their skill
}

// maxRegions is how many regions a round looks at; there are fewer data centres.
const maxRegions = 31

// outside is the place of a ticket that is in no list of a region.
const outside = -1

// entry is a ticket that waits.
type entry struct {
	ticket *sim.Ticket
	skill  float64
	window float64 // how far off others may be
	waited float64
	size   int32
	used   bool
	near   uint32    // the regions that are near enough, a bit for each
	wary   bool      // a member avoids somebody
	masks  []roleset // of its members; nil without roles
}

// list is those who would play in one region, by skill. Links lead past who is matched.
type list struct{ nodes []node }

type node struct {
	skill, window float64
	entry         int32
	near          uint32 // of entry
	next, prev    int32  // outside at the ends
}

func newPool(q *sim.Queue, in Input, now float64) *pool {
	p := &pool{q: q, now: now, roles: newRolebook(q.Roles), pairs: q.Rules != nil}
	p.regions = in.Regions
	if p.regions == nil {
		p.regions = named(in.Tickets)
	}
	if len(p.regions) == 0 {
		p.regions = []string{""}
	}
	p.regions = p.regions[:min(len(p.regions), maxRegions)]
	p.entries = make([]entry, len(in.Tickets))
	p.far = make([]float32, len(in.Tickets)*len(p.regions))
	for i, t := range byAge(in.Tickets) {
		p.entries[i] = p.entry(t)
		p.entries[i].near = p.near(t, p.entries[i].waited, p.far[i*len(p.regions):(i+1)*len(p.regions)])
	}
	p.link()
	return p
}

// byAge is the oldest first.
func byAge(tickets []*sim.Ticket) []*sim.Ticket {
	type key struct { // what is sorted is small and in one place
		since  float64
		ticket *sim.Ticket
	}
	keys := make([]key, len(tickets))
	for i, t := range tickets {
		keys[i] = key{t.Since, t}
	}
	slices.SortFunc(keys, func(a, b key) int {
		switch {
		case a.since < b.since:
			return -1
		case a.since > b.since:
			return 1
		}
		return cmp.Compare(a.ticket.ID, b.ticket.ID)
	})
	sorted := make([]*sim.Ticket, len(tickets))
	for i, k := range keys {
		sorted[i] = k.ticket
	}
	return sorted
}

func (p *pool) entry(t *sim.Ticket) entry {
	skill := t.Skill()
	e := entry{ticket: t, skill: skill.Mu, waited: p.now - t.Since, size: int32(len(t.Members))}
	e.window = p.q.Skill.At(e.waited) + max(p.q.Doubt, 0)*skill.Sigma
	if p.roles.any() {
		e.masks = make([]roleset, len(t.Members))
	}
	for i := range t.Members {
		m := &t.Members[i]
		e.wary = e.wary || len(m.Avoid) > 0
		if e.masks != nil {
			e.masks[i] = p.roles.of(m.Roles)
		}
	}
	p.pairs = p.pairs || e.wary
	return e
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
	bySkill := make([]node, 0, len(p.entries))
	for i := range p.entries {
		e := &p.entries[i]
		if e.size == 0 || int(e.size) > p.q.MaxParty || math.IsNaN(e.skill) {
			continue // a party that no team takes
		}
		bySkill = append(bySkill, node{skill: e.skill, window: e.window, entry: int32(i), near: e.near})
	}
	slices.SortFunc(bySkill, func(a, b node) int {
		switch {
		case a.skill < b.skill:
			return -1
		case a.skill > b.skill:
			return 1
		}
		return int(a.entry - b.entry)
	})
	p.lists = make([]list, len(p.regions))
	p.places = make([]int32, len(p.entries)*len(p.regions))
	for i := range p.places {
		p.places[i] = outside
	}
	for r := range p.regions {
		nodes := make([]node, 0, len(bySkill))
		for _, n := range bySkill {
			if n.near&(1<<r) == 0 {
				continue
			}
			at := int32(len(nodes))
			p.places[int(n.entry)*len(p.regions)+r] = at
			n.prev, n.next = at-1, at+1
			nodes = append(nodes, n)
		}
		if len(nodes) > 0 {
			nodes[len(nodes)-1].next = outside
		}
		p.lists[r].nodes = nodes
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
				best = min(best, v)
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

// remove takes a ticket that is matched out of every list.
func (p *pool) remove(i int32) {
	p.entries[i].used = true
	for r := range p.lists {
		at := p.places[int(i)*len(p.lists)+r]
		if at == outside {
			continue
		}
		nodes := p.lists[r].nodes
		n := nodes[at]
		if n.prev != outside {
			nodes[n.prev].next = n.next
		}
		if n.next != outside {
			nodes[n.next].prev = n.prev
		}
		nodes[at].window = -1 // for whoever comes upon it all the same: nobody is in reach
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
