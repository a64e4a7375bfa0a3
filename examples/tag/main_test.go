package main

import (
	"testing"

	"github.com/roomtick/roomtick/sim"
)

// start returns a game of tag with two players, the first of whom is it.
func start(t *testing.T) (*sim.Instance, *Tag) {
	t.Helper()
	in, err := game.New(1, nil)
	if err != nil {
		t.Fatal(err)
	}
	in.Join(sim.PlayerInfo{Seat: 0, Name: "Ada"})
	in.Join(sim.PlayerInfo{Seat: 1, Name: "Bob"})
	in.Step()
	return in, in.Game().(*Tag)
}

func TestKeysMoveTheirPlayersDotAndNoOther(t *testing.T) {
	in, g := start(t)
	_, ada := g.Dots.Owned(0)
	_, bob := g.Dots.Owned(1)
	ada.X, ada.Y = 300, 300
	before := *bob
	in.SetInput(0, Keys{DX: 1, DY: -1})
	in.Step()
	if ada.X != 308 || ada.Y != 292 || *bob != before {
		t.Errorf("Ada is at %g, %g, want 308, 292; Bob was %+v and is %+v", ada.X, ada.Y, before, *bob)
	}
}

func TestWhoeverIsTouchedIsItAfterARest(t *testing.T) {
	in, g := start(t)
	adaID, ada := g.Dots.Owned(0)
	bobID, bob := g.Dots.Owned(1)
	if g.It.Get().Dot != adaID {
		t.Fatal("the first dot is not it")
	}
	*bob = *ada
	for range 30 {
		if in.Step(); g.It.Get().Dot == bobID {
			return
		}
	}
	t.Error("Bob was touched for 30 ticks and is not it")
}

func TestTheFieldHasWalls(t *testing.T) {
	in, g := start(t)
	_, ada := g.Dots.Owned(0)
	in.SetInput(0, Keys{DX: -1, DY: 1})
	for range 100 {
		in.Step() // a tick without an input repeats the last
	}
	if ada.X != 0 || ada.Y != 640 {
		t.Errorf("Ada is at %g, %g, want the corner at 0, 640", ada.X, ada.Y)
	}
}
