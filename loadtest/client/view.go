package client

import (
	"time"

	"github.com/coder/websocket"

	"github.com/roomtick/roomtick/room/delta"
	"github.com/roomtick/roomtick/schema"
)

const (
	// ackWithin is how soon after a snapshot it must be acknowledged; PROTOCOL.md 2.7.
	ackWithin = 50 * time.Millisecond

	// ackSlack is how late an input may be before the read loop acknowledges instead.
	ackSlack = 10 * time.Millisecond
)

// view is what a bot has been told: the read side. Owned by the read goroutine.
type view struct {
	bot   *Bot
	frame schema.ServerFrame // of the newest message

	welcome schema.Welcome // the newest
	desc    *schema.Descriptor
	parts   []schema.Part
	decoder *delta.Decoder
	tally   *delta.Tally // where the deltas' bits go
	public  []int        // the parts that everybody sees
	pilot   *pilot       // nil: idle

	tick     uint32 // of the newest applied snapshot
	epoch    uint64 // the highest welcomed
	eventAck uint32
	lost     uint32 // events that a resume said were dropped
	second   uint32 // in which the last hash was taken

	welcomed bool            // on this conn
	fresh    bool            // a snapshot was applied on this conn
	goodbye  *schema.Goodbye // of this conn
	broken   bool            // we ended the conn over a fault
	err      error           // why the bot ended

	seen        bool          // there was a snapshot
	last        time.Duration // of the newest; 0 if the gap to it says nothing
	lastCounted time.Duration
	heard       time.Duration // from when on silence counts: the newest snapshot, or the end of an own stall
	silence     Silence       // the longest
	waits       waited        // scratch
}

func newView(b *Bot) view {
	return view{bot: b}
}

func (v *view) tickMS() float64 { return 1000 / float64(v.welcome.TickRate) }
func (v *view) sendMS() float64 { return v.tickMS() * float64(v.welcome.SendEvery) }

// attach readies v for the first frame of a conn.
func (v *view) attach() {
	v.welcomed, v.fresh, v.goodbye, v.last = false, false, nil, 0
}

// awoke notes that the bot itself did not read for a while.
func (v *view) awoke() { v.last, v.heard = 0, v.bot.out.now() }

// listen ends the silence since something was heard, if it was one.
func (v *view) listen(now time.Duration) {
	if length := now - v.heard; v.heard > 0 && length > v.silence.Length {
		v.silence = Silence{Length: length, From: v.bot.base.Add(v.heard)}
	}
	v.heard = now
}

// finish notes what no snapshot came to end: the silence since the last one, and the
// inputs that still wait. Called once, when the bot has ended.
func (v *view) finish(end time.Duration) {
	v.bot.out.give(end, &v.waits)
	gap := time.Duration(0)
	if v.last > 0 && end > v.last {
		gap = end - v.last
	}
	v.listen(end)
	v.bot.opts.Meter.snapshot(gap, 0, &v.waits)
}

// hello takes the seat back where v stands.
func (v *view) hello() schema.Hello {
	return schema.Hello{
		SDK:            sdk,
		DescriptorHash: v.welcome.DescriptorHash,
		Epoch:          v.welcome.Epoch,
		Tick:           v.tick,
		EventAck:       v.eventAck,
	}
}

// readFrame reads one frame and takes it. After an error the conn is of no more use;
// if the error is a fault of the server, broken is set.
func (v *view) readFrame(c *conn) error {
	typ, msg, err := c.read()
	if err != nil {
		return err
	}
	return v.message(v.bot.out.now(), typ, msg)
}

// message takes one message that arrived at now, as readFrame does.
func (v *view) message(now time.Duration, typ websocket.MessageType, msg []byte) error {
	if v.bot.leaving() {
		v.weigh(msg)
		if schema.ParseServerFrame(msg, &v.frame) == nil {
			v.bye(msg)
		}
		return nil
	}
	if err := v.take(now, typ, msg); err != nil {
		v.broken = true
		return err
	}
	return nil
}

// weigh counts a message, whatever it says.
func (v *view) weigh(msg []byte) {
	v.bot.Counters.Frames.Add(1)
	v.bot.Counters.Bytes.Add(int64(len(msg)))
}

// bye counts the frame that was just parsed if it is a goodbye: it comes from the
// server's conn, not from the room.
func (v *view) bye(msg []byte) {
	if v.frame.Goodbye != nil {
		v.bot.Counters.Byes.Add(1)
		v.bot.Counters.ByeBytes.Add(int64(len(msg)))
	}
}

