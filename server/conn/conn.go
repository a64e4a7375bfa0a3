// Package conn is one client's socket: a WebSocket that speaks schema.Subprotocol.
// It is the server's only user of the WebSocket library. A goroutine reads, limits
// and verifies what the client sends and queues it for the room. There are two ways to
// run it, and nothing ever makes the room wait in either:
//
//	pair    it waits for its socket, and another goroutine writes what the room hands
//	        over: everywhere, and for every conn before its room has it and after
//	pulsed  its room lets it read when the socket has something, and writes by itself,
//	        at the tick, without waiting: Linux, TCP without TLS; see Pulse
package conn

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/roomtick/roomtick/schema"
)

// Options are what Accept needs beside the request.
type Options struct {
	Stats *Stats        // counters shared by all conns; nil counts nowhere
	Hello time.Duration // deadline for hello; 0 is DefaultHello
	Idle  time.Duration // longest silence; 0 is DefaultIdle
	Flood Flood         // how much a client may send
	Pair  bool          // the conn will not be pulsed
}

// Conn is one socket. The room goroutine calls Write, Receive and Close; Run or Start
// owns the two goroutines. Nothing blocks but Hello and Run.
type Conn struct {
	// Set once by Accept; safe from any goroutine.
	ws    *websocket.Conn
	link  *link
	opt   Options
	start time.Time     // times in the inbox count from here
	wake  chan struct{} // one deep: the writer has something to look at

	parked atomic.Pointer[func()] // what begins when the conn is taken back from its room

	// Set once by Pulsed, before a room has the conn; safe from any goroutine.
	pulsed driver // nil for a pair

	mu      sync.Mutex // guards the following
	out     []byte     // frame to write; the writer's own while busy
	busy    bool       // out is waiting or being written
	inbox   inbox
	closing bool // Close was called; the next two say how
	code    schema.CloseCode
	goodbye []byte
	ended   error // why nothing more will arrive; nil while reading

	// Owned by the room goroutine.
	spare   []byte             // the inbox buffer last handed over
	frame   schema.ClientFrame // reused for every frame handed over
	greeted bool               // the first frame, the one with hello, was handed over

	// Owned by the reading goroutine: Hello's caller, then Run's.
	buf      []byte    // message being read; grows to messageBuffer
	deadline time.Time // read deadline now set
	parsed   schema.ClientFrame
}

// Accept completes the WebSocket handshake of r. The caller has checked the Origin
// header and starts Run whatever happens next. On an error the response is written.
func Accept(w http.ResponseWriter, r *http.Request, opt Options) (*Conn, error) {
	if opt.Stats == nil {
		opt.Stats = new(Stats)
	}
	if opt.Hello == 0 {
		opt.Hello = DefaultHello
	}
	if opt.Idle == 0 {
		opt.Idle = DefaultIdle
	}
	if opt.Flood == (Flood{}) {
		opt.Flood = DefaultFlood()
	}
	h := &hijack{ResponseWriter: w, opt: &opt}
	ws, err := websocket.Accept(h, r, &websocket.AcceptOptions{
		Subprotocols:       []string{schema.Subprotocol},
		InsecureSkipVerify: true, // the caller's check is exact, the library's ignores case
		CompressionMode:    websocket.CompressionDisabled,
	})
	if err != nil {
		return nil, fmt.Errorf("conn: accept: %w", err)
	}
	ws.SetReadLimit(schema.MaxClientFrame) // never reached: link and read refuse first
	opt.Stats.Opened.Add(1)
	opt.Stats.Open.Add(1)
	c := &Conn{ws: ws, link: h.link, opt: opt, start: time.Now(), wake: make(chan struct{}, 1)}
	c.setDeadline(c.start.Add(opt.Hello))
	return c, nil
}

// driver is how a pulsed conn is run by its room; portable code needs no more of it.
type driver interface {
	// write is Write; mine is false once the conn has been taken back.
	write(frame []byte) (ok, mine bool)

	// join puts the conn into its pulse, at the room's first call.
	join()

	// takeBack ends the pulsed life, from Run. It may wait for the socket, as long as
	// the conn's deadline lets it.
	takeBack()

	// readOn lets the conn's own goroutine read to the end.
	readOn()
}

