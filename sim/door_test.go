package sim

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPropertiesSetRemovedAndRestored(t *testing.T) {
	a := grown(t, 5)
	w := a.World()
	for _, p := range []Property{{"map", Text("dust")}, {"level", Number(3)}, {"ranked", Flag(true)}, {"gone", Text("x")}, {"map", Text("ice")}} {
		if err := w.SetProperty(p.Name, p.Value); err != nil {
			t.Fatal(err)
		}
	}
	w.RemoveProperty("gone")
	w.RemoveProperty("never")
	w.SetJoinable(false)
	w.SetStarted()
	got := a.Door()
	want := []Property{{"level", Number(3)}, {"map", Text("ice")}, {"ranked", Flag(true)}}
	if diff := cmp.Diff(want, got.Properties, cmp.AllowUnexported(Value{})); diff != "" || got.Joinable || !got.Started {
		t.Errorf("door is %+v: %s", got, diff)
	}
	b, err := a.def.Restore(a.Checkpoint(nil))
	if err != nil {
		t.Fatal(err)
	}
	again := b.Door()
	again.Changes = got.Changes
	if diff := cmp.Diff(got, again, cmp.AllowUnexported(Value{})); diff != "" || a.Hash() != b.Hash() {
		t.Errorf("the restored door differs: %s", diff)
	}
	if v, ok := b.World().Property("map"); !ok || v != Text("ice") {
		t.Errorf("map is %v", v)
	}
}

func TestChangesCountOnlyWhatChanges(t *testing.T) {
	a, _ := newArena(t)
	w := a.World()
	set := func() {
		_ = w.SetProperty("map", Text("dust"))
		w.SetJoinable(false)
		w.SetStarted()
	}
	set()
	before := a.Door().Changes
	if n := testing.AllocsPerRun(100, set); n != 0 || a.Door().Changes != before || before != 3 {
		t.Errorf("%v allocations, %d changes after %d", n, a.Door().Changes, before)
	}
	w.SetJoinable(true)
	if a.Door().Changes != before+1 || !a.Door().Joinable {
		t.Error("an opened room is not joinable")
	}
}

func TestADoorThatWasReadDoesNotChange(t *testing.T) {
	a, _ := newArena(t)
	_ = a.World().SetProperty("map", Text("dust"))
	old := a.Door().Properties
	_ = a.World().SetProperty("map", Text("ice"))
	_ = a.World().SetProperty("age", Number(1))
	a.World().RemoveProperty("age")
	if len(old) != 1 || old[0].Value != Text("dust") {
		t.Errorf("what was read became %v", old)
	}
}

func TestBadPropertiesChangeNothing(t *testing.T) {
	a, _ := newArena(t)
	for _, p := range []Property{
		{"", Text("x")}, {"a b", Text("x")}, {"é", Text("x")}, {strings.Repeat("n", 33), Text("x")},
		{"text", Text(strings.Repeat("x", MaxPropertyText+1))}, {"nan", Number(math.NaN())}, {"inf", Number(math.Inf(1))}, {"none", Value{}},
	} {
		if err := a.World().SetProperty(p.Name, p.Value); err == nil {
			t.Errorf("%q was set", p.Name)
		}
	}
	for n := range MaxProperties {
		if err := a.World().SetProperty(string(rune('a'+n)), Flag(false)); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.World().SetProperty("z", Flag(true)); err == nil || len(a.Door().Properties) != MaxProperties {
		t.Errorf("a 17th property: %v, %d", err, len(a.Door().Properties))
	}
}

func TestValuesAreWhatJSONSays(t *testing.T) {
	var given any
	if err := json.Unmarshal([]byte(`["dust", 3, true, null, [], {}, -0]`), &given); err != nil {
		t.Fatal(err)
	}
	want := []Value{Text("dust"), Number(3), Flag(true), {}, {}, {}, Number(0)}
	for i, a := range given.([]any) {
		v, err := ValueOf(a)
		if v != want[i] || (err == nil) != (v != Value{}) {
			t.Errorf("%v became %v, %v", a, v.Any(), err)
		}
	}
	b, err := json.Marshal(want[:4])
	if err != nil || string(b) != `["dust",3,true,null]` {
		t.Errorf("%s, %v", b, err)
	}
	if _, text := Number(1).AsText(); text {
		t.Error("a number is a text")
	}
}

// picky refuses maps that it does not have.
type picky struct {
	Rocks  Table[rock]
	Inputs Inputs[controls]
}

var errNoMap = errors.New("no such map; use dust")

func (*picky) Create(w *World, _ []byte) error {
	if v, _ := w.Property("map"); v != Text("dust") {
		return errNoMap
	}
	return w.SetProperty("level", Number(7))
}
func (*picky) Join(*World, *Player)  {}
func (*picky) Leave(*World, *Player) {}
func (*picky) Step(*World)           {}

func TestCreateSeesPropertiesAndMayRefuseThem(t *testing.T) {
	d := Define[picky](Config{Name: "picky"})
	_, err := d.NewRoom(Setup{Properties: []Property{{"map", Text("moon")}}})
	var refused *CreateError
	if !errors.As(err, &refused) || !errors.Is(err, errNoMap) || refused.Game != "picky" {
		t.Errorf("got %v", err)
	}
	in, err := d.NewRoom(Setup{Properties: []Property{{"map", Text("dust")}}})
	if err != nil {
		t.Fatal(err)
	}
	if v, _ := in.World().Property("level"); v != Number(7) {
		t.Errorf("level is %v", v.Any())
	}
	if _, err := d.NewRoom(Setup{Properties: []Property{{"map", Text("dust")}, {"map", Text("ice")}}}); err == nil {
		t.Error("a property was set twice")
	}
}
