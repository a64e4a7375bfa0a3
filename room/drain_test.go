package room

import (
	"log/slog"
	"sync/atomic"
	"testing"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/sim"
)

// paddleBytes is the payload of a paddle: 8 bits of turn, 1 bit of jump.
func paddleBytes(turn int8, jump bool) []byte {
	b := []byte{byte(turn), 0}
	if jump {
		b[1] = 1
	}
	return b
}

func inputs(tick uint32, payloads ...[]byte) []byte {
	var b []byte
	for i, p := range payloads {
		b = schema.AppendInput(b, tick+uint32(i), p)
	}
	return b
}

// game returns the pond of a room; inside only.
func game(r *Room) *pond { return r.sim.Game().(*pond) }

func turnOf(r *Room, seat sim.Seat) int8 {
	g := game(r)
	return g.Inputs.Of(r.sim.World().Player(seat)).Turn
}

func TestInputsAreAppliedAtTheirTickAndHeldWithEdgesCleared(t *testing.T) {
	stats := new(Stats)
	inBubble(t, Config{Stats: stats}, func(r *Room) {
		b := newTab(t, r, "Ada")
		ticks(r, 3)
		b.read()
		at := b.tick + 3
		b.send(schema.ClientFrame{Inputs: inputs(at, paddleBytes(1, true), paddleBytes(-1, false))})
		want := map[uint32]int8{at - 1: 0, at: 1, at + 1: -1, at + 2: -1, at + 3: -1}
		state := map[uint32]schema.InputState{at - 1: schema.InputRepeated, at: schema.InputApplied, at + 1: schema.InputApplied, at + 2: schema.InputRepeated}
		for range 6 {
			ticks(r, 1)
			b.read()
			b.ack()
			inside(t, r, func() {
				if turn, ok := want[b.tick]; ok && turnOf(r, b.seat) != turn {
					t.Errorf("tick %d: turn %d, want %d", b.tick, turnOf(r, b.seat), turn)
				}
			})
			got := schema.InputState(b.head.Flags & schema.HeadInputMask >> schema.HeadInputShift)
			if s, ok := state[b.tick]; ok && got != s {
				t.Errorf("tick %d: input state %d, want %d", b.tick, got, s)
			}
		}
		if b.head.InputAck != uint16(at+1) {
			t.Errorf("input ack %d, want %d", b.head.InputAck, at+1)
		}
		inside(t, r, func() {
			if n := game(r).Jumps[b.seat]; n != 1 {
				t.Errorf("one edge input was seen %d times", n)
			}
		})
	})
	if stats.InputsApplied.Load() != 2 {
		t.Errorf("%d inputs applied, want 2", stats.InputsApplied.Load())
	}
}

func TestLateInputsGiveTheirEdgesOnceAndNothingElse(t *testing.T) {
	stats := new(Stats)
	inBubble(t, Config{Stats: stats}, func(r *Room) {
		b := newTab(t, r, "Ada")
		ticks(r, 5)
		b.read()
		b.send(schema.ClientFrame{Inputs: inputs(b.tick, paddleBytes(1, true))}) // this tick has run
		ticks(r, 4)
		inside(t, r, func() {
			if n := game(r).Jumps[b.seat]; n != 1 || turnOf(r, b.seat) != 0 {
				t.Errorf("late input: %d jumps, turn %d; want 1 and 0", n, turnOf(r, b.seat))
			}
		})
	})
	if stats.InputsLate.Load() != 1 || stats.InputsApplied.Load() != 0 {
		t.Errorf("%d late, %d applied", stats.InputsLate.Load(), stats.InputsApplied.Load())
	}
}

