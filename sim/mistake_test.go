package sim

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

type nothing struct{}

// tableOf is a game with one table of T.
type tableOf[T any] struct {
	Things Table[T]
	In     Inputs[nothing]
}

func (*tableOf[T]) Join(*World, *Player)  {}
func (*tableOf[T]) Leave(*World, *Player) {}
func (*tableOf[T]) Step(*World)           {}

// singleOf is a game with a single of T.
type singleOf[T any] struct {
	State Single[T]
	In    Inputs[nothing]
}

func (*singleOf[T]) Join(*World, *Player)  {}
func (*singleOf[T]) Leave(*World, *Player) {}
func (*singleOf[T]) Step(*World)           {}

// inputOf is a game with inputs T.
type inputOf[T any] struct {
	State Single[nothing]
	In    Inputs[T]
}

func (*inputOf[T]) Join(*World, *Player)  {}
func (*inputOf[T]) Leave(*World, *Player) {}
func (*inputOf[T]) Step(*World)           {}

// eventOf is a game with an event T from clients.
type eventOf[T any] struct {
	State Single[nothing]
	In    Inputs[nothing]
	Said  ClientEvent[T]
}

func (*eventOf[T]) Join(*World, *Player)  {}
func (*eventOf[T]) Leave(*World, *Player) {}
func (*eventOf[T]) Step(*World)           {}

func plainConfig() Config { return Config{Name: "x"} }

func mistakesOfTable[T any]() error  { return Define[tableOf[T]](plainConfig()).Err() }
func mistakesOfSingle[T any]() error { return Define[singleOf[T]](plainConfig()).Err() }
func mistakesOfInput[T any]() error  { return Define[inputOf[T]](plainConfig()).Err() }
func mistakesOfEvent[T any]() error  { return Define[eventOf[T]](plainConfig()).Err() }

// wantMistakes compares an error, line by line, with what is expected.
func wantMistakes(t *testing.T, err error, want ...string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if text := strings.Join(want, "\n"); got != text {
		t.Errorf("mistakes are\n%s\nwant\n%s", got, text)
	}
}

func TestTagMistakesAreReportedAllAtOnce(t *testing.T) {
	type ship struct {
		A float32 `sync:"min=0,max=1,step=0.1,blink"`
		B float32 `sync:"step=0.1"`
		C float32 `sync:"min=1,max=1,step=0.1"`
		D float32 `sync:"min=0,max=1,step=-1"`
		E float32 `sync:"min=0,max=1e9,step=0.01"`
		F float32 `sync:"min=0,max=1,step=0.1,tolerance=0.046"`
		G float32 `sync:"angle,bits=17"`
		H float32 `sync:"min=0,max=1"`
		I float32 `sync:"min=0,max=1,step=0.3"`
		J float32 `sync:"min=1000000,max=1000001,step=0.01"`
		K float32 `sync:"min=0,max=x,step=0.1"`
		L float32 `sync:"min"`
		M float32 `sync:"angle=1"`
		N float32 `sync:"lerp,lerp"`
		O float32 `sync:"min=0,min=1,max=2,step=1"`
		P float32 `sync:"min=0,max=1,step=0.1,predict,tolerance=1"`
		Q float32 `sync:"bits=3"`
		R float32 `sync:"min=0,max=1,step=0.1,tolerance=9999"`
	}
	const words = "use angle, quat, predict, owner, once, lerp, edge, min=, max=, step=, tolerance=, bits="
	wantMistakes(t, mistakesOfTable[ship](),
		`sim.ship.A: unknown tag word "blink"; `+words,
		`sim.ship.B: step needs a range; use min= and max= as well`,
		`sim.ship.C: min=1 is not below max=1; use min < max`,
		`sim.ship.D: step=-1 is not above 0; use the precision clients need`,
		`sim.ship.E: 100000000000 steps from min to max are too many; use step=59.6052 or more, or a float without step`,
		`sim.ship.F: tolerance=0.046 is below half a step; use tolerance=0.05 or a finer step`,
		`sim.ship.G: bits=17 is out of range; use 1 to 16`,
		`sim.ship.H: a float with a range but no step; use step= as well, the precision clients need`,
		`sim.ship.I: max=1 is not a whole number of steps above min; use max=0.9`,
		`sim.ship.J: a float32 near 1e+06 cannot hold steps of 0.01, and clients use no other; use a coarser step, or a range nearer to 0`,
		`sim.ship.K: max=x is not a number; use a decimal number`,
		`sim.ship.K: step needs a range; use min= and max= as well`,
		`sim.ship.L: "min" needs a number; use min=1, for example`,
		`sim.ship.M: "angle" takes no value; use angle alone`,
		`sim.ship.N: "lerp" is there twice; use it once`,
		`sim.ship.O: "min" is there twice; use it once`,
		`sim.ship.P: predict is exact, so no tolerance; use predict without it`,
		`sim.ship.Q: "bits=" does not go with a float without step; use it together with angle`,
		`sim.ship.R: tolerance=9999 is thousands of steps; use a coarser step`,
	)
}

