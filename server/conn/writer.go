package conn

import (
	"context"
	"unicode/utf8"

	"github.com/coder/websocket"

	"github.com/roomtick/roomtick/schema"
)

// writeLoop writes what Write took, one frame at a time, until the conn ends; then
// it says goodbye if the server closed the conn, and closes the socket, which also
// ends a reader that still waits.
func (c *Conn) writeLoop() {
	for range c.wake {
		frame, closing, ended := c.pending()
		if frame != nil && c.send(frame) != nil {
			ended, closing = true, false
		}
		switch {
		case closing:
			c.sayGoodbye()
			return
		case ended:
			_ = c.ws.CloseNow()
			return
		}
	}
}

// pending returns what the writer has to do. frame stays the writer's until send.
func (c *Conn) pending() (frame []byte, closing, ended bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy {
		frame = c.out
	}
	return frame, c.closing, c.ended != nil
}

// send writes one frame and makes room for the next.
func (c *Conn) send(frame []byte) error {
	// No context: Close bounds a stalled write by the link's deadline.
	err := c.ws.Write(context.Background(), websocket.MessageBinary, frame)
	if err == nil {
		c.opt.Stats.FramesOut.Add(1)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = false
	if cap(c.out) > keepBuffer {
		c.out = nil
	}
	return err
}

// sayGoodbye sends the goodbye frame and the close frame, and waits for the
// client's close frame; the link's deadline bounds all of it.
func (c *Conn) sayGoodbye() {
	c.mu.Lock()
	code, goodbye := c.code, c.goodbye
	c.mu.Unlock()
	if code == 0 { // aborted
		_ = c.ws.CloseNow()
		return
	}
	if len(goodbye) > 0 {
		_ = c.ws.Write(context.Background(), websocket.MessageBinary, goodbye)
	}
	_ = c.ws.Close(websocket.StatusCode(code), closeReason(code))
}

// closeReason is the code's hint, cut to what a close frame holds.
func closeReason(code schema.CloseCode) string {
	hint := code.Hint()
	for len(hint) > maxReason {
		_, n := utf8.DecodeLastRuneInString(hint)
		hint = hint[:len(hint)-n]
	}
	return hint
}
