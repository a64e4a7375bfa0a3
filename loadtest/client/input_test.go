package client

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/schema/bits"
	"github.com/roomtick/roomtick/sim/arena"
)

func TestRandomInputsAreLegal(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	seen := map[string]bool{}
	for range 500 {
		in := randomInput(nil, arena.Game.Descriptor().Input, rng)
		if err := arena.Game.CheckInput(in); err != nil {
			t.Fatalf("seed 1: % x: %v", in, err)
		}
		seen[string(in)] = true
	}
	if len(seen) != 24 { // 3 turns; thrust, fire, hold or not
		t.Errorf("%d different inputs, want all 24", len(seen))
	}
}

func TestEveryKindOfInputFieldHasItsWidth(t *testing.T) {
	fields := []schema.Field{
		{Kind: schema.KindBool, Bits: 1}, {Kind: schema.KindInt, Bits: 64}, {Kind: schema.KindUint, Bits: 16, Count: 3},
		{Kind: schema.KindFloat, Bits: 32}, {Kind: schema.KindFloat, Bits: 64},
		{Kind: schema.KindQuantised, Bits: 7, Min: -1, Max: 1, Step: 0.02}, {Kind: schema.KindAngle, Bits: 10},
		{Kind: schema.KindQuat, Bits: 9, Step: 0.003},
	}
	want := (1 + 64 + 3*16 + 32 + 64 + 7 + 10 + 2 + 3*9 + 7) / 8
	if got := len(randomInput(nil, fields, rand.New(rand.NewPCG(1, 1)))); got != want {
		t.Errorf("%d bytes, want %d", got, want)
	}
	if got := len(heldMask(fields)); got != want {
		t.Errorf("a mask of %d bytes, want %d", got, want)
	}
}

func TestEdgesAreSentOnce(t *testing.T) {
	desc := fakeDescriptor()
	o := newOutbox(&Counters{}, newBot(Options{}).base)
	o.play(heldMask(desc.Input))
	var w bits.Writer
	w.Bits(1, 8)
	w.Bool(true) // thrust
	w.Bool(true) // fire
	o.think(w.Bytes())
	first := o.takeLocked()
	if !bytes.Equal(first, w.Bytes()) {
		t.Errorf("the first send is % x, want % x", first, w.Bytes())
	}
	if again := o.takeLocked(); !bytes.Equal(again, []byte{1, 1}) {
		t.Errorf("the second send is % x, want turn and thrust without fire", again)
	}
}