func TestOneInputPerTickAndFarOnesAreDropped(t *testing.T) {
	stats := new(Stats)
	inBubble(t, Config{Stats: stats}, func(r *Room) {
		b := newTab(t, r, "Ada")
		ticks(r, 5)
		b.read()
		next := b.tick + 1
		b.send(schema.ClientFrame{Inputs: inputs(next+2, paddleBytes(1, true))})
		b.send(schema.ClientFrame{Inputs: inputs(next+2, paddleBytes(-1, true))}) // a second one for the tick
		b.send(schema.ClientFrame{Inputs: inputs(next+17, paddleBytes(-1, true))})
		b.send(schema.ClientFrame{Inputs: inputs(next-3, paddleBytes(-1, true))})
		b.send(schema.ClientFrame{Inputs: inputs(next+1<<31, paddleBytes(-1, true))})
		ticks(r, 25)
		inside(t, r, func() {
			if n := game(r).Jumps[b.seat]; n != 1 || turnOf(r, b.seat) != 1 {
				t.Errorf("%d jumps, turn %d; want 1 and 1", n, turnOf(r, b.seat))
			}
		})
		if b.conn.closed() != 0 {
			t.Errorf("conn closed with %d", b.conn.closed())
		}
	})
	if stats.InputsFar.Load() != 3 || stats.InputsDuplicate.Load() != 1 || stats.InputsApplied.Load() != 1 {
		t.Errorf("%d far, %d duplicate, %d applied", stats.InputsFar.Load(), stats.InputsDuplicate.Load(), stats.InputsApplied.Load())
	}
}

func TestFramesThatBreakTheProtocolCloseTheConnWithTheirCode(t *testing.T) {
	far := make([]schema.ClientFrame, maxFarInputs)
	for i := range far {
		far[i] = schema.ClientFrame{Inputs: inputs(5000, paddleBytes(0, false))}
	}
	chatty := make([]schema.ClientFrame, eventsBurst+1)
	for i := range chatty {
		chatty[i] = schema.ClientFrame{EventSeq: uint32(i + 1), Events: schema.AppendClientEvent(nil, sayEvent, []byte{byte(i + 1), 0, 0, 0})}
	}
	for name, c := range map[string]struct {
		frames []schema.ClientFrame
		code   schema.CloseCode
	}{
		"second hello":           {[]schema.ClientFrame{{HasHello: true}}, schema.CloseMalformed},
		"ack of the future":      {[]schema.ClientFrame{{HasState: true, State: schema.ClientState{Ack: 5000}}}, schema.CloseMalformed},
		"event ack never sent":   {[]schema.ClientFrame{{HasState: true, State: schema.ClientState{Ack: 1, EventAck: 500}}}, schema.CloseMalformed},
		"input padding not zero": {[]schema.ClientFrame{{Inputs: inputs(6, []byte{0, 0x80})}}, schema.CloseMalformed},
		"input of wrong size":    {[]schema.ClientFrame{{Inputs: inputs(6, []byte{0})}}, schema.CloseMalformed},
		"far inputs":             {far, schema.CloseFarInputs},
		"event flood":            {chatty, schema.CloseFlood},
		"event gap":              {[]schema.ClientFrame{{EventSeq: 2, Events: schema.AppendClientEvent(nil, sayEvent, []byte{2, 0, 0, 0})}}, schema.CloseMalformed},
		"server event sent back": {[]schema.ClientFrame{{EventSeq: 1, Events: schema.AppendClientEvent(nil, splashEvent, []byte{2, 0, 0, 0})}}, schema.CloseMalformed},
		"unknown event":          {[]schema.ClientFrame{{EventSeq: 1, Events: schema.AppendClientEvent(nil, 99, []byte{2, 0, 0, 0})}}, schema.CloseMalformed},
		"event too short":        {[]schema.ClientFrame{{EventSeq: 1, Events: schema.AppendClientEvent(nil, sayEvent, []byte{2, 0, 0})}}, schema.CloseMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			stats := new(Stats)
			inBubble(t, Config{Stats: stats}, func(r *Room) {
				b, other := newTab(t, r, "Mallory"), newTab(t, r, "Ada")
				ticks(r, 3)
				b.read()
				for _, f := range c.frames {
					b.send(f)
				}
				ticks(r, 2)
				if b.conn.closed() != c.code {
					t.Errorf("closed with %d (%s), want %d (%s)", b.conn.closed(), b.conn.closed(), c.code, c.code)
				}
				if bye := b.conn.bye(t); bye.Hint == "" || bye.Code != c.code {
					t.Errorf("goodbye %+v", bye)
				}
				other.read()
				compare(t, r, other)
				if other.conn.closed() != 0 {
					t.Errorf("the other player was closed with %d", other.conn.closed())
				}
				if err := b.resume(b.welcome.Secret); err != nil {
					t.Errorf("the seat was lost: %v", err)
				}
			})
			if stats.Refused.Load() != 1 {
				t.Errorf("%d conns counted as refused, want 1", stats.Refused.Load())
			}
		})
	}
}

