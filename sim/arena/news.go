package arena

import "github.com/roomtick/roomtick/sim"

// Shot is a bullet leaving a gun.
type Shot struct {
	X, Y  float32  `sync:"min=0,max=12000,step=0.5"`
	Angle float32  `sync:"angle,bits=8"`
	Seat  sim.Seat // whose
}

// The sizes of a Boom.
const (
	boomSpark = 1 + iota // a bullet that hits
	boomRock
	boomShip
)

// Boom is something that bursts.
type Boom struct {
	X, Y float32 `sync:"min=0,max=12000,step=0.5"`
	Size uint8   `sync:"min=1,max=3"`
	Hue  uint8   // of the ship, or of the bullet of a spark
}

// Kill tells everybody who destroyed whose ship.
type Kill struct {
	By    string // empty if it was a rock
	Of    string
	ByHue uint8
	OfHue uint8
}

// Down tells a player that its ship was destroyed.
type Down struct {
	By    string // empty if it was a rock
	Ticks uint16 // until it has a new one
}

// Picked tells a player what it has collected.
type Picked struct {
	Kind uint8 `sync:"min=1,max=3"` // of Pickup
}

// Line is a line of chat, for everybody.
type Line struct {
	From string
	Text string `sync:"max=120"`
	Hue  uint8  // of who said it
}

// Say is a line of chat from a player.
type Say struct {
	Text string `sync:"max=120"` // bytes
}