// Run reads and writes until the conn has ended, and returns why: io.EOF if the
// client closed it, *Refused if the server did. Cancelling ctx ends it without a
// word. Either it or Start must be called, once, for every Conn, or the socket leaks.
func (c *Conn) Run(ctx context.Context) error {
	ended := make(chan error, 1)
	c.Start(ctx, func(err error) { ended <- err })
	return <-ended
}

// Start is Run on goroutines of its own, of which a pulsed conn has none while its room
// drives it. done is called at the end.
func (c *Conn) Start(ctx context.Context, done func(error)) {
	stop := context.AfterFunc(ctx, c.abort)
	life := func() {
		defer stop()
		done(c.live())
	}
	if c.pulsed == nil {
		go life()
		return
	}
	c.parked.Store(&life)
	select {
	case <-c.wake: // it has been waiting for this
		c.signal()
	default:
	}
}

// live is the conn's life outside of a room's hands.
func (c *Conn) live() error {
	read := c.readLoop
	if c.pulsed != nil {
		c.pulsed.takeBack()
		c.signal()
		read = c.pulsed.readOn
	}
	written := make(chan struct{})
	go func() {
		defer close(written)
		c.writeLoop()
	}()
	read()
	<-written
	c.opt.Stats.Open.Add(-1)
	return c.reason()
}

// Write takes a copy of one frame and sends it, or reports false: the frame before
// is still being written, the socket is full, or the conn is closing. It never blocks
// and never queues: the caller's next frame is newer.
func (c *Conn) Write(frame []byte) bool {
	if c.pulsed != nil {
		if ok, mine := c.pulsed.write(frame); mine {
			return ok
		}
	}
	c.mu.Lock()
	ok := !c.busy && !c.closing && c.ended == nil
	if ok {
		c.out = append(c.out[:0], frame...)
		c.busy = true
	}
	c.mu.Unlock()
	if ok {
		c.signal()
	}
	return ok
}

// Close sends the frame in flight, goodbye and the close frame, then ends the conn;
// all within closeTimeout. Frames that arrive from now on are discarded. Only the
// first call counts.
func (c *Conn) Close(code schema.CloseCode, goodbye []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return
	}
	c.closing, c.code = true, code
	c.goodbye = append([]byte(nil), goodbye...)
	c.opt.Stats.countClose(code)
	_ = c.link.SetDeadline(time.Now().Add(closeTimeout)) // frees a stalled write and a silent reader
	c.signal()
}

// Refuse closes with code, its own name as the reason and its hint.
func (c *Conn) Refuse(code schema.CloseCode) {
	c.Close(code, Goodbye(code))
}

// Goodbye returns the last frame of a conn that ends with code.
func Goodbye(code schema.CloseCode) []byte {
	return schema.NewBuilder(256).ServerFrame(&schema.ServerFrame{Goodbye: &schema.Goodbye{
		Code: code, Reason: code.String(), Hint: code.Hint(), Reconnect: code.Reconnect(),
	}})
}

// Refused is the error of a conn that the server closed.
type Refused struct{ Code schema.CloseCode }

func (e *Refused) Error() string {
	return fmt.Sprintf("conn: closed with %d %s", e.Code, e.Code)
}

// abort ends both goroutines at once, for a node that goes away.
func (c *Conn) abort() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closing = true // no deadline is set after this one
	_ = c.link.SetDeadline(time.Unix(1, 0))
	c.signal()
}

// signal wakes the writer; one wake covers all that happened before it looks. A conn that
// is in its room's hands begins its own life.
func (c *Conn) signal() {
	if life := c.parked.Swap(nil); life != nil {
		go (*life)()
		return
	}
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *Conn) reason() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}

// isOver reports whether nothing is to be written any more.
func (c *Conn) isOver() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closing || c.ended != nil
}
