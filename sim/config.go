package sim

import (
	"fmt"
	"math"
	"slices"
)

const (
	defaultTickRate   = 20
	maxTickRate       = 128
	defaultMaxPlayers = 50
	// maxSeats leaves NoSeat free.
	maxSeats = int(NoSeat)
	// maxViewCells bounds the groups one player sees; a well-chosen cell size gives nine.
	maxViewCells = 1024
	// maxShown and maxViewCells together stay below the 4,096 groups a client holds.
	maxShown         = 1024
	maxSpectateDelay = 60 // seconds: a room keeps that much of its stream
	// maxName keeps logs and metrics readable.
	maxName = 64
)

// Config is what a game fixes for all its rooms.
type Config struct {
	Name       string  // as players and URLs name it; lower case letters, digits and dashes
	TickRate   int     // steps per second, 1 to 128; 0 is 20
	SendRate   int     // snapshots per second, a divisor of TickRate; 0 is TickRate
	MaxPlayers int     // seats in a room, computer players included; 0 is 50
	CellSize   float32 // edge of a cell of the visibility grid in world units; 0: no grid
	ViewWidth  float32 // of a player's area of interest in world units; needs CellSize
	ViewHeight float32

	// RingWidth is the width, in world units, of each of two rings around the view. Their
	// cells are sent at half and at a quarter of the send rate: a minimap, or what is
	// about to come into view. 0: no rings.
	RingWidth float32

	// MaxSpectators may watch a room without a seat, 0: nobody. They see Everyone and the
	// cells of the grid, the first 4,096 groups of them, or what the game says as a
	// Spectated; SpectateDelay seconds late, 0 to 60. A room that may be watched records
	// itself all the time: about what one more player who sees everything costs, and at
	// most 32 MB. When a match ends spectators are sent away with the players.
	MaxSpectators int
	SpectateDelay float32

	// Queues are the kinds of match that players may wait for instead of joining a room.
	Queues []Queue
}

func (c Config) withDefaults() Config {
	if c.TickRate == 0 {
		c.TickRate = defaultTickRate
	}
	if c.SendRate == 0 {
		c.SendRate = c.TickRate
	}
	if c.MaxPlayers == 0 {
		c.MaxPlayers = defaultMaxPlayers
	}
	c.Queues = slices.Clone(c.Queues)
	for i := range c.Queues {
		c.Queues[i] = c.Queues[i].withDefaults()
	}
	return c
}

// check reports every mistake in a config that has its defaults.
func (c Config) check(m *mistakes) {
	if !validName(c.Name) {
		m.add("Config.Name", fmt.Sprintf("%q is not a name", c.Name),
			"1 to 64 lower case letters, digits and dashes")
	}
	if c.TickRate < 1 || c.TickRate > maxTickRate {
		m.add("Config.TickRate", fmt.Sprintf("%d is out of range", c.TickRate), "1 to 128 steps per second")
	} else if c.SendRate < 1 || c.TickRate%c.SendRate != 0 {
		m.add("Config.SendRate", fmt.Sprintf("%d does not divide the tick rate %d", c.SendRate, c.TickRate),
			fmt.Sprintf("a divisor such as %d", nearestDivisor(c.TickRate, c.SendRate)))
	}
	if c.MaxPlayers < 1 || c.MaxPlayers > maxSeats {
		m.add("Config.MaxPlayers", fmt.Sprintf("%d is out of range", c.MaxPlayers), "1 to 65535 seats")
	}
	if c.MaxSpectators < 0 {
		m.add("Config.MaxSpectators", fmt.Sprintf("%d is out of range", c.MaxSpectators), "0 or more")
	}
	if !(c.SpectateDelay >= 0 && c.SpectateDelay <= maxSpectateDelay) {
		m.add("Config.SpectateDelay", fmt.Sprintf("%g is out of range", c.SpectateDelay), "0 to 60 seconds")
	}
	c.checkGrid(m)
	c.checkQueues(m)
}

func (c Config) checkGrid(m *mistakes) {
	size, width, height := float64(c.CellSize), float64(c.ViewWidth), float64(c.ViewHeight)
	ring := float64(c.RingWidth)
	switch {
	case !(size >= 0) || math.IsInf(size, 0):
		m.add("Config.CellSize", fmt.Sprintf("%g is not a size", size), "a positive number, or 0 for no grid")
	case size == 0 && (width != 0 || height != 0 || ring != 0):
		m.add("Config.CellSize", "a view needs a grid", "about a third of the view's size")
	case size == 0:
	case !(width > 0) || !(height > 0):
		m.add("Config.ViewWidth", "a grid without a view shows nothing",
			"ViewWidth and ViewHeight of what a player sees")
	case !(ring >= 0):
		m.add("Config.RingWidth", fmt.Sprintf("%g is not a width", ring), "a positive number, or 0 for no rings")
	case !(newGrid(&c).cells(width, height) <= maxViewCells):
		m.add("Config.CellSize", fmt.Sprintf("a view of %g by %g with its rings covers too many cells of %g", width, height, size),
			"about a third of the view's size")
	}
}

func validName(s string) bool {
	if s == "" || len(s) > maxName {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
			return false
		}
	}
	return true
}

func nearestDivisor(n, want int) int {
	best := n
	for d := 1; d <= n; d++ {
		if n%d == 0 && abs(d-want) < abs(best-want) {
			best = d
		}
	}
	return best
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
