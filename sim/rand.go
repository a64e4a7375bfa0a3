package sim

import "math/bits"

// Rand draws the random numbers of a game: the same seed gives the same numbers on
// every machine, and its state is part of the checkpoint. It is PCG-XSH-RR 64/32 from
// M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good
// Algorithms for Random Number Generation", 2014. It is not for secrets.
//
// The zero value yields one fixed sequence; World.Rand is seeded by the room.
type Rand struct {
	state, stream uint64
}

const (
	pcgMultiplier = 6364136223846793005
	pcgStream     = 1442695040888963407
)

// NewRand returns a generator of its own for a seed, for example for a level.
func NewRand(seed uint64) Rand {
	r := Rand{stream: pcgStream}
	r.Uint32()
	r.state += seed
	r.Uint32()
	return r
}

// Uint32 returns 32 random bits.
func (r *Rand) Uint32() uint32 {
	old := r.state
	r.state = old*pcgMultiplier + (r.stream | 1)
	shifted := uint32((old>>18 ^ old) >> 27)
	return bits.RotateLeft32(shifted, -int(old>>59))
}

// IntN returns a number from 0 to n-1, each as likely; 0 if n is below 2. n is at most
// 2^31-1.
//
// The method is Lemire's, "Fast Random Integer Generation in an Interval", 2019.
func (r *Rand) IntN(n int) int {
	if n < 2 {
		return 0
	}
	bound := uint32(min(n, 1<<31-1))
	product := uint64(r.Uint32()) * uint64(bound)
	for floor := -bound % bound; uint32(product) < floor; {
		product = uint64(r.Uint32()) * uint64(bound)
	}
	return int(product >> 32)
}

// Float32 returns a number in [0, 1), a multiple of 2^-24.
func (r *Rand) Float32() float32 {
	return float32(r.Uint32()>>8) / (1 << 24)
}

// Range returns a number from lo to hi; hi itself only by rounding.
func (r *Rand) Range(lo, hi float32) float32 {
	return lo + float32(r.Float32()*(hi-lo))
}
