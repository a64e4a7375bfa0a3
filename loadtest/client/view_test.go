package client

import (
	"errors"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/roomtick/roomtick/loadtest/report"
	"github.com/roomtick/roomtick/schema"
)

func TestEveryTickIsReceivedOrJumpedOver(t *testing.T) {
	room := newFakeRoom(10)
	b := newTold(t, room)
	b.must(room.welcome(false))
	for range 5 {
		room.step(0, 1)
		b.must(room.delta(1))
	}
	for range 7 { // not sent
		room.step(0, 1)
	}
	b.must(room.delta(7))
	b.wantFaults(nil)
	c := &b.Counters
	if got := c.Received.Load(); got != 7 {
		t.Errorf("received %d ticks, want 7", got)
	}
	if got := c.Jumped.Load(); got != 6 {
		t.Errorf("jumped over %d ticks, want 6", got)
	}
	if got := c.Frames.Load(); got != 7 {
		t.Errorf("%d frames, want 7", got)
	}
}

func TestAnUpdateIsAnEntityWhoseStateChanged(t *testing.T) {
	room := newFakeRoom(10)
	b := newTold(t, room)
	b.must(room.welcome(false))
	if updates, entered := b.Counters.Updates.Load(), b.Counters.Entered.Load(); updates != 0 || entered != 10 {
		t.Fatalf("%d updates and %d entered in the first snapshot, want 0 and 10", updates, entered)
	}
	room.step(2, 5, 7)
	b.must(room.delta(1))
	room.step()
	b.must(room.delta(1))
	room.step(2)
	room.step(2, 3)
	b.must(room.delta(2))
	if got := b.Counters.Updates.Load(); got != 3+0+2 {
		t.Errorf("%d updates, want 5", got)
	}
	if got := b.Counters.InView.Load(); got != 40 {
		t.Errorf("%d entities in view over 4 snapshots, want 40", got)
	}
}

func TestAllPayloadBytesCount(t *testing.T) {
	room := newFakeRoom(3)
	b := newTold(t, room)
	want := 0
	f := room.welcome(false)
	want += len(room.bytes(f))
	b.must(f)
	room.step(1)
	f = room.delta(1)
	f.Events = schema.AppendServerEvent(nil, 0, 0, []byte{1, 2, 3})
	f.EventSeq = 1
	want += len(room.bytes(f))
	b.must(f)
	if got := b.Counters.Bytes.Load(); got != int64(want) {
		t.Errorf("%d bytes, want %d", got, want)
	}
}

func TestATickThatRepeatsIsAGap(t *testing.T) {
	room := newFakeRoom(3)
	b := newTold(t, room)
	b.must(room.welcome(false))
	room.step(1)
	b.must(room.delta(1))
	if b.tell(room.delta(1)) == nil {
		t.Error("the same tick twice was taken")
	}
	b.wantFaults(map[Fault]int64{FaultGap: 1})
}

func TestADeltaFromAnotherBaselineIsADecodeError(t *testing.T) {
	room := newFakeRoom(3)
	b := newTold(t, room)
	b.must(room.welcome(false))
	room.step(1)
	room.step(1)
	if b.tell(room.delta(1)) == nil {
		t.Error("a step over a tick the bot never had was taken")
	}
	b.wantFaults(map[Fault]int64{FaultDecode: 1})
}

func TestBytesThatDoNotParseAreADecodeError(t *testing.T) {
	room := newFakeRoom(3)
	b := newTold(t, room)
	whole := room.bytes(room.welcome(false))
	if b.view.take(0, websocket.MessageBinary, whole[:len(whole)-8]) == nil {
		t.Error("a truncated frame was taken")
	}
	b.wantFaults(map[Fault]int64{FaultDecode: 1})
}

func TestATextFrameIsAFault(t *testing.T) {
	room := newFakeRoom(3)
	b := newTold(t, room)
	if b.view.take(0, websocket.MessageText, []byte("hello")) == nil {
		t.Error("a text frame was taken")
	}
	b.wantFaults(map[Fault]int64{FaultProtocol: 1})
}

func TestTheFirstFrameMustWelcome(t *testing.T) {
	room := newFakeRoom(3)
	b := newTold(t, room)
	if b.tell(room.keyframe()) == nil {
		t.Error("a snapshot before the welcome was taken")
	}
	b.wantFaults(map[Fault]int64{FaultProtocol: 1})
}

// A room resets a bot again and again while acknowledgements trickle in after a lag.
func TestResetsInARowAreResetsAndNoFault(t *testing.T) {
	room := newFakeRoom(3)
	b := newTold(t, room)
	b.must(room.welcome(false))
	for range 3 {
		room.step(1)
		b.must(room.keyframe())
	}
	b.wantFaults(nil)
	if got := b.Counters.Resets.Load(); got != 3 {
		t.Errorf("%d resets, want 3", got)
	}
}

