package sim

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/roomtick/roomtick/schema/bits"
)

// errCheckpoint is wrapped by every error about the bytes of a checkpoint.
var errCheckpoint = errors.New("sim: bad checkpoint")

// stateReader reads a checkpoint. The first mistake sticks; reads after it yield zero.
type stateReader struct {
	buf []byte
	err error
}

// fail records what is wrong.
func (r *stateReader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", errCheckpoint, fmt.Sprintf(format, args...))
	}
	r.buf = nil
}

// bytes takes the next n bytes; they alias the checkpoint.
func (r *stateReader) bytes(n int) []byte {
	if n > len(r.buf) {
		r.fail("ends early")
		return nil
	}
	b := r.buf[:n:n]
	r.buf = r.buf[n:]
	return b
}

// raw reads a number of 1, 2, 4 or 8 bytes.
func (r *stateReader) raw(width int) uint64 {
	b := r.bytes(width)
	switch len(b) {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(binary.LittleEndian.Uint16(b))
	case 4:
		return uint64(binary.LittleEndian.Uint32(b))
	case 8:
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// flag reads a byte that is 0 or 1.
func (r *stateReader) flag() bool {
	b := r.raw(1)
	if b > 1 {
		r.fail("a flag is %d", b)
	}
	return b == 1
}

// leb reads a LEB128 number.
func (r *stateReader) leb() uint32 {
	v, n := bits.Leb(r.buf)
	if n == 0 {
		r.fail("ends early")
		return 0
	}
	r.buf = r.buf[n:]
	return v
}

// count reads how many things follow, of which each takes at least one byte.
func (r *stateReader) count(what string) int {
	n := r.leb()
	if int64(n) > int64(len(r.buf)) {
		r.fail("%d %s do not fit", n, what)
		return 0
	}
	return int(n)
}

func (r *stateReader) text() string { return string(r.bytes(r.count("bytes"))) }

// value reads a scalar as cell.raw gives it.
func (r *stateReader) value(c cellCode) uint64 {
	width := c.width()
	v := r.raw(width)
	if c.isSigned() {
		shift := 64 - 8*width
		return uint64(int64(v<<shift) >> shift)
	}
	if c == cellBool && v > 1 {
		r.fail("a bool is %d", v)
	}
	return v
}