func TestHashMismatchIsCountedAndMendedByKeyframes(t *testing.T) {
	stats := new(Stats)
	inBubble(t, Config{Stats: stats}, func(r *Room) {
		b := newTab(t, r, "Ada")
		ticks(r, 5)
		b.read()
		before := b.resets
		f := schema.ClientFrame{HasState: true, State: schema.ClientState{Ack: b.tick}, HashCount: 1}
		f.Hashes[0] = schema.PubHash{Group: 0, Tick: b.tick, Hash: 12345}
		b.send(f)
		ticks(r, 2)
		b.read()
		if b.resets != before+1 {
			t.Errorf("%d resets after a mismatch, want 1", b.resets-before)
		}
		compare(t, r, b)
	})
	if stats.HashMismatches.Load() != 1 || stats.HashChecks.Load() != 1 {
		t.Errorf("%d mismatches of %d checks", stats.HashMismatches.Load(), stats.HashChecks.Load())
	}
}

func TestNobodyHoldsTheKeysOfAnAbsentPlayer(t *testing.T) {
	inBubble(t, Config{}, func(r *Room) {
		b := newTab(t, r, "Ada")
		ticks(r, 3)
		b.read()
		b.send(schema.ClientFrame{Inputs: inputs(b.tick+2, paddleBytes(1, false))})
		ticks(r, 5)
		inside(t, r, func() {
			if turnOf(r, b.seat) != 1 {
				t.Errorf("turn %d while the key is held", turnOf(r, b.seat))
			}
		})
		b.conn.cut(errCut)
		ticks(r, 3)
		inside(t, r, func() {
			if turnOf(r, b.seat) != 0 {
				t.Errorf("turn %d although the player is away", turnOf(r, b.seat))
			}
		})
	})
}

func TestInputSentAgainAfterAResumeIsNotAppliedAgain(t *testing.T) {
	for _, late := range []bool{false, true} {
		inBubble(t, Config{}, func(r *Room) {
			b := newTab(t, r, "Ada")
			ticks(r, 5)
			b.read()
			at := b.tick + 1
			if late {
				at--
			}
			again := schema.ClientFrame{Inputs: inputs(at, paddleBytes(1, true))}
			b.send(again)
			b.send(again)
			ticks(r, 1)
			b.read()
			b.conn.cut(errCut)
			ticks(r, 1)
			if err := b.resume(b.welcome.Secret); err != nil {
				t.Fatal(err)
			}
			b.send(again)
			ticks(r, 2)
			inside(t, r, func() {
				if n := game(r).Jumps[b.seat]; n != 1 {
					t.Errorf("late %v: one input was applied %d times", late, n)
				}
			})
		})
	}
}

func TestInputsAreTakenSixteenTicksAheadAndNoFarther(t *testing.T) {
	b := inputBuffer{size: 2}
	for ahead := int32(-4); ahead < 20; ahead++ {
		want := inputBuffered
		switch {
		case ahead < -2 || ahead > 16:
			want = inputFar
		case ahead < 0:
			want = inputLate
		}
		const next = uint32(0xFFFFFFF8) // the range wraps
		if got := b.add(next+uint32(ahead), next, []byte{0, 0}, toldView{}); got != want {
			t.Errorf("%d ticks ahead: %d, want %d", ahead, got, want)
		}
	}
}

