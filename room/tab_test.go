package room

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomtick/roomtick/room/delta"
	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/sim"
)

// fakeConn is a conn without a socket: the room uses it as a Conn, the tab through
// the other methods.
type fakeConn struct {
	mu      sync.Mutex // guards the following
	out     [][]byte
	in      [][]byte
	ended   error
	code    schema.CloseCode
	goodbye []byte
	flying  int // frames that are always on their way
}

func (c *fakeConn) Write(frame []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.code != 0 {
		return false
	}
	c.out = append(c.out, append([]byte(nil), frame...))
	return true
}

func (c *fakeConn) Receive(fn func(time.Time, *schema.ClientFrame)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var f schema.ClientFrame
	for _, b := range c.in {
		if err := schema.ParseClientFrame(b, &f); err != nil {
			return err
		}
		fn(time.Now(), &f)
	}
	c.in = c.in[:0]
	return c.ended
}

func (c *fakeConn) Close(code schema.CloseCode, goodbye []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.code == 0 {
		c.code, c.goodbye = code, append([]byte(nil), goodbye...)
	}
}

// cut ends the conn from the client's side; frames on their way are lost.
func (c *fakeConn) cut(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = err
}

// closed returns the code that the room closed the conn with, 0 if it has not.
func (c *fakeConn) closed() schema.CloseCode {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.code
}

// bye returns the goodbye that the conn was closed with.
func (c *fakeConn) bye(t *testing.T) schema.Goodbye {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	var f schema.ServerFrame
	if err := schema.ParseServerFrame(c.goodbye, &f); err != nil || f.Goodbye == nil {
		t.Fatalf("goodbye: %v", err)
	}
	return *f.Goodbye
}

func (c *fakeConn) take() [][]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := max(0, len(c.out)-c.flying)
	out := c.out[:n:n]
	c.out = c.out[n:]
	return out
}

func (c *fakeConn) put(frame []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.in = append(c.in, append([]byte(nil), frame...))
}

// tab is a client: it decodes every frame and keeps what it was told.
type tab struct {
	t        *testing.T
	room     *Room
	conn     *fakeConn
	seat     sim.Seat
	builder  *schema.Builder
	dec      *delta.Decoder
	welcome  schema.Welcome
	tick     uint32
	head     schema.SnapshotHead
	applied  uint16 // client events, the low bits of their number
	eventAck uint32
	events   []string // "type payload" in order
	sent     uint32   // client events
	resets   int
	clock    schema.ClockReply
	frames   int
	after    func() // called with every frame applied; may be nil
}

func newTab(t *testing.T, r *Room, name string) *tab {
	t.Helper()
	b := &tab{t: t, room: r, builder: schema.NewBuilder(1024)}
	b.dec = delta.NewDecoder(r.cfg.Game.Parts())
	nonce := fmt.Sprint(name, "-nonce")
	seat, err := r.Reserve(context.Background(), Reservation{Nonce: nonce, Name: name, PlayerID: name, Expires: time.Now().Add(30 * time.Second)})
	if err != nil {
		t.Fatalf("reserve: %v", err)
	}
	b.conn, b.seat = &fakeConn{}, seat
	if err := r.Claim(context.Background(), Claim{Seat: seat, Nonce: nonce, Conn: b.conn}); err != nil {
		t.Fatalf("claim: %v", err)
	}
	return b
}

// resume opens another conn on the tab's seat.
func (b *tab) resume(secret string) error {
	conn := &fakeConn{}
	err := b.room.Resume(context.Background(), Resume{Secret: secret, Conn: conn, Hello: schema.Hello{
		Epoch: b.room.cfg.Epoch, Tick: b.tick, EventAck: b.eventAck, DescriptorHash: b.welcome.DescriptorHash,
	}})
	if err == nil {
		b.conn = conn
	}
	return err
}

// read applies every frame that has arrived.
func (b *tab) read() {
	b.t.Helper()
	for _, raw := range b.conn.take() {
		var f schema.ServerFrame
		if err := schema.ParseServerFrame(raw, &f); err != nil {
			b.t.Fatalf("seat %d: %v", b.seat, err)
		}
		if f.Welcome != nil {
			b.welcome, b.applied = *f.Welcome, uint16(f.Welcome.EventAck)
		}
		if f.HasClock {
			b.clock = f.Clock
		}
		if f.HasSnapshot {
			b.apply(&f)
		}
	}
}

func (b *tab) apply(f *schema.ServerFrame) {
	b.t.Helper()
	if err := b.dec.Apply(f.Snapshot.Tick, b.room.sendEvery, f.Snapshot.Flags, f.Deltas); err != nil {
		b.t.Fatalf("seat %d tick %d: %v", b.seat, f.Snapshot.Tick, err)
	}
	b.frames++
	b.tick, b.head = f.Snapshot.Tick, f.Snapshot
	if f.HasEventAck {
		b.applied = f.EventAck
	}
	if f.Snapshot.Flags&schema.HeadReset != 0 {
		b.resets++
	}
	seq := f.EventSeq - 1
	err := schema.ReadServerEvents(f.Events, func(_, typ uint32, payload []byte) error {
		if seq++; int32(seq-b.eventAck) > 0 {
			b.eventAck = seq
			b.events = append(b.events, fmt.Sprintf("%d %x", typ, payload))
		}
		return nil
	})
	if err != nil {
		b.t.Fatalf("seat %d: events: %v", b.seat, err)
	}
	if b.after != nil {
		b.after()
	}
}

// send queues one client frame.
func (b *tab) send(f schema.ClientFrame) {
	b.conn.put(b.builder.ClientFrame(&f))
}

// ack acknowledges what was read, with the hash of each group at most four at a time.
func (b *tab) ack() {
	f := schema.ClientFrame{HasState: true, State: schema.ClientState{Ack: b.tick, EventAck: b.eventAck}}
	for g := range b.dec.Groups() {
		if f.HashCount < schema.MaxHashes && g.Tick == b.tick {
			f.Hashes[f.HashCount] = schema.PubHash{Group: g.Slot, Tick: b.tick, Hash: g.Hash()}
			f.HashCount++
		}
	}
	b.send(f)
}

// say sends the next numbered client event.
func (b *tab) say(from, to uint32) {
	var events []byte
	for n := from; n <= to; n++ {
		events = schema.AppendClientEvent(events, sayEvent, []byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)})
	}
	b.send(schema.ClientFrame{Events: events, EventSeq: from})
}

const (
	splashEvent = 0
	secretEvent = 1
	sayEvent    = 2
)

// inBubble runs a room under fake time; it has ended when fn's bubble ends.
func inBubble(t *testing.T, cfg Config, fn func(r *Room)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		if cfg.Game == nil {
			cfg.Game = pondGame
		}
		cfg.ID, cfg.Epoch = "test-room", 7
		r, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancelCause(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- r.Run(ctx) }()
		fn(r)
		cancel(io.EOF)
		if err := <-ended; err != nil && !errors.Is(err, io.EOF) {
			var p *PanicError
			if !errors.As(err, &p) {
				t.Errorf("room ended with %v", err)
			}
		}
	})
}

// ticks lets n ticks pass.
func ticks(r *Room, n int) {
	time.Sleep(time.Duration(n) * r.period)
	synctest.Wait()
}

// inside runs fn on the room goroutine.
func inside(t *testing.T, r *Room, fn func()) {
	t.Helper()
	if err := r.between(context.Background(), func(time.Time) error { fn(); return nil }); err != nil {
		t.Fatal(err)
	}
}
