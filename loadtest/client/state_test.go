package client

import (
	"testing"

	"github.com/roomtick/roomtick/room/delta"
	"github.com/roomtick/roomtick/schema"
)

// kindSeat is the kind of a group that one player sees; PROTOCOL.md 4.3.
const kindSeat = 3

// ownState is what a bot sees that owns the second of two ships.
func ownState(t *testing.T) *State {
	t.Helper()
	desc := &schema.Descriptor{Tables: []schema.TableType{{Name: "ships", Fields: []schema.Field{
		{Name: "hp", Kind: schema.KindUint, Bits: 8},
		{Name: "ammo", Kind: schema.KindInt, Bits: 32, Flags: schema.FlagOwner},
	}}}}
	parts := desc.Parts()
	public, own := delta.NewStream(parts, 0, 0, 8), delta.NewStream(parts, 1, kindSeat, 8)
	public.Begin()
	public.Enter(0, 7)
	public.Enter(0, 9)
	copy(public.Targets(0, 0), []int32{50, 60})
	public.Commit()
	own.Begin()
	own.Enter(1, 9)
	own.Targets(1, 0)[0] = -5
	own.Commit()
	d := delta.NewDecoder(parts)
	deltas := append(append([]byte{}, public.Keyframe()...), own.Keyframe()...)
	if err := d.Apply(1, 1, schema.HeadReset, deltas); err != nil {
		t.Fatal(err)
	}
	return &State{view: &view{desc: desc, parts: parts, decoder: d}}
}

func TestABotKnowsWhatIsItsOwn(t *testing.T) {
	s := ownState(t)
	seen := 0
	s.Each("ships", func(e Entity) {
		seen++
		hp, ammo := map[uint32]float64{7: 50, 9: 60}, map[uint32]float64{7: 0, 9: -5}
		if e.Mine() != (e.ID == 9) || e.Number("hp") != hp[e.ID] || e.Number("ammo") != ammo[e.ID] {
			t.Errorf("ship %d: mine %v, hp %v, ammo %v", e.ID, e.Mine(), e.Number("hp"), e.Number("ammo"))
		}
	})
	if seen != 2 || len(s.errs) != 0 {
		t.Errorf("%d ships, errors %v", seen, s.errs)
	}
}
