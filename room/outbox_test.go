package room

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/roomtick/roomtick/schema"
)

// TestOutboxDeliversOnceInOrderAcrossConns sends, loses and resumes at random and
// keeps the receiver's list beside the sender's.
func TestOutboxDeliversOnceInOrderAcrossConns(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		o := outbox{acked: 0xFFFFFFF0, sent: 0xFFFFFFF0} // sequences may wrap
		received := o.acked
		var want, got []string
		for step := range 300 {
			switch rng.IntN(5) {
			case 0, 1:
				text := fmt.Sprint("event ", step)
				want = append(want, text)
				o.add(outEvent{tick: uint32(step), payload: []byte(text)})
			case 2:
				o.resume(received) // a new conn; frames sent and not received are lost
			case 3:
				if !o.ack(received) {
					t.Fatalf("seed %d: acknowledgement of %d refused", seed, received)
				}
			case 4:
				frame, first, last := o.append(nil, uint32(step))
				o.sent = last
				if rng.IntN(3) == 0 {
					o.resume(received)
					continue
				}
				seq := first - 1
				err := schema.ReadServerEvents(frame, func(_, _ uint32, payload []byte) error {
					if seq++; int32(seq-received) > 0 {
						received = seq
						got = append(got, string(payload))
					}
					return nil
				})
				if err != nil || seq != last {
					t.Fatalf("seed %d: %v, sequence %d, want %d", seed, err, seq, last)
				}
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want[:len(got)]) {
			t.Fatalf("seed %d: received %v, sent %v", seed, got, want)
		}
	}
}

func TestOutboxRefusesAcknowledgementsAheadOfItself(t *testing.T) {
	var o outbox
	o.add(outEvent{})
	if o.ack(1) {
		t.Error("an event that was never sent was acknowledged")
	}
	_, _, o.sent = o.append(nil, 0)
	if !o.ack(1) || len(o.queue) != 0 {
		t.Error("a sent event could not be acknowledged")
	}
}

func TestOutboxShedsTheOldestAndCountsThem(t *testing.T) {
	var o outbox
	payload := bytes.Repeat([]byte{1}, 1<<10)
	added := 0
	for o.add(outEvent{tick: uint32(added), payload: payload}) {
		added++
	}
	o.shed()
	if o.bytes > maxOutbox || o.acked != 1 || o.queue[0].tick != 1 {
		t.Errorf("%d bytes, %d dropped, oldest %d; want at most %d, 1 and 1", o.bytes, o.acked, o.queue[0].tick, maxOutbox)
	}
	if _, first, _ := o.append(nil, 0); first != 2 {
		t.Errorf("first sequence after one was dropped is %d, want 2", first)
	}
}

func TestOneFrameCarriesAboutThirtyTwoKilobytesOfEvents(t *testing.T) {
	var o outbox
	payload := bytes.Repeat([]byte{1}, 1000)
	for range 200 {
		o.add(outEvent{payload: payload})
	}
	frames := 0
	for {
		frame, first, last := o.append(nil, 0)
		if last+1 == first {
			break
		}
		if len(frame) > maxEventBytes+1100 {
			t.Fatalf("%d bytes of events in a frame", len(frame))
		}
		o.sent = last
		frames++
	}
	if frames < 5 || o.sent != 200 {
		t.Errorf("%d events in %d frames", o.sent, frames)
	}
}

// TestLostEventsAreCountedFromWhatTheClientHas: its acknowledgements may have been on
// the way when the conn was cut, and a welcome that was lost changes nothing.
func TestLostEventsAreCountedFromWhatTheClientHas(t *testing.T) {
	var o outbox
	for range 30 {
		o.add(outEvent{payload: make([]byte, 60000)})
	}
	_, _, o.sent = o.append(nil, 0)
	for o.sent < 30 {
		_, _, o.sent = o.append(nil, 0)
	}
	o.ack(10)
	o.shed() // the player is away: about 26 of the 30 go
	first := o.acked + 1
	for range 2 { // the first of two welcomes is lost
		for _, received := range []uint32{10, 20, o.acked, 30} {
			c := o
			c.queue = append([]outEvent(nil), o.queue...)
			c.resume(received)
			if next := received + c.lost + 1; received < first && next != first {
				t.Errorf("the client has %d and is told of %d lost: it expects %d, gets %d", received, c.lost, next, first)
			}
			if received >= first && (c.lost != 0 || c.sent != received) {
				t.Errorf("the client has %d: %d lost, goes on after %d", received, c.lost, c.sent)
			}
		}
	}
}
