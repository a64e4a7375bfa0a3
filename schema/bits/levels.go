package bits

// Symbols of a range-coded value: 0 is zero, m the sizes of m bits, the last one all
// that are larger; PROTOCOL.md 4.10.
const (
	Symbols = 16
	Levels  = 256 // 16 chances of not being zero, times 16 shapes of what is not
)

const (
	chanceBits = 10 // of a symbol's share of the range
	chanceAll  = 1 << chanceBits
	shapeOne   = 1 << 20 // fixed point of the shapes
)

// chances are the shares, of 1024, of what is not zero: level / 16. They also are
// the chances of a Flag.
var chances = [16]uint32{4, 10, 20, 36, 62, 102, 164, 246, 348, 460, 584, 696, 800, 890, 962, 1004}

// ratios are how much rarer a magnitude is than the one below it, of 1024: level % 8.
var ratios = [8]uint64{205, 461, 666, 819, 911, 963, 993, 1009}

// table holds where the share of each symbol begins, and 1024 behind the last.
type table [Symbols + 1]uint16

var tables = makeTables()

func makeTables() *[Levels]table {
	var all [Levels]table
	for level := range all {
		all[level] = makeTable(level)
	}
	return &all
}

// share is where a code's share of 1024 begins, and how large it is.
type share uint32

func shareOf(from, to uint32) share { return share(from<<16 | (to - from)) }
func (s share) from() uint32        { return uint32(s >> 16) }
func (s share) size() uint32        { return uint32(s & 0xffff) }

// symbolShares are the shares of the tables, flagShares those of flags; a row is a level.
var symbolShares, flagShares = makeShares()

func makeShares() (*[Levels * Symbols]share, *[len(chances) * Symbols]share) {
	var symbols [Levels * Symbols]share
	var flags [len(chances) * Symbols]share
	for i := range symbols {
		t := &tables[i/Symbols]
		symbols[i] = shareOf(uint32(t[i%Symbols]), uint32(t[i%Symbols+1]))
	}
	for level, chance := range chances {
		flags[level*Symbols] = shareOf(0, chanceAll-chance)
		flags[level*Symbols+FlagSet] = shareOf(chanceAll-chance, chanceAll)
	}
	return &symbols, &flags
}

// makeTable spreads a level's share over the sizes as a geometric distribution of
// magnitudes would; from shape 8 on, 5/16 of it evenly over the sizes 1 to 9, which
// is what jumps need. Integers only: the client comes to the same table.
func makeTable(level int) table {
	var shares [Symbols]uint32
	shares[0] = chanceAll
	above := uint64(shapeOne) // the part of the share of magnitudes from here on
	for m := 1; m < Symbols; m++ {
		share := above
		if m < Symbols-1 {
			above = above * above / shapeOne * ratios[level&7] / 1024
			share -= above
		}
		if level&8 != 0 {
			share = share * 11 / 16
			if m <= 9 {
				share += shapeOne * 5 / 16 / 9
			}
		}
		shares[m] = max(1, uint32(uint64(chances[level>>4])*share/shapeOne))
		shares[0] -= shares[m]
	}
	var t table
	for m, share := range shares {
		t[m+1] = t[m] + uint16(share)
	}
	return t
}

// Share returns a symbol's chance at a level, of 1024.
func Share(level uint8, symbol int) uint32 {
	t := &tables[level]
	return uint32(t[symbol+1] - t[symbol])
}

// FlagShare returns the chance of a flag, of 1024; level is 0 to 15.
func FlagShare(level uint8) uint32 { return chances[level&15] }
