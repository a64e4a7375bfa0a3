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

	// What the queue has made of a player, if one has: the team, 1 for the first, and what
	// Queue.Roles calls what they are in it. 0 and empty otherwise.
	MatchTeam int
	Role      string

	grid         *grid   // of the game; its size is 0 if it has none
	centreX      float32 // of the player's area, at most the grid's slack from where it looks
	centreY      float32
	looking      bool
	halfX, halfY float32 // of the player's own view; 0: the game's
	area         area

	team   uint32
	inTeam bool
	shown  []Group // in the order of Show
	views  uint32  // rises whenever the player may see other groups than before
	fresh  bool    // the input of the coming tick has been set

	view    View // what the client drew when it made the input of this tick
	viewing bool // the client has told
}

// Look centres the player's area of interest on a position in world units: it sees the
// cells of the grid that its view touches, and of the rings around it. What lies up to
// an eighth of a cell beyond may be seen as well, so that moving to and fro at a cell's
// border changes nothing. Without a grid, or if x or y is no number, it does nothing.
func (p *Player) Look(x, y float32) {
	if p.grid.size == 0 || !isFinite(x) || !isFinite(y) {
		return
	}
	slack := p.grid.slack
	if !p.looking {
		p.centreX, p.centreY, p.looking = x, y, true
	}
	p.centreX = min(max(p.centreX, x-slack), x+slack)
	p.centreY = min(max(p.centreY, y-slack), y+slack)
	p.survey()
}

// View sets the size of the player's own view in world units, for a telescope or
// another screen; 0 by 0 is the game's ViewWidth by ViewHeight again. A view that would
// cover more than 1,024 cells is made as small as that.
func (p *Player) View(width, height float32) {
	if p.grid.size == 0 || !(width >= 0) || !(height >= 0) {
		return
	}
	for p.grid.cells(float64(width), float64(height)) > maxViewCells {
		width, height = min(width/2, maxViewCells*p.grid.size), min(height/2, maxViewCells*p.grid.size)
	}
	p.halfX, p.halfY = width/2, height/2
	if p.looking {
		p.survey()
	}
}

// survey finds the cells of the player's area.
func (p *Player) survey() {
	halfX, halfY := p.halfX, p.halfY
	if halfX == 0 && halfY == 0 {
		halfX, halfY = p.grid.halfX, p.grid.halfY
	}
	if a := p.grid.areaAround(p.centreX, p.centreY, halfX, halfY); a != p.area {
		p.area = a
		p.views++
	}
}

func isFinite(v float32) bool { return v-v == 0 }

// Show lets the player see a group. It does nothing beyond 1,024 groups, or if g is
// none that Team, Only, Custom or Cell give.
func (p *Player) Show(g Group) {
	if g.valid() && len(p.shown) < maxShown && !slices.Contains(p.shown, g) {
		p.shown = append(p.shown, g)
		p.views++
	}
}

// Hide takes back a Show. A group that the player sees for another reason, such as its
// team's, stays in sight.
func (p *Player) Hide(g Group) {
	if at := slices.Index(p.shown, g); at >= 0 {
		p.shown = slices.Delete(p.shown, at, at+1)
		p.views++
	}
}

// SetTeam puts the player into team n: it sees Team(n) and no other team's group. A
// player starts in no team.
func (p *Player) SetTeam(n uint32) {
	if !p.inTeam || p.team != n {
		p.team, p.inTeam = n, true
		p.views++
	}
}

// LeaveTeam takes the player out of its team.
func (p *Player) LeaveTeam() {
	if p.inTeam {
		p.team, p.inTeam = 0, false
		p.views++
	}
}

// Team returns the player's team; ok is false if it is in none.
func (p *Player) Team() (n uint32, ok bool) { return p.team, p.inTeam }

// Sight is a group that a player sees, and how often: Every is 1 for every send tick, 2
// or 4 for a cell of a ring around the view.
type Sight struct {
	Group Group
	Every uint8
}

// appendVisible appends the groups the player sees: each once, in a stable order.
func (p *Player) appendVisible(dst []Sight) []Sight {
	from := len(dst)
	dst = append(dst, Sight{Everyone, 1}, Sight{Only(p.Seat), 1})
	if p.inTeam {
		dst = append(dst, Sight{Team(p.team), 1})
	}
	for _, g := range p.shown {
		if !slices.ContainsFunc(dst[from:], func(s Sight) bool { return s.Group == g }) {
			dst = append(dst, Sight{g, 1})
		}
	}
	if !p.looking {
		return dst
	}
	return p.grid.appendCells(dst, &p.area, p.shown)
}
