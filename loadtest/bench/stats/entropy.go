package stats

import "math"

// Counts is how often each symbol was seen.
type Counts map[int]int

// Entropy is the least a code for these symbols takes on average, in bits a symbol:
// Shannon's, with the frequencies as probabilities. 0 if none was seen.
func (c Counts) Entropy() float64 {
	var total, bits float64
	for _, n := range c {
		total += float64(n)
	}
	for _, n := range c {
		if p := float64(n) / total; p > 0 {
			bits -= p * math.Log2(p)
		}
	}
	return bits
}
