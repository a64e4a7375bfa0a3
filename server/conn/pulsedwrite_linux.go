package conn

import (
	"encoding/binary"
	"math"
)

// maxRest bounds what waits in the process for a full socket: answers to control
// frames behind the rest of a frame. Only a single frame may be longer.
const maxRest = 64 << 10

// gather implements raw.
func (d *pulsed) gather(p []byte) { d.pulse.out = append(d.pulse.out, p...) }

// write implements driver.
func (d *pulsed) write(frame []byte) (ok, mine bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.taken {
		return false, false
	}
	if d.conn.isOver() || !d.flush() {
		return false, true
	}
	d.pulse.out = appendMessage(d.pulse.out, frame)
	if !d.commit(false) {
		return false, true
	}
	d.conn.opt.Stats.FramesOut.Add(1)
	return true, true
}

// appendMessage appends a binary message in one frame, RFC 6455 section 5.2. The library
// would do the same, but its locks are channels: with them a frame costs a tenth more.
//
//	byte 0     1
//	FIN|binary len7 [len16|len64] payload; a server does not mask
func appendMessage(dst, payload []byte) []byte {
	const final, binaryOp = 0x80, 0x2
	n := len(payload)
	switch {
	case n < 126:
		dst = append(dst, final|binaryOp, byte(n))
	case n <= math.MaxUint16:
		dst = append(dst, final|binaryOp, 126)
		dst = binary.BigEndian.AppendUint16(dst, uint16(n))
	default:
		dst = append(dst, final|binaryOp, 127)
		dst = binary.BigEndian.AppendUint64(dst, uint64(n))
	}
	return append(dst, payload...)
}

// commit sends what was gathered in one call. What the socket does not take at all is
// kept only if keep says so: a newer frame will come, but not a newer pong.
func (d *pulsed) commit(keep bool) bool {
	out := d.pulse.out
	if d.pulse.out = out[:0]; cap(out) > maxRest {
		d.pulse.out = nil
	}
	if len(out) == 0 {
		return true
	}
	if len(d.rest) == 0 {
		n := d.send(out)
		if out = out[n:]; len(out) == 0 || n == 0 && !keep {
			return len(out) == 0
		}
	} else if len(d.rest)+len(out) > maxRest {
		d.link.fail(errFlood)
		return false
	}
	d.rest = append(d.rest, out...)
	if !d.owes {
		d.owes = true
		d.pulse.unsent++
		d.pulse.wantSpace(d)
	}
	return true
}

// flush sends the rest of a frame, and reports whether nothing is left of it.
func (d *pulsed) flush() bool {
	if len(d.rest) == 0 {
		return true
	}
	n := d.send(d.rest)
	if d.rest = d.rest[n:]; len(d.rest) > 0 {
		return false
	}
	d.rest = nil
	d.settle()
	return true
}

func (d *pulsed) settle() {
	if d.owes {
		d.owes = false
		d.pulse.unsent--
		d.pulse.wantSpace(d)
	}
}

// send returns how many bytes the socket took. What else is wrong with it the next read
// will say.
func (d *pulsed) send(b []byte) int {
	n, err := send(d.fd, b)
	if err != nil {
		return 0
	}
	d.link.stats.BytesOut.Add(int64(n))
	return n
}
