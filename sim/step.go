package sim

// Step simulates one tick: computer players think in seat order, the game steps, it
// says who sees what, and fields marked predict are snapped to the values that clients decode.
func (i *Instance) Step() {
	w := i.world
	w.tick++
	w.out.open()
	i.settleInputs()
	i.game.Step(w)
	if i.viewer != nil {
		for p := range w.Players() {
			i.viewer.Visible(w, p)
		}
	}
	for _, s := range i.stores {
		s.snap()
	}
	for _, ev := range i.events {
		if ev, ok := ev.(clientEventMember); ok {
			ev.clear()
		}
	}
	w.out.sealed = true
}

// settleInputs gives every seat the input of this tick that it has not been given yet.
func (i *Instance) settleInputs() {
	for _, p := range i.world.players {
		if p == nil {
			continue
		}
		if p.Bot {
			i.think(p)
		} else if !p.fresh {
			i.RepeatInput(p.Seat)
		}
		p.fresh = false
	}
}

// think makes a computer player's input and passes it through the wire form, so that
// it is exactly what a remote player could have sent.
func (i *Instance) think(p *Player) {
	i.input.think(i.world, p)
	at := i.input.at(p.Seat)
	i.bot = i.def.input.appendPayload(i.bot[:0], at)
	i.def.input.readPayload(i.bot, at)
}
