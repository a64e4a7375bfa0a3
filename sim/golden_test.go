package sim

import (
	"encoding/hex"
	"encoding/json"

	"reflect"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"github.com/roomtick/roomtick/schema"
)

// goldenField is a field as all golden files spell it.
type goldenField struct {
	Name      string            `json:"name"`
	Kind      string            `json:"kind"`
	Bits      uint8             `json:"bits"`
	Min       float64           `json:"min"`
	Max       float64           `json:"max"`
	Step      float64           `json:"step"`
	Tolerance uint16            `json:"tolerance"`
	Flags     schema.FieldFlags `json:"flags"`
	Count     uint16            `json:"count"`
}

func newGoldenField(f *schema.Field) goldenField {
	kind := [...]string{"Bool", "Int", "Uint", "Float", "Quantised", "Angle", "String", "Quat"}[f.Kind]
	return goldenField{f.Name, kind, f.Bits, f.Min, f.Max, f.Step, f.Tolerance, f.Flags, f.Count}
}

// goldenLines writes a JSON array with an element a line.
func goldenLines[T any](t *testing.T, list []T) []byte {
	t.Helper()
	lines := make([]string, len(list))
	for n, v := range list {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		lines[n] = string(b)
	}
	return []byte("[\n" + strings.Join(lines, ",\n") + "\n]\n")
}

// plainValue is a Go value as JSON: 64-bit integers as text, for they exceed a double.
func plainValue(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Int64:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Uint64:
		return strconv.FormatUint(v.Uint(), 10)
	case reflect.Float32, reflect.Float64:
		return v.Float() // a float32 as the float64 it is, digit by digit
	case reflect.Array:
		list := make([]any, v.Len())
		for n := range list {
			list[n] = plainValue(v.Index(n))
		}
		return list
	}
	return v.Interface()
}

// valueGolden says what a client makes of the columns of one field. A field of one
// column has numbers in r, others have rows of all their columns.
type valueGolden struct {
	Field  goldenField `json:"field"`
	Column int         `json:"column"`
	R      []any       `json:"r"`
	Value  []any       `json:"value"`
}

// exhibit has every kind of field in its forms.
type exhibit struct {
	On      bool       `sync:""`
	I8      int8       `sync:""`
	I16     int16      `sync:"min=-3,max=900"`
	I32     int32      `sync:""`
	I64     int64      `sync:""`
	U8      uint8      `sync:""`
	U16     uint16     `sync:""`
	U32     uint32     `sync:""`
	U64     uint64     `sync:""`
	F32     float32    `sync:""`
	F64     float64    `sync:""`
	X       float32    `sync:"min=0,max=8000,step=0.05"`
	PX      float32    `sync:"min=0,max=8000,step=0.05,predict"`
	Wide    float64    `sync:"min=-1,max=1,step=0.001"`
	Angle   float32    `sync:"angle,bits=10"`
	PAngle  float32    `sync:"angle,bits=10,predict"`
	Spin    [4]float32 `sync:"quat,step=0.002"`
	PSpin   [4]float32 `sync:"quat,step=0.002,predict"`
	Weights [3]float32 `sync:"min=0,max=1,step=0.01"`
	Longs   [2]int64   `sync:""`
}

func TestClientsReadValuesAsTheGoldensSay(t *testing.T) {
	var m mistakes
	rec := compileRecord(reflect.TypeFor[exhibit](), useTable, &m)
	if err := m.err(); err != nil {
		t.Fatal(err)
	}
	d := schema.Descriptor{Tables: []schema.TableType{{Name: "t", Fields: rec.fields}}}
	columns := d.Parts()[0].Columns
	r := NewRand(77)
	var list []valueGolden
	for at := 0; at < len(columns); {
		width := 0
		for at+width < len(columns) && columns[at+width].Field == columns[at].Field {
			width++
		}
		list = append(list, goldenValues(rec, columns[at:at+width], &r))
		at += width
	}
	compareGolden(t, "values.json", goldenLines(t, list))
}

