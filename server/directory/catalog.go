package directory

import (
	"cmp"
	"slices"
	"time"
)

// catalog is public rooms in the orders in which they are searched. The zero value is
// empty.
type catalog struct {
	byID    map[string]*entry
	byRoom  []*entry // in the order of their rooms
	shelves []*shelf // in no order; there are few
}

// entry is a room of a catalog.
type entry struct {
	Listing
	until time.Time // of its lease; zero if the room is to be removed when it runs out
}

// shelf is the rooms of a game in a region, those with the fewest free seats first.
type shelf struct {
	game, region string
	rooms        []*entry
}

func compareRoom(e *entry, room string) int { return cmp.Compare(e.Room, room) }

func compareFill(a, b *entry) int {
	return cmp.Or(cmp.Compare(a.Free(), b.Free()), cmp.Compare(a.Room, b.Room))
}

// put adds a room, or what has changed of it. Private ones are not shown.
func (c *catalog) put(l *Listing, until time.Time) {
	if l.Private {
		c.remove(l.Room)
		return
	}
	e := c.byID[l.Room]
	if e == nil {
		e = &entry{Listing: *l, until: until}
		if c.byID == nil {
			c.byID = make(map[string]*entry)
		}
		c.byID[l.Room] = e
		i, _ := slices.BinarySearchFunc(c.byRoom, l.Room, compareRoom)
		c.byRoom = slices.Insert(c.byRoom, i, e)
		c.shelf(l.Game, l.Region).put(e)
		return
	}
	moved := e.Free() != l.Free() || e.Game != l.Game || e.Region != l.Region
	if moved {
		c.shelf(e.Game, e.Region).take(e)
	}
	e.Listing, e.until = *l, until
	if moved {
		c.shelf(l.Game, l.Region).put(e)
	}
}

func (c *catalog) remove(room string) {
	e := c.byID[room]
	if e == nil {
		return
	}
	delete(c.byID, room)
	if i, found := slices.BinarySearchFunc(c.byRoom, room, compareRoom); found {
		c.byRoom = slices.Delete(c.byRoom, i, i+1)
	}
	c.shelf(e.Game, e.Region).take(e)
}

// shelf returns the one of a game in a region.
func (c *catalog) shelf(game, region string) *shelf {
	for _, s := range c.shelves {
		if s.game == game && s.region == region {
			return s
		}
	}
	s := &shelf{game: game, region: region}
	c.shelves = append(c.shelves, s)
	return s
}

func (s *shelf) put(e *entry) {
	i, _ := slices.BinarySearchFunc(s.rooms, e, compareFill)
	s.rooms = slices.Insert(s.rooms, i, e)
}

func (s *shelf) take(e *entry) {
	if i, found := slices.BinarySearchFunc(s.rooms, e, compareFill); found {
		s.rooms = slices.Delete(s.rooms, i, i+1)
	}
}

// find returns what q asks for.
func (c *catalog) find(q *Query, now time.Time) []Listing {
	var found []Listing
	visit := func(e *entry) (more bool) {
		if (e.until.IsZero() || now.Before(e.until)) && q.Wants(&e.Listing) {
			found = append(found, e.Listing)
		}
		return q.Limit <= 0 || len(found) < q.Limit
	}
	switch q.Sort {
	case ByRoom:
		first, _ := slices.BinarySearchFunc(c.byRoom, q.After, compareRoom)
		for _, e := range c.byRoom[first:] {
			if !visit(e) {
				break
			}
		}
	case ByAge:
		byAge := slices.Clone(c.byRoom)
		slices.SortStableFunc(byAge, func(a, b *entry) int { return a.Created.Compare(b.Created) })
		for _, e := range byAge {
			if !visit(e) {
				break
			}
		}
	case ByFill, ByLatency:
		for _, group := range c.nearest(q) {
			if !merge(group, visit) {
				break
			}
		}
	}
	return found
}

// reader is how far a shelf has been read.
type reader struct {
	latency float64
	rooms   []*entry
}

// nearest returns the shelves that q asks for from the first room with as many free seats
// as it does, in groups of one latency each, nearest first. Without ByLatency that is
// one group.
func (c *catalog) nearest(q *Query) [][]reader {
	var all []reader
	for _, s := range c.shelves {
		if q.Game != "" && q.Game != s.game || q.Region != "" && q.Region != s.region || len(s.rooms) == 0 {
			continue
		}
		r := reader{rooms: s.rooms}
		if q.Sort == ByLatency {
			r.latency = q.latency(s.region)
		}
		if q.Free > 0 {
			first, _ := slices.BinarySearchFunc(s.rooms, q.Free, func(e *entry, free int) int {
				if e.Free() < free {
					return -1
				}
				return 1
			})
			r.rooms = s.rooms[first:]
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b reader) int { return cmp.Compare(a.latency, b.latency) })
	var groups [][]reader
	for i, r := range all {
		if i == 0 || r.latency != all[i-1].latency {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], r)
	}
	return groups
}

// merge visits the rooms of a group in the order of their free seats, until visit has
// enough.
func merge(group []reader, visit func(*entry) bool) bool {
	for {
		var best *reader
		for i := range group {
			r := &group[i]
			if len(r.rooms) > 0 && (best == nil || compareFill(r.rooms[0], best.rooms[0]) < 0) {
				best = r
			}
		}
		if best == nil {
			return true
		}
		e := best.rooms[0]
		best.rooms = best.rooms[1:]
		if !visit(e) {
			return false
		}
	}
}
