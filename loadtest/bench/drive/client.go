//go:build linux

package drive

import (
	"encoding/binary"
	"errors"
	"slices"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/roomtick/roomtick/schema"
)

// client is one socket.
type client struct {
	fd   int
	tick uint32 // of the newest snapshot; 0 before the first
	rest []byte // the beginning of a frame whose end has not come

	seen atomic.Int64 // snapshots since the last look
}

// Opcodes of RFC 6455 section 5.2 that a server may send us.
const (
	opBinary = 2
	opClose  = 8
	opPing   = 9
)

var errClosed = errors.New("closed by the server")

// take hands the messages in data to fn and returns the beginning of an incomplete one.
func take(data []byte, fn func(op byte, payload []byte) error) ([]byte, error) {
	for {
		head, size, ok := header(data)
		if !ok || len(data) < head+size {
			return data, nil
		}
		if err := fn(data[0]&0x0f, data[head:head+size:head+size]); err != nil {
			return nil, err
		}
		data = data[head+size:]
	}
}

// header reads the length of a header and of its payload; servers do not mask.
func header(data []byte) (head, size int, ok bool) {
	if len(data) < 2 {
		return 0, 0, false
	}
	switch n := int(data[1] & 0x7f); {
	case n < 126:
		return 2, n, true
	case n == 126 && len(data) >= 4:
		return 4, int(binary.BigEndian.Uint16(data[2:])), true
	case n == 127 && len(data) >= 10:
		return 10, int(binary.BigEndian.Uint64(data[2:])), true
	}
	return 0, 0, false
}

// appendMessage appends a client's binary message. Its mask is zero: the server takes it
// off like any other.
func appendMessage(dst, payload []byte) []byte {
	if len(payload) < 126 {
		dst = append(dst, 0x80|opBinary, 0x80|byte(len(payload)))
	} else {
		dst = append(dst, 0x80|opBinary, 0x80|126)
		dst = binary.BigEndian.AppendUint16(dst, uint16(len(payload)))
	}
	dst = append(dst, 0, 0, 0, 0)
	return append(dst, payload...)
}

// send writes a whole message to a socket, or nothing counts.
func send(fd int, message []byte) bool {
	n, err := unix.Write(fd, message)
	return err == nil && n == len(message)
}

// answers makes what clients answer to a tick, once for all of them.
type answers struct {
	input   []byte
	builder *schema.Builder
	ready   [64]answer // by the tick's low bits
	inputs  []byte
}

type answer struct {
	tick    uint32
	message []byte
}

// inputLead is for which tick an input is sent: the one after the next.
const inputLead = 2

// to returns the message that acknowledges a tick and carries an input.
func (a *answers) to(tick uint32) []byte {
	ready := &a.ready[tick%uint32(len(a.ready))]
	if ready.tick != tick || ready.message == nil {
		a.inputs = schema.AppendInput(a.inputs[:0], tick+inputLead, a.input)
		ready.tick = tick
		ready.message = appendMessage(ready.message[:0], a.builder.ClientFrame(&schema.ClientFrame{
			HasState: true, State: schema.ClientState{Ack: tick, View: tick << 8}, Inputs: a.inputs,
		}))
	}
	return ready.message
}

// lowest returns the value that the given share of values is not above.
func lowest(values []int64, share float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return float64(values[int(share*float64(len(values)-1))])
}
