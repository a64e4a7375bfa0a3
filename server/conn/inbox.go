package conn

import (
	"encoding/binary"
	"time"

	"github.com/roomtick/roomtick/schema"
)

// inbox queues verified client frames for the room's next tick, as bytes:
//
//	8 bytes   nanoseconds since the conn's start at which the frame was read
//	4 bytes   the frame's own length prefix, then the frame
//
// Kept as bytes a frame costs its length; decoded it would cost 250 bytes more.
type inbox struct {
	buf    []byte
	frames int
}

const inboxHead = 8

// add queues frame, or reports false: full. The conn is then closed as a flood,
// since dropping a frame would drop a client's events without a trace.
func (b *inbox) add(at time.Duration, frame []byte) bool {
	if b.frames >= maxInboxFrames || len(b.buf)+inboxHead+len(frame) > maxInboxBytes {
		return false
	}
	b.buf = binary.LittleEndian.AppendUint64(b.buf, uint64(at))
	b.buf = append(b.buf, frame...)
	b.frames++
	return true
}

// Receive calls fn for every frame that arrived since the last call, in order, with
// the time it was read. f and what it points to are valid during fn only. Once the
// conn has ended and all is handed over it returns why: io.EOF if the client closed
// it, *Refused if the server did, else the socket's error.
func (c *Conn) Receive(fn func(at time.Time, f *schema.ClientFrame)) error {
	if c.pulsed != nil {
		c.pulsed.join()
	}
	c.mu.Lock()
	batch := c.inbox.buf
	c.inbox.buf, c.inbox.frames = c.spare, 0
	err := c.ended
	c.mu.Unlock()

	for rest := batch; len(rest) > 0; {
		at := time.Duration(binary.LittleEndian.Uint64(rest))
		n := inboxHead + 4 + int(binary.LittleEndian.Uint32(rest[inboxHead:]))
		if schema.ParseClientFrame(rest[inboxHead:n:n], &c.frame) == nil { // verified once already
			if !c.greeted {
				c.greeted, c.frame.HasHello = true, false // Hello has handed it over
			}
			fn(c.start.Add(at), &c.frame)
		}
		rest = rest[n:]
	}
	c.frame.Inputs, c.frame.Events = nil, nil // they alias batch
	c.spare = nil
	if cap(batch) <= keepBuffer {
		c.spare = batch[:0]
	}
	return err
}
