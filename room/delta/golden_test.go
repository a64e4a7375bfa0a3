package delta

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roomtick/roomtick/schema"
)

var update = flag.Bool("update", false, "write testdata anew")

// The files' form, which the TypeScript client's tests read too.
type (
	goldenFile struct {
		Descriptor goldenDescriptor `json:"descriptor"`
		SendEvery  uint32           `json:"sendEvery"`
		Frames     []goldenFrame    `json:"frames"`
	}
	goldenFrame struct {
		Tick   uint32        `json:"tick"`
		Flags  uint8         `json:"flags"`
		Deltas string        `json:"deltas"`
		Groups []goldenGroup `json:"groups"` // all that the client holds after the frame
	}
	goldenGroup struct {
		Slot    uint32            `json:"slot"`
		Kind    uint8             `json:"kind"`
		Hash    uint32            `json:"hash"`
		Strings map[string]string `json:"strings"` // those that rows use
		Parts   []goldenPart      `json:"parts"`
	}
	goldenPart struct {
		IDs     []uint32       `json:"ids"`
		Columns []goldenColumn `json:"columns"`
	}
	goldenColumn struct {
		R []int32 `json:"r"`
		V []int32 `json:"v,omitzero"` // of linear columns only
		K []int32 `json:"k,omitzero"`
	}
	goldenDescriptor struct {
		Game   string        `json:"game"`
		Tables []goldenTable `json:"tables"`
		Input  []goldenField `json:"input"`
		Events []struct{}    `json:"events"`
	}
	goldenTable struct {
		Name   string        `json:"name"`
		Single bool          `json:"single"`
		Fields []goldenField `json:"fields"`
	}
	goldenField struct {
		Name      string  `json:"name"`
		Kind      string  `json:"kind"`
		Bits      uint8   `json:"bits"`
		Min       float64 `json:"min"`
		Max       float64 `json:"max"`
		Step      float64 `json:"step"`
		Tolerance uint16  `json:"tolerance"`
		Flags     uint16  `json:"flags"`
		Count     uint16  `json:"count"`
	}
)

func describe(d *schema.Descriptor) goldenDescriptor {
	out := goldenDescriptor{Game: d.Game, Input: []goldenField{}, Events: []struct{}{}}
	kinds := [...]string{"Bool", "Int", "Uint", "Float", "Quantised", "Angle", "String", "Quat"}
	for _, t := range d.Tables {
		table := goldenTable{Name: t.Name, Single: t.Single}
		for _, f := range t.Fields {
			table.Fields = append(table.Fields, goldenField{f.Name, kinds[f.Kind], f.Bits, f.Min, f.Max, f.Step, f.Tolerance, uint16(f.Flags), f.Count})
		}
		out.Tables = append(out.Tables, table)
	}
	return out
}

// parts reads the description back.
func (d goldenDescriptor) parts() []schema.Part {
	kinds := map[string]schema.FieldKind{"Bool": schema.KindBool, "Int": schema.KindInt, "Uint": schema.KindUint, "Float": schema.KindFloat,
		"Quantised": schema.KindQuantised, "Angle": schema.KindAngle, "String": schema.KindString, "Quat": schema.KindQuat}
	out := schema.Descriptor{Game: d.Game}
	for _, t := range d.Tables {
		table := schema.TableType{Name: t.Name, Single: t.Single}
		for _, f := range t.Fields {
			table.Fields = append(table.Fields, schema.Field{Name: f.Name, Kind: kinds[f.Kind], Bits: f.Bits, Min: f.Min, Max: f.Max,
				Step: f.Step, Tolerance: f.Tolerance, Flags: schema.FieldFlags(f.Flags), Count: f.Count})
		}
		out.Tables = append(out.Tables, table)
	}
	return out.Parts()
}

