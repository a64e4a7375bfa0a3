package sim

import "testing"

func TestASeatsNextPlayerInheritsNothingThatOnlyTheLastCouldSee(t *testing.T) {
	i, g := newArena(t)
	i.Join(PlayerInfo{Seat: 2})
	secret, _ := g.Rocks.Spawn()
	g.Rocks.SetGroup(secret, Only(2))
	g.Told.SendTo(i.World().Player(2), chat{Text: "for the last one"})
	i.Leave(2)
	i.Join(PlayerInfo{Seat: 2})
	if len(i.Events()) != 0 {
		t.Errorf("%d events wait for the next player", len(i.Events()))
	}
	if rates(i, 2)[g.Rocks.Group(secret)] != 0 {
		t.Error("the next player sees what was the last one's")
	}
}
