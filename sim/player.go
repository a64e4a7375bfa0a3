package sim

import "slices"

// Seat numbers the places of a room from 0. A seat outlives its player's conn.
type Seat uint16

// NoSeat is nobody: the owner of an entity that belongs to no player.
const NoSeat Seat = 0xFFFF

// Player is a seated participant. Games read its fields and call its methods; they do
// not keep the pointer beyond the call they were given it in.
type Player struct {
	Seat      Seat
	ID        string // who it is, across matches; from the matchmaker
	Name      string // what the player calls itself
	Bot       bool   // played by the game's Brain
	Connected bool   // false between a drop and a resume

	lookX, lookY float32
	looking      bool
	team         uint32
	inTeam       bool
	shown        []Group // in the order of Show
	fresh        bool    // the input of the coming tick has been set
}

// Look centres the player's area of interest, in world units; it sees the cells that
// ViewWidth by ViewHeight around it touch. Without a grid it does nothing.
func (p *Player) Look(x, y float32) {
	p.lookX, p.lookY, p.looking = x, y, true
}

// Show lets the player see a group. It does nothing beyond 1,024 groups, or if g is
// none that Team, Only, Custom or Cell give.
func (p *Player) Show(g Group) {
	if g.valid() && len(p.shown) < maxShown && !slices.Contains(p.shown, g) {
		p.shown = append(p.shown, g)
	}
}

// Hide takes back a Show. A group that the player sees for another reason, such as its
// team's, stays in sight.
func (p *Player) Hide(g Group) {
	if at := slices.Index(p.shown, g); at >= 0 {
		p.shown = slices.Delete(p.shown, at, at+1)
	}
}

// SetTeam puts the player into team n: it sees Team(n) and no other team's group. A
// player starts in no team.
func (p *Player) SetTeam(n uint32) { p.team, p.inTeam = n, true }

// LeaveTeam takes the player out of its team.
func (p *Player) LeaveTeam() { p.team, p.inTeam = 0, false }

// Team returns the player's team; ok is false if it is in none.
func (p *Player) Team() (n uint32, ok bool) { return p.team, p.inTeam }

// appendVisible appends the groups the player sees: each once, in a stable order.
func (p *Player) appendVisible(dst []Group, cfg *Config) []Group {
	from := len(dst)
	dst = append(dst, Everyone, Only(p.Seat))
	if p.inTeam {
		dst = append(dst, Team(p.team))
	}
	for _, g := range p.shown {
		if !slices.Contains(dst[from:], g) {
			dst = append(dst, g)
		}
	}
	if !p.looking || cfg.CellSize == 0 {
		return dst
	}
	return p.appendCells(dst, from, cfg)
}

func (p *Player) appendCells(dst []Group, from int, cfg *Config) []Group {
	shown := dst[from:]
	width, height := float32(cfg.ViewWidth/2), float32(cfg.ViewHeight/2) // of half a view
	left, right := cellAt(p.lookX-width, cfg.CellSize), cellAt(p.lookX+width, cfg.CellSize)
	top, bottom := cellAt(p.lookY-height, cfg.CellSize), cellAt(p.lookY+height, cfg.CellSize)
	for y := top; y <= bottom; y++ {
		for x := left; x <= right; x++ {
			if g := Cell(x, y); !slices.Contains(shown, g) {
				dst = append(dst, g)
			}
		}
	}
	return dst
}