func TestTheSilenceAtTheEndIsAGap(t *testing.T) {
	room := newFakeRoom(3)
	b := newTold(t, room)
	b.must(room.welcome(false))
	room.step(1)
	b.must(room.delta(1))
	b.left.Store(int64(b.now + 4*time.Second))
	b.view.finish(b.end())
	gaps := measured(b.Bot).Gap
	if got := report.Quantile(gaps, 100); got < 3900*time.Millisecond || gaps.TotalCount() != 2 {
		t.Errorf("silent for 4s: the longest of %d gaps is %v", gaps.TotalCount(), got)
	}
	if r := b.Result(); r.Counts.Due != 202 || r.Covered != 2 {
		t.Errorf("%d of %d due ticks, want 2 of 202", r.Covered, r.Counts.Due)
	}
}

func TestABotAsleepOnPurposeAtTheEndIsDueNothingMeanwhile(t *testing.T) {
	room := newFakeRoom(3)
	b := newTold(t, room)
	b.must(room.welcome(false))
	b.left.Store(int64(b.now + 4*time.Second))
	b.asleep = true
	b.view.awoke()
	b.view.finish(b.end())
	if r, gaps := b.Result(), measured(b.Bot).Gap.TotalCount(); r.Counts.Due != 1 || gaps != 0 {
		t.Errorf("%d ticks due, %d gaps, want 1 and 0", r.Counts.Due, gaps)
	}
}

func TestAResetAfterASecondOfLagIsNoFault(t *testing.T) {
	room := newFakeRoom(3)
	b := newTold(t, room)
	b.must(room.welcome(false))
	for range 50 {
		room.step(1)
	}
	b.must(room.keyframe())
	b.wantFaults(nil)
	if got := b.Counters.Resets.Load(); got != 1 {
		t.Errorf("%d resets, want 1", got)
	}
	if got := b.Counters.Jumped.Load(); got != 49 {
		t.Errorf("jumped over %d ticks, want 49", got)
	}
}

func TestBotsThatDisagreeAboutAGroupAreBothHeard(t *testing.T) {
	room, other := newFakeRoom(3), newFakeRoom(3)
	other.x[2] += 160
	a, b := newTold(t, room), newTold(t, other)
	b.opts.Witness = a.opts.Witness
	a.must(room.welcome(false))
	b.must(other.welcome(false))
	for range 50 { // a second: each hashes once
		room.step()
		other.step()
		a.must(room.delta(1))
		b.must(other.delta(1))
	}
	a.wantFaults(nil)
	if got := b.Counters.Count(FaultHash); got == 0 {
		t.Error("two bots with different ships agreed")
	}
}

func TestFramesOfALowerEpochAreDropped(t *testing.T) {
	room := newFakeRoom(3)
	b := newTold(t, room)
	b.must(room.welcome(false))
	room.step(1)
	b.must(room.delta(1))
	b.view.attach()
	old := room.welcome(true)
	old.Welcome.Epoch = 4
	b.must(old)
	if got := b.Counters.Old.Load(); got != 1 {
		t.Errorf("%d old frames, want 1", got)
	}
}

func TestEventsAreTakenOnceAndInOrder(t *testing.T) {
	room := newFakeRoom(3)
	b := newTold(t, room)
	b.must(room.welcome(false))
	send := func(seq uint32, count int) error {
		room.step()
		f := room.delta(1)
		f.EventSeq = seq
		for range count {
			f.Events = schema.AppendServerEvent(f.Events, 0, 0, []byte{9})
		}
		return b.tell(f)
	}
	if err := errors.Join(send(1, 2), send(2, 2)); err != nil {
		t.Fatal(err)
	}
	if got := b.Counters.Events.Load(); got != 3 {
		t.Errorf("%d events, want 3: the second one came twice", got)
	}
	if send(5, 1) == nil {
		t.Error("event 5 after 3 was taken")
	}
	b.wantFaults(map[Fault]int64{FaultGap: 1})
}

func TestAResumeMayLoseTheEventsItNames(t *testing.T) {
	room := newFakeRoom(3)
	b := newTold(t, room)
	b.must(room.welcome(false))
	room.step()
	b.view.attach()
	f := room.welcome(true)
	f.Welcome.EventsDropped = 4
	f.EventSeq = 5
	f.Events = schema.AppendServerEvent(nil, 0, 0, []byte{9})
	b.must(f)
	b.wantFaults(nil)
}

func TestAResumedSeatMustBeTheSameSeat(t *testing.T) {
	room := newFakeRoom(3)
	b := newTold(t, room)
	b.must(room.welcome(false))
	room.step()
	b.view.attach()
	f := room.welcome(true)
	f.Welcome.Seat++
	if b.tell(f) == nil {
		t.Error("another seat was taken")
	}
	b.wantFaults(map[Fault]int64{FaultProtocol: 1})
}
