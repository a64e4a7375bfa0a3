package conn

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/roomtick/roomtick/schema"
)

var (
	errFlood    = errors.New("conn: more frames or bytes than the limit")
	errOversize = errors.New("conn: frame longer than the limit")
)

// meter follows the frames of a WebSocket byte stream and counts them, and their
// bytes, against token buckets. It sees what the library swallows: pings, pongs and
// empty continuations. RFC 6455 section 5.2:
//
//	byte 0        1              2..           then
//	FIN RSV op    MASK len7      len16|len64   mask key (4), payload
//
// It belongs to the goroutine that reads.
type meter struct {
	frames, bytes bucket

	head    [14]byte // header being collected
	have    int
	payload uint64 // bytes of the current frame's payload still to come
}

func newMeter(f Flood, now time.Time) meter {
	return meter{
		frames: bucket{rate: f.FrameRate, burst: f.FrameBurst, tokens: f.FrameBurst, last: now},
		bytes:  bucket{rate: f.ByteRate, burst: f.ByteBurst, tokens: f.ByteBurst, last: now},
	}
}

// add accounts for p, read at now. Its error is final: the stream is no longer followed.
func (m *meter) add(p []byte, now time.Time) error {
	if !m.bytes.take(float64(len(p)), now) {
		return errFlood
	}
	for len(p) > 0 {
		if m.payload > 0 {
			n := min(m.payload, uint64(len(p)))
			m.payload -= n
			p = p[n:]
			continue
		}
		m.head[m.have] = p[0]
		m.have++
		p = p[1:]
		if m.have < 2 || m.have < m.headLen() {
			continue
		}
		if err := m.frame(now); err != nil {
			return err
		}
	}
	return nil
}

func (m *meter) headLen() int {
	n := 2
	switch m.head[1] & 0x7f {
	case 126:
		n += 2
	case 127:
		n += 8
	}
	if m.head[1]&0x80 != 0 {
		n += 4
	}
	return n
}

// frame takes a complete header.
func (m *meter) frame(now time.Time) error {
	m.have = 0
	m.payload = uint64(m.head[1] & 0x7f)
	switch m.payload {
	case 126:
		m.payload = uint64(binary.BigEndian.Uint16(m.head[2:]))
	case 127:
		m.payload = binary.BigEndian.Uint64(m.head[2:])
	}
	if m.payload > schema.MaxClientFrame {
		return errOversize
	}
	if !m.frames.take(1, now) {
		return errFlood
	}
	return nil
}

// bucket is a token bucket. Time is the caller's.
type bucket struct {
	rate, burst float64 // tokens a second, most tokens
	tokens      float64
	last        time.Time
}

func (b *bucket) take(n float64, now time.Time) bool {
	b.tokens = min(b.burst, b.tokens+now.Sub(b.last).Seconds()*b.rate)
	b.last = now
	b.tokens -= n
	return b.tokens >= 0
}
