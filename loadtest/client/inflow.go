package client

import "encoding/binary"

// inflow cuts what a socket brings into messages, as long as each comes as our servers
// send it: binary, whole in one unmasked frame. That is all but a conn's last frame, and
// reading it here spares the library's layers, which cost a bot as much as all that it
// does with what it reads. Anything else is left to the library from its first byte on.
// Pure.
type inflow struct {
	buf      []byte
	from, to int // of buf: read, and not yet cut
}

// firstInflow holds most frames of a game; larger ones make the buffer grow.
const firstInflow = 4 << 10

// room returns where to read to. It is never empty, and what next returned before is no
// longer valid.
func (f *inflow) room() []byte {
	switch {
	case f.from == f.to:
		f.from, f.to = 0, 0
	case f.from > 0 && f.to == len(f.buf):
		f.to = copy(f.buf, f.buf[f.from:f.to])
		f.from = 0
	}
	if f.to == len(f.buf) {
		f.buf = append(f.buf, make([]byte, max(firstInflow, len(f.buf)))...)
	}
	return f.buf[f.to:]
}

// took says how many bytes were read to room.
func (f *inflow) took(n int) { f.to += n }

// next returns the next message, valid until room is called: nil if there is none yet, or
// none that is ours to read.
func (f *inflow) next() (msg []byte, strange bool) {
	b := f.buf[f.from:f.to]
	if len(b) < 2 {
		return nil, len(b) == 1 && b[0] != finBinary
	}
	head, size := 2, uint64(b[1])
	switch {
	case b[0] != finBinary || b[1]&masked != 0:
		return nil, true
	case size == sizeIn2:
		if head = 4; len(b) < head {
			return nil, false
		}
		size = uint64(binary.BigEndian.Uint16(b[2:]))
	case size == sizeIn8:
		if head = 10; len(b) < head {
			return nil, false
		}
		size = binary.BigEndian.Uint64(b[2:])
	}
	if size > maxServerFrame {
		return nil, true
	}
	end := head + int(size)
	if len(b) < end {
		return nil, false
	}
	f.from += end
	return b[head:end:end], false
}

// rest returns what was read and not cut, and forgets it.
func (f *inflow) rest() []byte {
	b := f.buf[f.from:f.to]
	f.buf, f.from, f.to = nil, 0, 0
	return b
}