func TestTypeMistakesAreReportedAllAtOnce(t *testing.T) {
	type point struct {
		X float32 `sync:""`
	}
	type ship struct {
		A int            `sync:""`
		B uint           `sync:""`
		C map[string]int `sync:""`
		D []byte         `sync:""`
		E *int           `sync:""`
		F func()         `sync:""`
		G any            `sync:""`
		h int8           `sync:""`
		I [3]point       `sync:""`
		J [2][2]int8     `sync:""`
		K [0]int8        `sync:""`
		L [257]int8      `sync:""`
		M complex64      `sync:""`
		N point
		O uintptr   `sync:""`
		P chan bool `sync:""`
	}
	got := mistakesOfTable[ship]()
	if got == nil {
		t.Fatal("no mistakes")
	}
	var lines []string
	for line := range strings.SplitSeq(got.Error(), "\n") {
		if !strings.Contains(line, "checkpointed") {
			lines = append(lines, line)
		}
	}
	const plain = "numbers, bools, strings and arrays of them, or no tag"
	want := []string{
		`sim.ship.A: an int has no fixed size; use int32`,
		`sim.ship.B: a uint has no fixed size; use uint32`,
		`sim.ship.C: a map cannot travel; use an array of fixed size, or a table`,
		`sim.ship.D: a slice cannot travel; use an array of fixed size, or a table`,
		`sim.ship.E: a pointer cannot travel; use the sim.ID of the entity`,
		`sim.ship.F: a func cannot travel; use ` + plain,
		`sim.ship.G: an interface cannot travel; use ` + plain,
		`sim.ship.h: is not exported but must travel; use an exported name, or no tag on private state`,
		`sim.ship.I: an array of structs; use one array for each field, or a table`,
		`sim.ship.J: an array of arrays; use one array of 4`,
		`sim.ship.K: an array of 0; use 1 to 256 elements, or a table`,
		`sim.ship.L: an array of 257; use 1 to 256 elements, or a table`,
		`sim.ship.M: a complex64 cannot travel; use ` + plain,
		"sim.ship.N: its fields have sync tags but it has none; use `sync:\"\"` on it too",
		`sim.ship.O: a uintptr has no fixed size; use uint32`,
		`sim.ship.P: a chan cannot travel; use ` + plain,
	}
	if text := strings.Join(want, "\n"); strings.Join(lines, "\n") != text {
		t.Errorf("mistakes are\n%s\nwant\n%s", strings.Join(lines, "\n"), text)
	}
	_ = ship{h: 1}
}

func TestWordsThatDoNotFitTheirFieldAreReported(t *testing.T) {
	type ship struct {
		A string     `sync:"predict"`
		B float32    `sync:"predict,once"`
		C float32    `sync:"edge"`
		D bool       `sync:"lerp"`
		E int8       `sync:"angle"`
		F int8       `sync:"min=1"`
		G int8       `sync:"min=0,max=200"`
		H uint8      `sync:"min=0.5,max=2"`
		I uint8      `sync:"step=2"`
		J string     `sync:"max=0"`
		K [4]float32 `sync:"quat"`
		L [4]float32 `sync:"quat,step=9"`
		M [3]float32 `sync:"quat,step=0.1"`
		N int8       `sync:"min=3,max=2"`
		O string     `sync:"min=3"`
	}
	wantMistakes(t, mistakesOfTable[ship](),
		`sim.ship.A: a string cannot be predicted; use an enum, or no predict`,
		`sim.ship.B: "predict" and "once" contradict each other; use once for what never changes`,
		`sim.ship.C: "edge" does not go with a table; use it on a bool or an integer of the inputs`,
		`sim.ship.D: "lerp" does not go with a bool; use it on a float of a table or single`,
		`sim.ship.E: "angle" does not go with an integer; use it on a float32 or float64 in radians`,
		`sim.ship.F: a range needs both ends; use min= and max=`,
		`sim.ship.G: the type holds -128 to 127 only; use a wider type or a smaller range`,
		`sim.ship.H: the range of an integer ends between integers; use whole numbers for min and max`,
		`sim.ship.I: "step=" does not go with an integer; use it on a float with min, max and step, an angle or a quat`,
		`sim.ship.J: max=0 is no length; use 1 to 65535 bytes`,
		`sim.ship.K: a quat needs a step; use step=0.001, for example`,
		`sim.ship.L: step=9 is no precision for numbers from -0.71 to 0.71; use step=0.001, for example`,
		`sim.ship.M: "quat" does not go with a quantised float; use it on a [4]float32`,
		`sim.ship.M: step needs a range; use min= and max= as well`,
		`sim.ship.N: min=3 is not below max=2; use min < max`,
		`sim.ship.O: "min=" does not go with a string; use it on an integer, or on a float with max and step`,
	)
}

