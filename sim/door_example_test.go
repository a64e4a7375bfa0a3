package sim_test

import (
	"encoding/json"
	"fmt"

	"github.com/roomtick/roomtick/sim"
)

// Mine is a game with a board whose size its rooms' creators choose.
type Mine struct {
	Stones sim.Table[stone]
	Inputs sim.Inputs[turn]
}

type stone struct {
	X uint8 `sync:""`
}

type turn struct {
	X uint8
}

func (g *Mine) Create(w *sim.World, options []byte) error {
	var o struct{ Size int }
	if err := json.Unmarshal(options, &o); err != nil {
		return err
	}
	if o.Size > 20 {
		return fmt.Errorf("size %d is too large; use 20 or less", o.Size)
	}
	return w.SetProperty("size", sim.Number(float64(o.Size)))
}

func (g *Mine) Join(*sim.World, *sim.Player)  {}
func (g *Mine) Leave(*sim.World, *sim.Player) {}
func (g *Mine) Step(*sim.World)               {}

func ExampleWorld_SetProperty() {
	game := sim.Define[Mine](sim.Config{Name: "mine"})
	in, err := game.New(1, []byte(`{"size":19}`))
	fmt.Println(in.Door().Properties[0].Name, in.Door().Properties[0].Value.Any(), err)
	_, err = game.New(1, []byte(`{"size":99}`))
	fmt.Println(err)
	// Output:
	// size 19 <nil>
	// sim: create mine: size 99 is too large; use 20 or less
}
