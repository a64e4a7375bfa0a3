package conn

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/roomtick/roomtick/server/conn/conntest"
)

func TestMeterCountsFramesHoweverTheStreamIsCut(t *testing.T) {
	const seed = 7
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, seed))
	now := time.Unix(1000, 0)
	for range 200 {
		var wire []byte
		frames := 1 + rng.IntN(20)
		for range frames {
			wire = conntest.AppendFrame(wire, byte(rng.Uint32()), make([]byte, rng.IntN(700)))
		}
		m := newMeter(DefaultFlood(), now)
		for rest := wire; len(rest) > 0; {
			n := 1 + rng.IntN(min(len(rest), 40))
			if err := m.add(rest[:n], now); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if got := int(DefaultFlood().FrameBurst - m.frames.tokens); got != frames || m.payload != 0 || m.have != 0 {
			t.Fatalf("counted %d of %d frames, %d payload and %d header bytes left over", got, frames, m.payload, m.have)
		}
	}
}

func TestMeterAllowsABacklogOfFiveSecondsThenTheRate(t *testing.T) {
	now := time.Unix(1000, 0)
	m := newMeter(DefaultFlood(), now)
	wire := conntest.AppendFrame(nil, 0x82, make([]byte, 30))
	for i := range int(DefaultFlood().FrameBurst) {
		if err := m.add(wire, now); err != nil {
			t.Fatalf("frame %d of a burst: %v", i, err)
		}
	}
	for i := range 1000 {
		now = now.Add(time.Second / time.Duration(DefaultFlood().FrameRate))
		if err := m.add(wire, now.Add(time.Millisecond)); err != nil {
			t.Fatalf("frame %d at the rate: %v", i, err)
		}
	}
	if err := m.add(bytes.Repeat(wire, 2), now); !errors.Is(err, errFlood) {
		t.Errorf("beyond the burst: %v", err)
	}
}