func TestSinglesInputsAndEventsHaveRulesOfTheirOwn(t *testing.T) {
	type state struct {
		A int8 `sync:"owner"`
		B int8 `sync:"predict"`
	}
	wantMistakes(t, mistakesOfSingle[state](),
		`sim.state.A: "owner" does not go with a single; use it on a field of a table`,
		`sim.state.B: "predict" does not go with a single; use it on numbers and bools of a table`,
	)
	type input struct {
		A string
		b bool
		C float32 `sync:"edge"`
		D float32 `sync:"min=0,max=1,step=0.1,tolerance=1"`
		E int8    `sync:"once,lerp"`
	}
	wantMistakes(t, mistakesOfInput[input](),
		`sim.input.A: inputs have a fixed size, so no strings; use a sim.ClientEvent for text`,
		`sim.input.b: is not exported but must travel; use an exported name, or no tag on private state`,
		`sim.input.C: "edge" does not go with a float without step; use it on a bool or an integer of the inputs`,
		`sim.input.D: "tolerance=" does not go with an input; use it on a float with min, max and step, an angle or a quat`,
		`sim.input.E: "once" does not go with an input; use it on a field of a table or single`,
		`sim.input.E: "lerp" does not go with an input; use it on a float of a table or single`,
	)
	_ = input{b: true}
	type long struct{ A [65]float32 }
	wantMistakes(t, mistakesOfInput[long](), `sim.long: an input of 260 bytes; use at most 256 bytes; ranges and steps make fields smaller`)
	type said struct {
		A string `sync:"max=4000"`
		B bool   `sync:"edge"`
	}
	wantMistakes(t, mistakesOfEvent[said](),
		`sim.said.B: "edge" does not go with an event; use it on a bool or an integer of the inputs`,
		`sim.said: up to 4003 bytes from a client; use at most 3000; max= on its strings makes it smaller`,
	)
	type stored struct{ m map[int]int }
	wantMistakes(t, mistakesOfTable[stored](),
		`sim.stored.m: a map cannot be checkpointed; use an array or a table, or in the game's own struct the methods of sim.Saver`)
	_ = stored{m: nil}
}

func TestWireNamesMustBeUnique(t *testing.T) {
	type ship struct {
		HP int8 `sync:""`
		Hp int8 `sync:""`
	}
	wantMistakes(t, mistakesOfTable[ship](), `sim.ship.Hp: clients would know both it and sim.ship.HP as "hp"; use another name`)
	wantMistakes(t, mistakesOfTable[int](), `int: is not a struct; use a struct with one field for the value`)
}