// goldenValues reads random R of one field.
func goldenValues(rec *record, columns []schema.Column, r *Rand) valueGolden {
	field := columns[0].Field
	g := valueGolden{Field: newGoldenField(&rec.fields[field])}
	for range 12 {
		row := make([]int32, len(columns))
		data := make([][]int32, len(columns))
		for c := range columns {
			row[c] = randomR(rec.leaf(field, columns[c].Element), &columns[c], r)
			data[c] = row[c : c+1]
		}
		var e exhibit
		for c := range columns {
			if columns[c].Component == 0 {
				l := rec.leaf(field, columns[c].Element)
				f := mirrorField{to: l, from: *l, column: c}
				f.set([]mirrorRow{{0, unsafe.Pointer(&e)}}, data, nil)
			}
		}
		if len(row) == 1 {
			g.R = append(g.R, row[0])
		} else {
			g.R = append(g.R, row)
		}
		g.Value = append(g.Value, plainValue(reflect.ValueOf(e).Field(field)))
	}
	return g
}

// randomR is an R that a stream may hold: a little past the range, for prediction errs.
func randomR(l *leaf, c *schema.Column, r *Rand) int32 {
	switch {
	case c.Wrap > 0:
		return int32(r.IntN(int(c.Wrap)))
	case l.kind == schema.KindQuat && c.Component == 0:
		return int32(r.IntN(4))
	case l.kind == schema.KindQuat:
		// Near the middle, so that the components fit a unit quaternion.
		return int32(l.units)*8 + int32(r.IntN(int(l.units)*8)) - int32(l.units)*4
	case l.kind == schema.KindQuantised:
		past := []int32{-7, int32(l.units)*16 + 7}
		return append(past, int32(r.IntN(int(l.units)*16)), int32(r.IntN(int(l.units)*16)))[r.IntN(4)]
	case l.kind == schema.KindFloat && (l.bits == 32 || c.Component == 1):
		return int32(r.Uint32() &^ (1 << 30)) // finite
	case l.kind == schema.KindBool:
		return int32(r.IntN(2))
	}
	return int32(l.signed(uint64(r.Uint32())))
}

// payloadGolden is a payload with its values by the fields' wire names.
type payloadGolden struct {
	Fields []goldenField  `json:"fields"`
	Values map[string]any `json:"values"`
	Hex    string         `json:"hex"`
}

func TestPayloadsAreAsTheGoldensSay(t *testing.T) {
	rec := parcelRecord(t)
	var fields []goldenField
	for n := range rec.fields {
		fields = append(fields, newGoldenField(&rec.fields[n]))
	}
	source := seeded(t, 43)
	var list []payloadGolden
	for n := range 16 {
		in := randomParcel(source)
		if n == 0 {
			in = parcel{}
		}
		payload := rec.appendPayload(nil, unsafe.Pointer(&in))
		var out parcel
		rec.readPayload(payload, unsafe.Pointer(&out))
		list = append(list, payloadGolden{fields, parcelValues(out), hex.EncodeToString(payload)})
	}
	compareGolden(t, "payloads.json", goldenLines(t, list))
}

// parcelValues lists the values that a client gets.
func parcelValues(p parcel) map[string]any {
	values := make(map[string]any)
	v := reflect.ValueOf(p)
	for n := range v.NumField() {
		name := wireName(v.Type().Field(n).Name)
		if f := v.Field(n); f.Kind() == reflect.Struct {
			values[name+".x"], values[name+".y"] = plainValue(f.Field(0)), plainValue(f.Field(1))
		} else {
			values[name] = plainValue(f)
		}
	}
	return values
}

func TestDescriptorOfTheFixtureIsAsTheGoldenSays(t *testing.T) {
	type goldenTable struct {
		Name   string        `json:"name"`
		Single bool          `json:"single"`
		Fields []goldenField `json:"fields"`
	}
	type goldenEvent struct {
		Name       string        `json:"name"`
		FromClient bool          `json:"fromClient"`
		Timed      bool          `json:"timed"`
		Fields     []goldenField `json:"fields"`
	}
	type goldenDescriptor struct {
		Game   string        `json:"game"`
		Tables []goldenTable `json:"tables"`
		Input  []goldenField `json:"input"`
		Events []goldenEvent `json:"events"`
	}
	fields := func(list []schema.Field) (out []goldenField) {
		for n := range list {
			out = append(out, newGoldenField(&list[n]))
		}
		return out
	}
	d := Define[arena](testConfig()).Descriptor()
	g := goldenDescriptor{Game: d.Game, Input: fields(d.Input)}
	for _, x := range d.Tables {
		g.Tables = append(g.Tables, goldenTable{x.Name, x.Single, fields(x.Fields)})
	}
	for _, x := range d.Events {
		g.Events = append(g.Events, goldenEvent{x.Name, x.FromClient, x.Timed, fields(x.Fields)})
	}
	b, err := json.MarshalIndent(g, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	compareGolden(t, "descriptor.json", append(b, '\n'))
}
