package wander

import (
	"encoding/binary"
	"errors"

	"github.com/roomtick/roomtick/sim"
)

// idBytes is what an entity's id takes in a checkpoint.
const idBytes = 4

var errPlaces = errors.New("wander: the places in the checkpoint are cut off")

// Save keeps the places: they are a slice, because an array for the largest room would be
// most of the memory of the smallest.
func (g *Wander[R]) Save() []byte {
	saved := make([]byte, 0, idBytes*len(g.places))
	for _, id := range g.places {
		saved = binary.LittleEndian.AppendUint32(saved, uint32(id))
	}
	return saved
}

// Load brings them back.
func (g *Wander[R]) Load(saved []byte) error {
	if len(saved)%idBytes != 0 {
		return errPlaces
	}
	g.places = make([]sim.ID, 0, len(saved)/idBytes)
	for ; len(saved) > 0; saved = saved[idBytes:] {
		g.places = append(g.places, sim.ID(binary.LittleEndian.Uint32(saved)))
	}
	return nil
}
