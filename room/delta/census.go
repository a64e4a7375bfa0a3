package delta

import (
	"math"

	bitcode "github.com/roomtick/roomtick/schema/bits"
)

// How parameters follow what they code. They are looked at anew every few send ticks,
// and change only if that soon pays for telling it.
const (
	countEvery   = 2        // send ticks between two that are counted
	lookEvery    = 8        // send ticks between two looks; each halves what was counted
	changePays   = 24 * fix // bits that a change must save within what was counted
	fix          = 256      // fractions of a bit in a price
	surelyCoded  = 8        // the range coder must save one bit in so many: it is slower to decode
	codedSection = 20 * fix // what a section costs beside its symbols
)

// census counts the residuals of a part, over the last send ticks.
type census struct {
	flags   [8][2]uint32 // rows that were not awake, and that were
	rows    uint32       // awake rows
	kept    uint32       // rows of groups that had an awake one
	columns []columnCensus
	looked  bool
	saving  uint32 // price that the range coder saves on an awake row; 0 if it is not worth it
}

type columnCensus struct {
	symbols [contexts][bitcode.Symbols]uint32
	values  bins
	stance
	levels [contexts]uint8 // the cheapest
}

// count adds the rows of one group, of which some are awake, and their codes.
func (c *census) count(b *bench, codes []uint8, columns []columnSettings) {
	n := len(b.awake)
	c.rows += uint32(n)
	c.kept += uint32(len(b.kinds))
	for _, kind := range b.kinds {
		c.flags[kind>>4&7][kind&1]++
	}
	for i := range columns {
		if columns[i].active {
			c.columns[i].count(codes[:n], b.block(i), b.awake)
			codes = codes[n:]
		}
	}
}

// count adds one column.
func (c *columnCensus) count(codes []uint8, residuals, awake []int32) {
	for i, code := range codes {
		c.symbols[code/bitcode.Symbols][code%bitcode.Symbols]++
		c.values.add(residuals[awake[i]])
	}
}

// look chooses parameters anew and forgets half of what was counted.
func (c *census) look(s *settings) {
	c.looked = true
	plain, coded := uint64(0), uint64(0)
	if c.rows < c.kept {
		plain = uint64(c.kept) * fix
	}
	for kind, seen := range c.flags[:idleKinds] {
		coded += uint64(flagPrice(seen, cheapestFlag(seen, s.awake[kind])))
	}
	for i := range c.columns {
		col := &c.columns[i]
		col.stance.look()
		if !s.columns[i].active {
			continue
		}
		values := col.values.survey()
		best, price := values.best(s.columns[i].coding, changePays)
		s.columns[i].coding = best
		plain += uint64(price)
		coded += col.chooseLevels(&s.columns[i])
	}
	c.saving = 0
	if coded+coded/surelyCoded < plain {
		c.saving = uint32((plain - coded) / uint64(c.rows))
		c.adopt(s)
	}
	c.forget()
}

// adopt makes the levels that look chose the ones in use.
func (c *census) adopt(s *settings) {
	for kind, seen := range c.flags[:idleKinds] {
		s.awake[kind] = cheapestFlag(seen, s.awake[kind])
	}
	for i := range c.columns {
		if s.columns[i].active {
			s.columns[i].levels = c.columns[i].levels
		}
	}
}

func (c *census) forget() {
	c.rows, c.kept = c.rows/2, c.kept/2
	for kind := range c.flags {
		c.flags[kind][0] /= 2
		c.flags[kind][1] /= 2
	}
	for i := range c.columns {
		col := &c.columns[i]
		for ctx := range col.symbols {
			for symbol := range col.symbols[ctx] {
				col.symbols[ctx][symbol] /= 2
			}
		}
		for bin := range col.values {
			col.values[bin] /= 2
		}
	}
}

// worth reports whether a group with so many awake rows is range-coded.
func (c *census) worth(awake int) bool { return uint64(c.saving)*uint64(awake) > codedSection }

// chooseLevels finds the levels that pay, and returns the price of what was counted.
func (c *columnCensus) chooseLevels(used *columnSettings) uint64 {
	price := uint64(0)
	for ctx := range c.symbols {
		for symbol, n := range c.symbols[ctx] {
			price += uint64(n) * uint64(symbol) * fix // its rest
		}
		c.levels[ctx] = c.best(ctx, used.levels[ctx])
		price += uint64(levelPrice(c.seenOf(ctx), c.levels[ctx]))
	}
	return price
}

// prices are the bits of each symbol at each level, and of flags, times fix.
var prices, flagPrices = makePrices()

func makePrices() (*[bitcode.Levels][bitcode.Symbols]uint32, *[16][2]uint32) {
	price := func(share uint32) uint32 { return uint32(math.Round(math.Log2(1024/float64(share)) * fix)) }
	var symbols [bitcode.Levels][bitcode.Symbols]uint32
	var flags [16][2]uint32
	for level := range symbols {
		for symbol := range symbols[level] {
			symbols[level][symbol] = price(bitcode.Share(uint8(level), symbol))
		}
	}
	for level := range flags {
		share := bitcode.FlagShare(uint8(level))
		flags[level] = [2]uint32{price(1024 - share), price(share)}
	}
	return &symbols, &flags
}

// best returns the level that is cheapest for a context's symbols, if it is so much
// cheaper than the one in use that telling it pays.
func (c *columnCensus) best(ctx int, used uint8) uint8 {
	seen := c.seenOf(ctx)
	others := uint32(0)
	for _, n := range seen[1:] {
		others += n
	}
	if others+seen[0] == 0 {
		return used
	}
	chance := cheapestFlag([2]uint32{seen[0], others}, used>>4)
	best, least := used, levelPrice(seen, used)-changePays
	for shape := range uint8(16) {
		if price := levelPrice(seen, chance<<4|shape); price < least {
			best, least = chance<<4|shape, price
		}
	}
	return best
}

// levelPrice is what the first symbols cost at a level, of which so many of each were seen.
func levelPrice(seen []uint32, level uint8) int64 {
	price, total := prices[level][:len(seen)], int64(0)
	for symbol, n := range seen {
		total += int64(n) * int64(price[symbol])
	}
	return total
}

// seenOf returns a context's counts up to the largest symbol.
func (c *columnCensus) seenOf(ctx int) []uint32 {
	seen := c.symbols[ctx][:]
	for len(seen) > 1 && seen[len(seen)-1] == 0 {
		seen = seen[:len(seen)-1]
	}
	return seen
}

// cheapestFlag returns the level that is cheapest for flags of which so many are not
// set and set.
func cheapestFlag(seen [2]uint32, used uint8) uint8 {
	best, least := used, int64(math.MaxInt64)
	for level := range flagPrices {
		if price := flagPrice(seen, uint8(level)); price < least {
			best, least = uint8(level), price
		}
	}
	return best
}

func flagPrice(seen [2]uint32, level uint8) int64 {
	return int64(seen[0])*int64(flagPrices[level][0]) + int64(seen[1])*int64(flagPrices[level][1])
}
