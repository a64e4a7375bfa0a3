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
	levelShift     = 52
	maxLevel       = 1<<(groupKindShift-levelShift) - 1
	cellBits       = 26
	cellLimit      = 1<<(cellBits-1) - 1 // cells from -cellLimit to cellLimit, farther ones are clamped
)

// Team is the group of the players whose team is n.
func Team(n uint32) Group { return Group(KindTeam)<<groupKindShift | Group(n) }

// Only is the group of one seat.
func Only(s Seat) Group { return Group(KindPlayer)<<groupKindShift | Group(s) }

// Custom is a group of the game's own; Player.Show and Player.Hide decide who sees it.
func Custom(n uint32) Group { return Group(KindCustom)<<groupKindShift | Group(n) }

// Cell is the group of a cell of the grid, column x and row y. Cells beyond 2^25 from
// the origin are taken as the outermost ones.
func Cell(x, y int32) Group { return cellOf(0, x, y) }

// cellOf is the group of a cell of a level of the grid; see grid.
func cellOf(level int, x, y int32) Group {
	const mask = 1<<cellBits - 1
	return Group(KindCell)<<groupKindShift | Group(level)<<levelShift |
		Group(clampCell(y)&mask)<<cellBits | Group(clampCell(x)&mask)
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
		level, x, y := g.cell()
		if level > 0 {
			return fmt.Sprintf("cell %d,%d of level %d", x, y, level)
		}
		return fmt.Sprintf("cell %d,%d", x, y)
	case KindTeam:
		return fmt.Sprintf("team %d", uint32(g))
	case KindPlayer:
		return fmt.Sprintf("player %d", uint32(g))
	}
	return fmt.Sprintf("custom %d", uint32(g))
}

func (g Group) cell() (level int, x, y int32) {
	const unused = 32 - cellBits
	return int(g >> levelShift & maxLevel), int32(g<<unused) >> unused, int32(g>>cellBits<<unused) >> unused
}

// valid reports whether g is one that the constructors make.
func (g Group) valid() bool {
	switch g.Kind() {
	case KindWorld:
		return g == Everyone
	case KindCell:
		level, x, y := g.cell()
		return level < gridLevels && g == cellOf(level, x, y)
	case KindTeam, KindCustom:
		return g&(1<<groupKindShift-1) <= math.MaxUint32
	case KindPlayer:
		return g&(1<<groupKindShift-1) <= Group(NoSeat)
	}
	return false
}
