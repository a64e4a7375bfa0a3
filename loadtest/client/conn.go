package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/roomtick/roomtick/schema"
)

// maxServerFrame bounds one frame of the server: a keyframe of thousands of
// entities, with room to spare.
const maxServerFrame = 8 << 20

// closeAbnormal is the code of a conn that ended without a close frame; RFC 6455
// reserves it for just this.
const closeAbnormal = 1006

// conn is one socket. The read goroutine reads; writes are the outbox's.
type conn struct {
	ws  *websocket.Conn
	tcp *wire  // beneath it, to cut it like a dead network
	out []byte // the newest message as a WebSocket frame; nil: it goes through ws

	// Owned by whoever reads: the read goroutine, or a pacer's for it.
	in    inflow
	plain bool   // in reads the frames; false: the library does, to the end
	buf   []byte // of the newest message that the library read

	// forever is never done: reads and writes end with the conn, and the library then
	// sets no timer for each of them.
	forever context.Context
}

// dial opens a socket with a credential: "seat.<token>" or "resume.<secret>".
func dial(ctx context.Context, url, credential string, connect Dial, in, out *atomic.Int64) (*conn, error) {
	c := &conn{forever: context.WithoutCancel(ctx)}
	transport := &http.Transport{
		TLSHandshakeTimeout: 5 * time.Second,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			tcp, err := connect(ctx, network, address)
			if err != nil {
				return nil, err
			}
			c.tcp = newWire(tcp, in, out)
			return c.tcp, nil
		},
	}
	ws, resp, err := websocket.Dial(ctx, url, &websocket.DialOptions{ //nolint:bodyclose // the library does
		HTTPClient:   &http.Client{Transport: transport},
		Subprotocols: []string{schema.Subprotocol, credential},
	})
	if err != nil {
		return nil, dialError(resp, err)
	}
	if got := ws.Subprotocol(); got != schema.Subprotocol {
		_ = ws.CloseNow()
		return nil, fmt.Errorf("dial: server chose subprotocol %q", got)
	}
	ws.SetReadLimit(maxServerFrame)
	c.ws = ws
	if resp.TLS == nil {
		c.out, c.plain = make([]byte, 0, 256), true
	}
	return c, nil
}

// dialError keeps what the server said, and never the credential.
func dialError(resp *http.Response, err error) error {
	if resp == nil {
		return fmt.Errorf("dial: %w", err)
	}
	var said []byte
	if resp.Body != nil {
		said, _ = io.ReadAll(io.LimitReader(resp.Body, 512))
	}
	return fmt.Errorf("dial: status %d: %q", resp.StatusCode, said)
}

// read returns the next message, valid until the next call.
func (c *conn) read() (websocket.MessageType, []byte, error) {
	for c.plain {
		msg, strange := c.in.next()
		if msg != nil {
			return websocket.MessageBinary, msg, nil
		}
		if strange {
			c.yield()
			break
		}
		n, err := c.tcp.Read(c.in.room())
		if c.in.took(n); err != nil {
			c.yield()
		}
	}
	return c.readByLibrary()
}

// yield leaves what is not read yet to the library, which meets an error again.
func (c *conn) yield() {
	c.tcp.early = c.in.rest()
	c.plain = false
}

func (c *conn) readByLibrary() (websocket.MessageType, []byte, error) {
	typ, r, err := c.ws.Reader(c.forever)
	if err != nil {
		return 0, nil, err
	}
	n := 0
	for {
		if n == len(c.buf) {
			c.buf = append(c.buf, make([]byte, max(1024, n))...)
		}
		m, err := r.Read(c.buf[n:])
		n += m
		if errors.Is(err, io.EOF) {
			return typ, c.buf[:n:n], nil
		}
		if err != nil {
			return 0, nil, err
		}
	}
}

// write sends one message, in one write. The outbox calls it, one at a time; the
// library's own frames, pongs and closes, are whole writes of the wire as well.
func (c *conn) write(msg []byte) error {
	if c.out != nil {
		c.out = appendFrame(c.out[:0], rand.Uint32(), msg)
		_, err := c.tcp.Write(c.out)
		return err
	}
	return c.ws.Write(c.forever, websocket.MessageBinary, msg)
}

// cut ends the conn without a word.
func (c *conn) cut() { _ = c.tcp.Close() }

// close ends the conn and keeps o from writing to it.
func (c *conn) close(o *outbox) {
	o.detach()
	_ = c.ws.CloseNow()
}

// closeCode returns how a conn ended, from the error of read.
func closeCode(err error) (code int, reason string) {
	var closed websocket.CloseError
	if errors.As(err, &closed) {
		return int(closed.Code), closed.Reason
	}
	return closeAbnormal, err.Error()
}