func TestTagsThatGoDoesNotFindAreReported(t *testing.T) {
	for tag, want := range map[string]string{
		`sync:min=0,max=1,step=0.1`: "malformed tag `sync:min=0,max=1,step=0.1`; use `sync:\"min=0,max=1,step=0.1\"`",
		`sync: "once"`:              "malformed tag `sync: \"once\"`; use `sync:\"once\"`",
		`Sync:"owner"`:              "malformed tag `Sync:\"owner\"`; use `sync:\"owner\"`",
		`sync`:                      "malformed tag `sync`; use `sync:\"\"`",
		`json:"e",sync:"once"`:      "malformed tag `json:\"e\",sync:\"once\"`; use `sync:\"once\"`",
		`sync="lerp"`:               "malformed tag `sync=\"lerp\"`; use `sync:\"lerp\"`",
		`sync:'once'`:               "malformed tag `sync:'once'`; use `sync:\"once\"`",
		`json:"sync" sync:"once"`:   "",
		`json:"sync"`:               "",
		`async:"yes"`:               "",
		`note`:                      "",
	} {
		field := reflect.StructField{Name: "A", Type: reflect.TypeFor[int8](), Tag: reflect.StructTag(tag)}
		inner := reflect.StructOf([]reflect.StructField{field})
		outer := reflect.StructOf([]reflect.StructField{{Name: "In", Type: inner}})
		for path, typ := range map[string]reflect.Type{".A: ": inner, ".In.A: ": outer} {
			var m mistakes
			compileRecord(typ, useTable, &m)
			_, got, _ := strings.Cut(fmt.Sprint(m.err()), path)
			if path == ".In.A: " && want == "" {
				continue // its one mistake is the outer field's, which has no tag
			}
			if got != want {
				t.Errorf("%s at %s got %s, want %s", tag, path, got, want)
			}
		}
	}
}

// copied is a game whose methods work on copies of it.
type copied struct {
	State  Single[nothing]
	In     Inputs[nothing]
	Missed Event[nothing] `Sync:"timed"`
}

func (copied) Join(*World, *Player)          {}
func (*copied) Leave(*World, *Player)        {}
func (copied) Step(*World)                   {}
func (copied) Think(*World, *Player) nothing { return nothing{} }
func (copied) Save() []byte                  { return nil }
func (*copied) Load([]byte) error            { return nil }

// based is a game that takes its methods from an embedded one.
type based struct {
	*tableOf[nothing]
	State Single[nothing]
	In    Inputs[nothing]
}

func (*based) Save() []byte      { return nil }
func (*based) Load([]byte) error { return nil }

func TestMethodsOnCopiesOfTheGameAreReported(t *testing.T) {
	wantMistakes(t, Define[copied](plainConfig()).Err(),
		"sim.copied.Missed: malformed tag `Sync:\"timed\"`; use `sync:\"timed\"`",
		`sim.copied.Join: has a value receiver, so what it sets in the game is lost; use func (g *copied) Join`,
		`sim.copied.Step: has a value receiver, so what it sets in the game is lost; use func (g *copied) Step`,
		`sim.copied.Think: has a value receiver, so what it sets in the game is lost; use func (g *copied) Think`,
	)
	wantMistakes(t, Define[based](plainConfig()).Err())
}

// muddle is a game with every mistake its own struct can have.
type muddle struct {
	Ships  Table[nothing]
	SHips  Table[nothing] `sync:"timed"`
	SHIPS  Single[nothing]
	Ships2 struct{ Inner Table[nothing] }
	hidden Table[nothing]
	Wave   int `sync:""`
	Who    map[string]int
	Next   *muddle
	In     Inputs[nothing]
	In2    Inputs[nothing]
	Hit    Event[nothing] `sync:"soon"`
	HIT    Event[nothing]
	Chat   ClientEvent[nothing] `sync:"timed"`
}

func (*muddle) Join(*World, *Player)      {}
func (*muddle) Leave(*World, *Player)     {}
func (*muddle) Step(*World)               {}
func (*muddle) Create(*World)             {}
func (*muddle) Drop(*World)               {}
func (*muddle) Resume(*World)             {}
func (*muddle) Think(*World, *Player) int { return 0 }
func (g *muddle) touch() *Table[nothing]  { return &g.hidden }

// dreamer is a game whose brain makes the wrong inputs.
type dreamer struct {
	Ships Table[nothing]
	In    Inputs[nothing]
}

func (*dreamer) Join(*World, *Player)      {}
func (*dreamer) Leave(*World, *Player)     {}
func (*dreamer) Step(*World)               {}
func (*dreamer) Think(*World, *Player) int { return 0 }

type empty struct{}

func (*empty) Join(*World, *Player)  {}
func (*empty) Leave(*World, *Player) {}
func (*empty) Step(*World)           {}

type number int

func (*number) Join(*World, *Player)  {}
func (*number) Leave(*World, *Player) {}
func (*number) Step(*World)           {}

