package schema

import (
	flatbuffers "github.com/google/flatbuffers/go"

	"github.com/roomtick/roomtick/schema/wire"
)

// Builder writes frames, each over the one before in the same buffer, which grows to
// the largest. It belongs to one goroutine.
type Builder struct {
	fb    *flatbuffers.Builder
	plain plain
}

// NewBuilder returns a Builder whose buffer starts at size bytes.
func NewBuilder(size int) *Builder {
	return &Builder{fb: flatbuffers.NewBuilder(size)}
}

// ServerFrame returns f as one message, valid until the next call. Nothing is allocated once the buffer is large enough, unless f has a welcome
// or goodbye. A snapshot frame without events is at most 40 bytes longer than its
// deltas; with events at most 56 longer than both. FlatBuffers are built backwards,
// so that the message reads:
//
//	| root | vtable | ServerFrame with its SnapshotHead | events | deltas |
func (b *Builder) ServerFrame(f *ServerFrame) []byte {
	fb := b.fb
	fb.Reset()
	deltas := byteVector(fb, f.Deltas)
	events := byteVector(fb, f.Events)
	welcome := addWelcome(fb, f.Welcome)
	goodbye := addGoodbye(fb, f.Goodbye)
	wire.ServerFrameStart(fb)
	if f.HasClock {
		c := &f.Clock
		wire.ServerFrameAddClock(fb, wire.CreateClockReply(fb, c.Received, c.Replied, c.Sent))
	}
	wire.ServerFrameAddGoodbye(fb, goodbye)
	wire.ServerFrameAddWelcome(fb, welcome)
	wire.ServerFrameAddEventSeq(fb, f.EventSeq)
	wire.ServerFrameAddEvents(fb, events)
	wire.ServerFrameAddDeltas(fb, deltas)
	if f.HasSnapshot {
		s := &f.Snapshot
		wire.ServerFrameAddSnapshot(fb, wire.CreateSnapshotHead(
			fb, s.Tick, s.InputAck, s.InputHealth, s.Flags))
	}
	if f.HasEventAck {
		wire.ServerFrameAddEventAck(fb, wire.CreateEventAck(fb, f.EventAck))
	}
	fb.Finish(wire.ServerFrameEnd(fb))
	return fb.FinishedBytes()
}

// ClientFrame returns f as one message: size prefix and buffer, valid until the next
// call. Nothing is allocated once the buffer is large enough.
func (b *Builder) ClientFrame(f *ClientFrame) []byte {
	fb := b.fb
	fb.Reset()
	hello := addHello(fb, f)
	events := byteVector(fb, f.Events)
	hashes := addHashes(fb, f)
	inputs := byteVector(fb, f.Inputs)
	wire.ClientFrameStart(fb)
	wire.ClientFrameAddLeave(fb, f.Leave)
	wire.ClientFrameAddHello(fb, hello)
	if f.HasRate {
		wire.ClientFrameAddRate(fb, wire.CreateRateRequest(fb, f.RateHz))
	}
	wire.ClientFrameAddEventSeq(fb, f.EventSeq)
	wire.ClientFrameAddEvents(fb, events)
	if f.HasClock {
		wire.ClientFrameAddClock(fb, wire.CreateClockRequest(fb, f.ClockSent))
	}
	wire.ClientFrameAddHashes(fb, hashes)
	wire.ClientFrameAddInputs(fb, inputs)
	if f.HasState {
		wire.ClientFrameAddState(fb, wire.CreateClientState(fb, f.State.Ack, f.State.View, f.State.EventAck))
	}
	fb.FinishSizePrefixed(wire.ClientFrameEnd(fb))
	return fb.FinishedBytes()
}

// byteVector copies data as one block; 0 stands for a vector that is left out.
func byteVector(fb *flatbuffers.Builder, data []byte) flatbuffers.UOffsetT {
	if len(data) == 0 {
		return 0
	}
	return fb.CreateByteVector(data)
}

// text writes a string; 0 stands for one that is left out.
func text(fb *flatbuffers.Builder, s string) flatbuffers.UOffsetT {
	if s == "" {
		return 0
	}
	return fb.CreateString(s)
}

func addHashes(fb *flatbuffers.Builder, f *ClientFrame) flatbuffers.UOffsetT {
	if f.HashCount == 0 {
		return 0
	}
	wire.ClientFrameStartHashesVector(fb, f.HashCount)
	for i := f.HashCount - 1; i >= 0; i-- {
		h := &f.Hashes[i]
		wire.CreatePubHash(fb, h.Group, h.Tick, h.Hash)
	}
	return fb.EndVector(f.HashCount)
}

func addHello(fb *flatbuffers.Builder, f *ClientFrame) flatbuffers.UOffsetT {
	if !f.HasHello {
		return 0
	}
	h := &f.Hello
	sdk := text(fb, h.SDK)
	hash := text(fb, h.DescriptorHash)
	wire.HelloStart(fb)
	wire.HelloAddEpoch(fb, h.Epoch)
	wire.HelloAddEventAck(fb, h.EventAck)
	wire.HelloAddTick(fb, h.Tick)
	wire.HelloAddDescriptorHash(fb, hash)
	wire.HelloAddSdk(fb, sdk)
	return wire.HelloEnd(fb)
}

func addWelcome(fb *flatbuffers.Builder, w *Welcome) flatbuffers.UOffsetT {
	if w == nil {
		return 0
	}
	descriptor := addDescriptor(fb, w.Descriptor)
	hash := text(fb, w.DescriptorHash)
	secret := text(fb, w.Secret)
	player := text(fb, w.Player)
	room := text(fb, w.Room)
	wire.WelcomeStart(fb)
	wire.WelcomeAddEpoch(fb, w.Epoch)
	wire.WelcomeAddDescriptor(fb, descriptor)
	wire.WelcomeAddDescriptorHash(fb, hash)
	wire.WelcomeAddEventsDropped(fb, w.EventsDropped)
	wire.WelcomeAddEventAck(fb, w.EventAck)
	wire.WelcomeAddSeatTimeoutMs(fb, w.SeatTimeoutMS)
	wire.WelcomeAddTick(fb, w.Tick)
	wire.WelcomeAddSecret(fb, secret)
	wire.WelcomeAddPlayer(fb, player)
	wire.WelcomeAddRoom(fb, room)
	wire.WelcomeAddTickRate(fb, w.TickRate)
	wire.WelcomeAddSeat(fb, w.Seat)
	wire.WelcomeAddResumed(fb, w.Resumed)
	wire.WelcomeAddSendEvery(fb, w.SendEvery)
	return wire.WelcomeEnd(fb)
}

func addGoodbye(fb *flatbuffers.Builder, g *Goodbye) flatbuffers.UOffsetT {
	if g == nil {
		return 0
	}
	hint := text(fb, g.Hint)
	reason := text(fb, g.Reason)
	wire.GoodbyeStart(fb)
	wire.GoodbyeAddRetryMs(fb, g.RetryMS)
	wire.GoodbyeAddHint(fb, hint)
	wire.GoodbyeAddReason(fb, reason)
	wire.GoodbyeAddCode(fb, uint16(g.Code))
	wire.GoodbyeAddReconnect(fb, g.Reconnect)
	return wire.GoodbyeEnd(fb)
}
