package conn

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"github.com/coder/websocket"

	"github.com/roomtick/roomtick/schema"
)

// errText is a text message, PROTOCOL.md 1.2.
var errText = errors.New("conn: text message")

// Hello waits for the client's first frame and returns its hello. What else the
// frame carries is queued for Receive. On an error the conn is refused with the code
// that tells why, and the caller goes on to Run.
func (c *Conn) Hello() (schema.Hello, error) {
	msg, err := c.message()
	if err == nil {
		err = schema.ParseClientFrame(msg, &c.parsed)
	}
	if err == nil && !c.parsed.HasHello {
		err = schema.ErrMalformed
	}
	if err != nil {
		return schema.Hello{}, c.fail(err, schema.CloseHelloTimeout)
	}
	hello := c.parsed.Hello
	return hello, c.accepted(msg)
}

// readLoop reads until the conn ends. The client learns why by the close code.
func (c *Conn) readLoop() {
	for c.reason() == nil {
		msg, err := c.message()
		if err == nil {
			err = schema.ParseClientFrame(msg, &c.parsed)
		}
		if err == nil {
			err = c.accepted(msg)
		}
		if err != nil {
			_ = c.fail(err, schema.CloseIdle) // recorded; the loop sees it
		}
	}
}

// accepted queues a verified message and puts the idle deadline off.
func (c *Conn) accepted(msg []byte) error {
	now := c.link.readAt()
	c.opt.Stats.FramesIn.Add(1)
	c.mu.Lock()
	ok := c.closing || c.inbox.add(max(0, now.Sub(c.start)), msg)
	c.mu.Unlock()
	if !ok {
		return errFlood
	}
	if limit := now.Add(c.opt.Idle); limit.Sub(c.deadline) > idleSlack || limit.Before(c.deadline) {
		c.setDeadline(limit)
	}
	return nil
}

// message reads one binary message into c.buf, in place.
func (c *Conn) message() ([]byte, error) {
	// No context: the read deadline is the link's, and a context per message costs
	// microseconds.
	typ, r, err := c.ws.Reader(context.Background())
	if err != nil {
		return nil, err
	}
	if typ != websocket.MessageBinary {
		return nil, errText
	}
	if cap(c.buf) > keepMessage {
		c.buf = nil
	}
	c.buf = c.buf[:0]
	for {
		if len(c.buf) == cap(c.buf) {
			c.buf = append(make([]byte, 0, min(messageBuffer, max(firstMessage, 4*cap(c.buf)))), c.buf...)
		}
		n, err := r.Read(c.buf[len(c.buf):cap(c.buf)])
		c.buf = c.buf[:len(c.buf)+n]
		switch {
		case len(c.buf) > schema.MaxClientFrame:
			return nil, errOversize
		case err == io.EOF:
			return c.buf, nil
		case err != nil:
			return nil, err
		}
	}
}

// fail ends the reading side because of err; late is the code for a deadline that
// passed. It refuses the client unless the socket is gone, and returns the reason.
func (c *Conn) fail(err error, late schema.CloseCode) error {
	if cause := c.link.cause(); cause != nil {
		err = cause // the library wraps it, and takes a cut message for a whole one
	}
	switch {
	case errors.Is(err, errFlood), errors.Is(err, errOversize):
		c.Refuse(schema.CloseFlood)
	case errors.Is(err, errText):
		c.Refuse(schema.CloseText)
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.Refuse(late)
	case websocket.CloseStatus(err) != -1, errors.Is(err, io.EOF):
		err = io.EOF
	case c.link.cause() != nil, errors.Is(err, net.ErrClosed):
		// Nobody is left to hear a close code.
	default:
		c.Refuse(schema.CloseMalformed)
	}
	return c.end(err)
}

// end records why nothing more will arrive. A conn that the server closed ended for
// that reason, whatever the socket said afterwards.
func (c *Conn) end(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing && c.code != 0 {
		err = &Refused{Code: c.code}
	}
	if c.ended == nil {
		c.ended = err
	}
	c.signal()
	return c.ended
}

func (c *Conn) setDeadline(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closing {
		_ = c.link.SetReadDeadline(t) // fails on a closed socket only, which the next read reports
		c.deadline = t
	}
}