// state writes down a decoder's groups.
func state(d *Decoder) []goldenGroup {
	groups := []goldenGroup{}
	for g := range d.Groups() {
		out := goldenGroup{Slot: g.Slot, Kind: g.Kind, Hash: g.Hash(), Strings: map[string]string{}}
		for part := range g.parts {
			p := goldenPart{IDs: append([]uint32{}, g.IDs(part)...), Columns: []goldenColumn{}}
			for c := range g.parts[part].Columns {
				column := goldenColumn{R: append([]int32{}, g.R(part, c)...)}
				if g.parts[part].Columns[c].Linear {
					column.V = append([]int32{}, g.V(part, c)...)
					column.K = g.AppendK([]int32{}, part, c)
				}
				p.Columns = append(p.Columns, column)
				if !g.parts[part].Columns[c].String {
					continue
				}
				for _, index := range g.R(part, c) {
					if index != 0 {
						out.Strings[fmt.Sprint(index)] = g.Text(index)
					}
				}
			}
			out.Parts = append(out.Parts, p)
		}
		groups = append(groups, out)
	}
	return groups
}

// golden makes a stream of frames that covers every form: send ticks are left out
// before some frames so that spans of 2, 3, 4, 9 and 12 arise, and beyond the window
// keyframes.
func golden(t *testing.T) goldenFile {
	w := newWorld(t, 4, 3, 12)
	w.limit = 3
	w.tick = ^uint32(0) - 12
	rd := newReader(w)
	file := goldenFile{Descriptor: describe(testDescriptor()), SendEvery: 1}
	for _, skip := range []int{0, 0, 0, 1, 0, 2, 0, 3, 0, 8, 0, 0, 11, 0, 0, 12, 0, 0, 1, 0, 0, 0, 3, 0} {
		for range skip {
			w.step()
		}
		w.step()
		reset := 0.0
		if n := len(file.Frames); n == 0 || n == 17 {
			reset = 1
		}
		f := rd.make(0.1, 0.06, reset)
		if err := rd.apply(f); err != nil {
			t.Fatal(err)
		}
		file.Frames = append(file.Frames, goldenFrame{f.tick, f.flags, hex.EncodeToString(f.deltas), state(rd.dec)})
	}
	return file
}

// text is the file as JSON, one frame a line.
func (f goldenFile) text(t *testing.T) []byte {
	line := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	var frames []string
	for _, frame := range f.Frames {
		frames = append(frames, line(frame))
	}
	return fmt.Appendf(nil, "{\"descriptor\":%s,\n\"sendEvery\":%d,\"frames\":[\n%s\n]}\n",
		line(f.Descriptor), f.SendEvery, strings.Join(frames, ",\n"))
}

func TestStreamsAreEncodedAsTheGoldenFilesSay(t *testing.T) {
	checkGolden(t, "streams.json", golden(t))
	checkGolden(t, "sections.json", goldenSections(t))
}

func checkGolden(t *testing.T, name string, file goldenFile) {
	path := filepath.Join("testdata", name)
	got := file.text(t)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the encoding of %s has changed; if that is meant, run go test -update", name)
	}
}

func readGolden(t testing.TB, name string) goldenFile {
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var f goldenFile
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestTheDecoderReadsTheGoldenFile(t *testing.T) {
	file := readGolden(t, "streams.json")
	d := NewDecoder(testDescriptor().Parts())
	forms := map[string]int{}
	for i, f := range file.Frames {
		deltas, err := hex.DecodeString(f.Deltas)
		if err != nil {
			t.Fatal(err)
		}
		ticks := map[uint32]uint32{}
		for g := range d.Groups() {
			ticks[g.Slot] = g.Tick
		}
		if err := d.Apply(f.Tick, file.SendEvery, f.Flags, deltas); err != nil {
			t.Fatalf("frame %d: %v", i, err)
		}
		got, _ := json.Marshal(state(d))
		want, _ := json.Marshal(f.Groups)
		if !bytes.Equal(got, want) {
			t.Fatalf("frame %d: %s, want %s", i, got, want)
		}
		for slot, tick := range ticks {
			switch g := d.Group(slot); {
			case g == nil:
				forms["gone"]++
			case g.Tick == f.Tick:
				forms[fmt.Sprint("from ", f.Tick-tick)]++
			}
		}
	}
	for _, form := range []string{"from 1", "from 2", "from 3", "from 4", "from 9", "from 12", "from 13", "gone"} {
		if forms[form] == 0 {
			t.Errorf("the file has no delta %s; it has %v", form, forms)
		}
	}
}
