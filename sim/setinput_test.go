package sim

import (
	"strings"
	"testing"
)

// steered is a game whose inputs have a range, a grid and a press.
type steered struct {
	State Single[nothing]
	In    Inputs[wheel]
	seen  wheel // what the last step was given
}

type wheel struct {
	Turn  float32 `sync:"min=-1,max=1,step=0.5"`
	Gear  int8    `sync:"min=1,max=5"`
	Brake bool    `sync:"edge"`
}

func (*steered) Join(*World, *Player)  {}
func (*steered) Leave(*World, *Player) {}
func (g *steered) Step(w *World)       { g.seen = g.In.Of(w.Player(0)) }

func TestSetInputArrivesAsItWouldOverTheWire(t *testing.T) {
	in, err := Define[steered](plainConfig()).New(1, nil)
	if err != nil {
		t.Fatal(err)
	}
	g := in.Game().(*steered)
	in.Join(PlayerInfo{Seat: 0})
	for _, row := range []struct{ set, want wheel }{
		{wheel{Turn: 0.5, Gear: 3, Brake: true}, wheel{Turn: 0.5, Gear: 3, Brake: true}},
		{wheel{Turn: 9, Gear: 9}, wheel{Turn: 1, Gear: 5}},
		{wheel{Turn: -0.6, Gear: 2}, wheel{Turn: -0.5, Gear: 2}},
	} {
		in.SetInput(0, row.set)
		if in.Step(); g.seen != row.want {
			t.Errorf("%+v arrived as %+v, want %+v", row.set, g.seen, row.want)
		}
	}
	in.SetInput(0, wheel{Gear: 1, Brake: true})
	in.Step()
	if in.Step(); g.seen != (wheel{Gear: 1}) {
		t.Errorf("the tick after repeats %+v, want it without the press", g.seen)
	}
	in.SetInput(7, wheel{Gear: 1}) // an empty seat: nothing happens
}

func TestSetInputOfAnotherTypePanicsWithBothTypes(t *testing.T) {
	in, err := Define[steered](plainConfig()).New(1, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, input := range []any{nothing{}, &wheel{}, nil} {
		func() {
			defer func() {
				if text, _ := recover().(string); !strings.Contains(text, "the inputs of x are sim.wheel") {
					t.Errorf("%T: %q", input, text)
				}
			}()
			in.SetInput(0, input)
		}()
	}
}
