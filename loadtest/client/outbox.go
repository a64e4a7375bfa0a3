package client

import (
	"errors"
	"sync"
	"time"

	"github.com/roomtick/roomtick/schema"
)

// errEvents is returned when the server has not taken events for long.
var errEvents = errors.New("too many events wait for the server")

// errNoConn is returned while the bot has no conn to write to.
var errNoConn = errors.New("no conn")

// outbox is what a bot has to say. The read goroutine fills it and the pacer empties
// it; whichever writes a frame takes everything that waits with it. A write does not
// block: see wire.
type outbox struct {
	counters *Counters
	base     time.Time // local time 0

	mu      sync.Mutex // guards the following
	conn    *conn      // nil between two conns
	frozen  bool       // a stalled bot says nothing
	left    bool       // the seat is given up: nothing follows that
	builder *schema.Builder
	frame   schema.ClientFrame // reused
	state   schema.ClientState
	started bool // state is set
	hashes  [schema.MaxHashes]schema.PubHash
	waiting int    // hashes not yet sent; newer ones than fit are dropped
	intent  []byte // the pilot's newest input; empty before the first
	held    []byte // mask of the bits that outlive one send of it
	fresh   bool   // intent's edges have not been sent
	inputs  []byte // reused
	clock   clock
	acked   time.Duration // local time of the newest frame with state
	echo    echo
	events  eventQueue
}

func newOutbox(c *Counters, base time.Time) *outbox {
	return &outbox{counters: c, base: base, builder: schema.NewBuilder(256)}
}

func (o *outbox) now() time.Duration { return time.Since(o.base) }

// attach starts on a new conn with its hello.
func (o *outbox) attach(c *conn, h schema.Hello) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.conn, o.waiting = c, 0
	o.events.again()
	o.started = false // hello says it, until the first snapshot of this conn
	o.clock.next = 0
	o.frame = schema.ClientFrame{HasHello: true, Hello: h}
	return o.writeLocked()
}

// detach forgets the conn; nothing is written until the next attach.
func (o *outbox) detach() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.conn = nil
}

// leave gives the seat up. The server answers with goodbye.
func (o *outbox) leave() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.left = true
	o.frame = schema.ClientFrame{Leave: true}
	return o.writeLocked()
}

// freeze makes the outbox silent, or ends that. What a frozen bot waited for says
// nothing about the server.
func (o *outbox) freeze(on bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.frozen = on
	o.echo.forget()
}

// play sets which bits of an input outlive one send of it.
func (o *outbox) play(held []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.held, o.intent = held, o.intent[:0]
}

// think takes the pilot's newest input.
func (o *outbox) think(payload []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.intent = append(o.intent[:0], payload...)
	o.fresh = true
}

// tell queues an event for the server; the next frame carries it.
func (o *outbox) tell(typ uint32, payload []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.events.add(typ, payload) {
		return errEvents
	}
	return nil
}

// reply takes an answer to a clock request, which says when that was sent.
func (o *outbox) reply(now time.Duration, r *schema.ClockReply) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.clock.reply(sentAt(now, r.Sent), now, r)
}

// sentAt undoes the 32-bit wrap of a request's microseconds.
func sentAt(now time.Duration, sent uint32) time.Duration {
	return now - time.Duration(int32(uint32(now.Microseconds())-sent))*time.Microsecond
}

// progress is what an applied snapshot changes.
type progress struct {
	state    schema.ClientState
	hash     schema.PubHash
	hasHash  bool
	roomTime float64       // of the snapshot's tick, ms
	ackAfter time.Duration // acknowledge at once if nothing was for so long
}

// applied notes a snapshot. It acknowledges in a frame of its own if the last
// acknowledgement is too long ago; otherwise the next input will.
func (o *outbox) applied(now time.Duration, p progress) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.left {
		return nil
	}
	first := !o.started
	o.state, o.started = p.state, true
	if p.hasHash && o.waiting < len(o.hashes) {
		o.hashes[o.waiting] = p.hash
		o.waiting++
	}
	o.clock.snapshot(now, p.roomTime)
	if !first && now-o.acked < p.ackAfter {
		return nil
	}
	o.counters.Acks.Add(1)
	o.fillLocked(o.now()) // now is when the snapshot came, and not when it was read
	return o.writeLocked()
}

// input sends the newest intent for a tick, which was due at due. It reports false if
// there is none yet.
func (o *outbox) input(now, due time.Duration, tick uint32) (bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.dueLocked(due, tick)
	if !o.playingLocked() || o.conn == nil {
		return false, nil
	}
	o.fillLocked(now)
	o.inputs = schema.AppendInput(o.inputs[:0], tick, o.takeLocked())
	o.frame.Inputs = o.inputs
	return true, o.writeLocked()
}

// playingLocked reports whether inputs are due at all.
func (o *outbox) playingLocked() bool { return len(o.intent) > 0 && !o.frozen && !o.left }

// dueLocked starts the wait of an input, whether or not it can be sent.
func (o *outbox) dueLocked(at time.Duration, tick uint32) {
	if o.playingLocked() {
		o.echo.due(at, tick)
	}
}

// answer takes what a snapshot that arrived now says: the waits that it ends, the
// events that need not be sent again, and the snapshot's age, 0 if the room's time is
// not known yet.
func (o *outbox) answer(now time.Duration, f *schema.ServerFrame, tickMS float64, w *waited) (age time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	w.reset()
	h := &f.Snapshot
	o.echo.answer(now, h.Tick, h.InputAck, w)
	if f.HasEventAck {
		o.events.acked(f.EventAck)
	}
	if !o.clock.known {
		return 0
	}
	ms := o.clock.room(now) - float64(h.Tick)*tickMS
	if ms > lateTicks*tickMS {
		o.clock.doubt(now)
	}
	return time.Duration(ms * float64(time.Millisecond))
}

// give ends the waits of a bot that leaves.
func (o *outbox) give(now time.Duration, w *waited) {
	o.mu.Lock()
	defer o.mu.Unlock()
	w.reset()
	o.echo.end(now, w)
}

// takeLocked returns the intent, its edges only the first time.
func (o *outbox) takeLocked() []byte {
	if !o.fresh {
		for i := range o.intent {
			o.intent[i] &= o.held[i]
		}
	}
	o.fresh = false
	return o.intent
}

// fillLocked starts a frame with all that waits.
func (o *outbox) fillLocked(now time.Duration) {
	o.frame = schema.ClientFrame{HasState: o.started, State: o.state, Hashes: o.hashes, HashCount: o.waiting}
	o.counters.Hashes.Add(int64(o.waiting))
	o.frame.Events, o.frame.EventSeq = o.events.take()
	o.waiting, o.acked = 0, now
	if o.clock.due(now) {
		o.frame.HasClock = true
		o.frame.ClockSent = uint32(now.Microseconds())
	}
}

func (o *outbox) writeLocked() error {
	if o.conn == nil {
		return errNoConn
	}
	return o.conn.write(o.builder.ClientFrame(&o.frame))
}
