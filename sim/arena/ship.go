package arena

import (
	"math"

	"github.com/roomtick/roomtick/sim"
)

// How ships fly. Lengths in units, times in seconds, angles in radians.
const (
	fullTurn   = 2 * math.Pi
	turnRate   = 3.6
	thrust     = 240 // acceleration
	drag       = 0.6 // share of the speed lost in a second
	maxSpeed   = 380
	wallSpeed  = 0.6 // share of the speed kept at a bounce
	shipRadius = 16
)

// Ship is what a player flies until it is destroyed.
type Ship struct {
	X, Y   float32  `sync:"min=0,max=12000,step=0.05,predict,lerp"`
	Angle  float32  `sync:"angle,bits=10,predict,lerp"`               // where the bow points; 0 is +X, grows towards +Y
	VX, VY float32  `sync:"min=-400,max=400,step=0.01,predict,owner"` // units per second; the owner's prediction needs it
	Thrust bool     `sync:"predict"`                                  // the engine burns
	HP     uint8    `sync:"min=0,max=100"`
	Safe   bool     `sync:""`      // just launched: nothing harms it until it fires
	Power  uint8    `sync:""`      // powerNone, powerRapid or powerShield
	Points uint16   `sync:""`      // of its player
	Name   string   `sync:"once"`  // of its player
	Hue    uint8    `sync:"once"`  // of its colour: 256 are the full circle
	Team   uint8    `sync:"once"`  // teamNone, teamRed or teamBlue
	Seat   sim.Seat `sync:"once"`  // whose
	Reload uint8    `sync:"owner"` // ticks until it may fire again

	tapped     bool    // the trigger was tapped while the gun was loading
	safeTicks  uint8   // until Safe ends
	powerTicks uint16  // until Power ends
	bruised    uint8   // ticks until a rock can hurt it again
	seen       glimpse // by computer players
}

// Move flies s for one tick. It reads and writes fields with the predict tag only, so
// that the owner's client can run it ahead of the server. Products are rounded before
// they are added: a fused multiply-add would give other bits on other machines.
func Move(s *Ship, in Input, env sim.Env) {
	s.Angle = sim.WrapAngle(s.Angle + float32(float32(in.Turn)*turnRate*env.DT))
	s.Thrust = in.Thrust
	keep := 1 - float32(drag*env.DT)
	s.VX *= keep
	s.VY *= keep
	if s.Thrust {
		push := thrust * env.DT
		s.VX += float32(push * sim.Cos(s.Angle))
		s.VY += float32(push * sim.Sin(s.Angle))
	}
	limitSpeed(s)
	s.X, s.VX = glide(s.X, s.VX, env.DT, wallSpeed)
	s.Y, s.VY = glide(s.Y, s.VY, env.DT, wallSpeed)
}

func limitSpeed(s *Ship) {
	speed := length(s.VX, s.VY)
	if speed > maxSpeed {
		s.VX *= maxSpeed / speed
		s.VY *= maxSpeed / speed
	}
}

// glide moves one coordinate by its velocity and bounces it off the walls, where it
// keeps a share of its speed.
func glide(x, v, dt, kept float32) (float32, float32) {
	x += float32(v * dt)
	switch {
	case x < 0:
		return -x, -v * kept
	case x > Size:
		return 2*Size - x, -v * kept
	}
	return x, v
}

// length is that of the vector (x, y).
func length(x, y float32) float32 {
	return sim.Sqrt(float32(x*x) + float32(y*y))
}
