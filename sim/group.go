package sim

import (
	"fmt"
	"math"
)

// Group names a set of entities with one audience. Which groups a player sees decides
// what is sent to it. The zero value is Everyone.
type Group uint64

// GroupKind says what sort of audience a group has; the values are those of keyframes,
// PROTOCOL.md 4.3.
type GroupKind uint8

// The kinds of group.
const (
	KindWorld  GroupKind = iota // all players
	KindCell                    // those whose area of interest touches a cell of the grid
	KindTeam                    // those of one team
	KindPlayer                  // one player
	KindCustom                  // those to whom the game shows it
)

// Everyone is the group that all players see.
const Everyone Group = 0

const (
	groupKindShift = 56
	cellBits       = 28
	cellLimit      = 1<<(cellBits-1) - 1 // cells from -cellLimit to cellLimit, farther ones are clamped
)

// Team is the group of the players whose team is n.
func Team(n uint32) Group { return Group(KindTeam)<<groupKindShift | Group(n) }

// Only is the group of one seat.
func Only(s Seat) Group { return Group(KindPlayer)<<groupKindShift | Group(s) }

// Custom is a group of the game's own; Player.Show and Player.Hide decide who sees it.
func Custom(n uint32) Group { return Group(KindCustom)<<groupKindShift | Group(n) }

// Cell is the group of a cell of the grid, column x and row y. Cells beyond 2^27 from
// the origin are taken as the outermost ones.
func Cell(x, y int32) Group {
	const mask = 1<<cellBits - 1
	return Group(KindCell)<<groupKindShift | Group(clampCell(y)&mask)<<cellBits | Group(clampCell(x)&mask)
}

func clampCell(v int32) int32 { return min(max(v, -cellLimit), cellLimit) }

// Kind says what sort of audience g has.
func (g Group) Kind() GroupKind { return GroupKind(g >> groupKindShift) }

// String is for logs: "everyone", "team 2", "cell 3,-1".
func (g Group) String() string {
	switch g.Kind() {
	case KindWorld:
		return "everyone"
	case KindCell:
		x, y := g.cell()
		return fmt.Sprintf("cell %d,%d", x, y)
	case KindTeam:
		return fmt.Sprintf("team %d", uint32(g))
	case KindPlayer:
		return fmt.Sprintf("player %d", uint32(g))
	}
	return fmt.Sprintf("custom %d", uint32(g))
}

func (g Group) cell() (x, y int32) {
	return int32(g<<4) >> 4, int32(g>>cellBits<<4) >> 4
}

// valid reports whether g is one that the constructors make.
func (g Group) valid() bool {
	switch g.Kind() {
	case KindWorld:
		return g == Everyone
	case KindCell:
		return g == Cell(g.cell())
	case KindTeam, KindCustom:
		return g&(1<<groupKindShift-1) <= math.MaxUint32
	case KindPlayer:
		return g&(1<<groupKindShift-1) <= Group(NoSeat)
	}
	return false
}

// cellAt returns the index of the cell that holds v, along one axis.
func cellAt(v, size float32) int32 {
	c := math.Floor(float64(v) / float64(size))
	switch {
	case c != c:
		return 0
	case c < -cellLimit:
		return -cellLimit
	case c > cellLimit:
		return cellLimit
	}
	return int32(c)
}