func TestMistakesInTheGamesStructAreReported(t *testing.T) {
	_ = (*muddle).touch
	wantMistakes(t, Define[muddle](plainConfig()).Err(),
		"sim.muddle.SHips: unknown tag \"timed\"; use `sync:\"timed\"` on a sim.Event, no tag elsewhere",
		`sim.muddle.SHIPS: clients would know both it and sim.muddle.Ships as table ships; use another name`,
		`sim.muddle.Ships2.Inner: the engine does not look for it inside another struct; use a field of the game's own struct`,
		`sim.muddle.hidden: is not exported; use an exported name`,
		`sim.muddle.Wave: a sync tag outside a table; use a sim.Single for state that players see`,
		`sim.muddle.Who: a map cannot be checkpointed; use an array or a table, or in the game's own struct the methods of sim.Saver`,
		`sim.muddle.Next: a pointer cannot be checkpointed; use the sim.ID of the entity`,
		"sim.muddle.Hit: unknown tag \"soon\"; use `sync:\"timed\"` on a sim.Event, no tag elsewhere",
		`sim.muddle.HIT: clients would know both it and sim.muddle.Hit as event hit; use another name`,
		"sim.muddle.Chat: unknown tag \"timed\"; use `sync:\"timed\"` on a sim.Event, no tag elsewhere",
		`sim.muddle: has 2 inputs; use one sim.Inputs whose struct holds them all`,
		`sim.muddle.Create: has another signature than the engine calls; use Create(*sim.World, []byte) error`,
		`sim.muddle.Drop: has another signature than the engine calls; use Drop(*sim.World, *sim.Player)`,
		`sim.muddle.Resume: has another signature than the engine calls; use Resume(*sim.World, *sim.Player)`,
	)
	wantMistakes(t, Define[dreamer](plainConfig()).Err(),
		`sim.dreamer.Think: has another signature than the engine calls; use Think(*sim.World, *sim.Player) sim.nothing`)
	wantMistakes(t, Define[empty](plainConfig()).Err(),
		`sim.empty: has no inputs; use one field of type sim.Inputs[YourInput]`,
		`sim.empty: has no table; use at least one field of type sim.Table or sim.Single`,
	)
	wantMistakes(t, Define[number](plainConfig()).Err(),
		`sim.number: is not a struct; use a struct with a sim.Table and a sim.Inputs`)
}

func TestMistakesInTheConfigAreReported(t *testing.T) {
	wantMistakes(t, Define[tableOf[nothing]](Config{Name: "No!", TickRate: 200, SendRate: 3, MaxPlayers: -1, CellSize: -1}).Err(),
		`Config.Name: "No!" is not a name; use 1 to 64 lower case letters, digits and dashes`,
		`Config.TickRate: 200 is out of range; use 1 to 128 steps per second`,
		`Config.MaxPlayers: -1 is out of range; use 1 to 65535 seats`,
		`Config.CellSize: -1 is not a size; use a positive number, or 0 for no grid`,
	)
	wantMistakes(t, Define[tableOf[nothing]](Config{Name: "a", TickRate: 60, SendRate: 25, ViewWidth: 5}).Err(),
		`Config.SendRate: 25 does not divide the tick rate 60; use a divisor such as 20`,
		`Config.CellSize: a view needs a grid; use about a third of the view's size`,
	)
	wantMistakes(t, Define[tableOf[nothing]](Config{Name: "a", CellSize: 1, ViewWidth: 5000, ViewHeight: 5000}).Err(),
		`Config.CellSize: a view of 5000 by 5000 with its rings covers too many cells of 1; use about a third of the view's size`)
	wantMistakes(t, Define[tableOf[nothing]](Config{Name: "a", CellSize: 1}).Err(),
		`Config.ViewWidth: a grid without a view shows nothing; use ViewWidth and ViewHeight of what a player sees`)
}

func TestADefinitionWithMistakesMakesNoInstances(t *testing.T) {
	d := Define[empty](plainConfig())
	if _, err := d.New(1, nil); err == nil {
		t.Error("New succeeded")
	}
	if _, err := d.Restore(nil); err == nil {
		t.Error("Restore succeeded")
	}
	if _, err := d.NewMirror(d.Descriptor()); err == nil {
		t.Error("NewMirror succeeded")
	}
	if d.InputSize() != 0 || d.HasBrain() || len(d.Parts()) != 0 {
		t.Error("a definition with mistakes pretends to have types")
	}
}