func TestEventBurstOfFortyIsTakenAtOnce(t *testing.T) {
	inBubble(t, Config{}, func(r *Room) {
		b := newTab(t, r, "Ada")
		for n := uint32(1); n <= eventsBurst; n++ {
			b.say(n, n)
		}
		ticks(r, 2)
		b.read()
		if b.conn.closed() != 0 || b.head.EventAck != eventsBurst {
			t.Errorf("closed with %d, %d events applied", b.conn.closed(), b.head.EventAck)
		}
	})
}

func TestHashesTellNothingOfGroupsThatAreNotSeenAndCannotFloodTheLog(t *testing.T) {
	stats := new(Stats)
	var log lineCounter
	inBubble(t, Config{Stats: stats, Log: slog.New(slog.NewTextHandler(&log, nil))}, func(r *Room) {
		a, spy := newTab(t, r, "a"), newTab(t, r, "spy")
		watch(r, 5, a, spy)
		var secret uint32
		inside(t, r, func() { secret = r.pub.groups[sim.Only(a.seat)].slot })
		before, checks := spy.resets, stats.HashChecks.Load()
		guess := schema.ClientFrame{HashCount: 1}
		guess.Hashes[0] = schema.PubHash{Group: secret, Tick: spy.tick, Hash: 1}
		spy.send(guess)
		ticks(r, 2)
		spy.read()
		if spy.resets != before || stats.HashChecks.Load() != checks {
			t.Error("a guess at somebody else's group was answered")
		}
		lines := log.n.Load()
		for range 20 {
			for range 50 {
				var f schema.ClientFrame
				f.HashCount = schema.MaxHashes
				for i := range f.Hashes {
					f.Hashes[i] = schema.PubHash{Group: 0, Tick: spy.tick, Hash: 1}
				}
				spy.send(f)
			}
			watch(r, 1, spy)
		}
		if n := log.n.Load() - lines; n < 1 || n > hashesBurst+hashesPerSecond+1 {
			t.Errorf("4,000 wrong hashes in a second made %d log lines", n)
		}
	})
}

// lineCounter counts the lines written to it.
type lineCounter struct{ n atomic.Int64 }

func (c *lineCounter) Write(b []byte) (int, error) {
	c.n.Add(1)
	return len(b), nil
}

func TestRateWishesAreNeverExceededAndEndWithTheConn(t *testing.T) {
	inBubble(t, Config{}, func(r *Room) {
		for hz, most := range map[uint8]int{0: 20, 1: 1, 7: 7, 11: 11, 15: 15, 20: 20, 200: 20} {
			b := newTab(t, r, "Ada")
			watch(r, 3, b)
			b.send(schema.ClientFrame{HasRate: true, RateHz: hz})
			watch(r, 2, b)
			before := b.frames
			watch(r, 100, b)
			if n := b.frames - before; n > 5*most+1 || n < 5*most/2 {
				t.Errorf("%d snapshots in 5 s at %d Hz", n, hz)
			}
			b.conn.cut(errCut)
			ticks(r, 1)
			if err := b.resume(b.welcome.Secret); err != nil {
				t.Fatal(err)
			}
			before = b.frames
			watch(r, 20, b)
			if n := b.frames - before; n < 18 {
				t.Errorf("%d snapshots in the first second of a new conn", n)
			}
			b.send(schema.ClientFrame{Leave: true})
			ticks(r, 1)
		}
	})
}

func TestClockRequestsAreAnsweredInRoomTime(t *testing.T) {
	inBubble(t, Config{}, func(r *Room) {
		b := newTab(t, r, "Ada")
		watch(r, 4, b)
		b.send(schema.ClientFrame{HasClock: true, ClockSent: 77})
		ticks(r, 1)
		b.read()
		c, tick := b.clock, float64(b.tick)*50
		if c.Sent != 77 || c.Replied < tick || c.Replied > tick+50 || c.Received > c.Replied || c.Received < c.Replied-50 {
			t.Errorf("reply %+v in the frame of tick %d, at %v ms", c, b.tick, tick)
		}
	})
}