// take applies one message.
func (v *view) take(now time.Duration, typ websocket.MessageType, msg []byte) error {
	n := &v.bot.Counters
	v.weigh(msg)
	if typ != websocket.MessageBinary {
		return n.fault(FaultProtocol, "text frame of %d bytes", len(msg))
	}
	f := &v.frame
	if err := schema.ParseServerFrame(msg, f); err != nil {
		return n.fault(FaultDecode, "%w", err)
	}
	v.bye(msg)
	n.Deltas.Add(int64(len(f.Deltas)))
	n.Told.Add(int64(len(f.Events)))
	if !v.welcomed && f.Welcome == nil && f.Goodbye == nil {
		return n.fault(FaultProtocol, "the first frame has neither welcome nor goodbye")
	}
	if f.Welcome != nil {
		if err := v.greet(f.Welcome); err != nil {
			return err
		}
	}
	if f.HasClock {
		v.bot.out.reply(now, &f.Clock)
	}
	if f.HasSnapshot {
		if err := v.snapshot(now, f); err != nil {
			return err
		}
	}
	v.goodbye = f.Goodbye
	return nil
}

// greet takes a welcome: the seat, and how to read everything that follows.
func (v *view) greet(w *schema.Welcome) error {
	n := &v.bot.Counters
	switch {
	case v.welcomed:
		return n.fault(FaultProtocol, "a second welcome on one conn")
	case w.TickRate == 0 || w.SendEvery == 0:
		return n.fault(FaultProtocol, "welcome with tick rate %d, send every %d", w.TickRate, w.SendEvery)
	case w.Resumed != v.seen:
		return n.fault(FaultProtocol, "welcome says resumed %v", w.Resumed)
	case v.seen && w.Seat != v.welcome.Seat:
		return n.fault(FaultProtocol, "resumed seat %d, was given %d", v.welcome.Seat, w.Seat)
	case w.Descriptor == nil && (v.desc == nil || w.DescriptorHash != v.welcome.DescriptorHash):
		return n.fault(FaultProtocol, "welcome without the descriptor of hash %q", w.DescriptorHash)
	}
	v.welcomed, v.welcome, v.lost = true, *w, w.EventsDropped
	v.epoch = max(v.epoch, w.Epoch)
	if w.Descriptor == nil {
		return nil
	}
	return v.describe(w)
}

// describe starts afresh with a descriptor.
func (v *view) describe(w *schema.Welcome) error {
	v.desc = w.Descriptor
	v.bot.described.Store(v.desc)
	if v.bot.sendMS == 0 {
		v.bot.sendMS = v.sendMS()
	}
	if !v.bot.opts.HeadsOnly {
		v.parts = v.desc.Parts()
		v.decoder, v.public = delta.NewDecoder(v.parts), v.public[:0]
		for number := range v.parts {
			if !v.parts[number].Owner {
				v.public = append(v.public, number)
			}
		}
		if v.tally == nil { // of all the bot's conns: a resume may bring the descriptor again
			v.tally = delta.NewTally(v.parts)
		}
		v.decoder.SetTally(v.tally)
	}
	pilot, err := newPilot(&v.bot.opts, w, v.desc)
	if err != nil {
		return v.bot.Counters.fault(FaultProtocol, "%w", err)
	}
	v.pilot = pilot
	v.bot.out.play(heldMask(v.desc.Input))
	return nil
}

// checkGoodbye compares the goodbye with the code of the close frame; 1.7.
func (v *view) checkGoodbye(code int) {
	if code < int(schema.CloseLeft) || code > 4999 {
		return
	}
	switch {
	case v.goodbye == nil:
		_ = v.bot.Counters.fault(FaultProtocol, "closed with %d without a goodbye", code)
	case int(v.goodbye.Code) != code:
		_ = v.bot.Counters.fault(FaultProtocol, "closed with %d after a goodbye of %d", code, v.goodbye.Code)
	}
}

// ackAfter is how long the last acknowledgement may be ago before a snapshot is
// acknowledged in a frame of its own. A bot that sends inputs often enough leaves the
// acknowledgement to them.
func (v *view) ackAfter() time.Duration {
	tick := time.Duration(v.tickMS() * float64(time.Millisecond))
	if v.bot.opts.Play == PlayIdle || tick > ackWithin {
		return 0
	}
	return tick + ackSlack
}
