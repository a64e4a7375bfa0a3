package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/roomtick/roomtick/schema/wire"
)

func TestADescriptorComesBackAsMarshalled(t *testing.T) {
	for _, want := range []*Descriptor{sampleDescriptor(), {}, {Game: "g", Tables: []TableType{{Name: "empty"}}}} {
		got, err := ParseDescriptor(want.Marshal())
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%v\n got %+v\nwant %+v", err, got, want)
		}
	}
}

func TestEqualDescriptorsHaveEqualHashesAndOthersDoNot(t *testing.T) {
	d := sampleDescriptor()
	if !bytes.Equal(d.Marshal(), sampleDescriptor().Marshal()) {
		t.Error("equal descriptors give different bytes")
	}
	hash := d.Hash()
	if len(hash) != 16 || strings.Trim(hash, "0123456789abcdef") != "" {
		t.Errorf("hash %q is not 16 hex digits", hash)
	}
	d.Tables[0].Fields[0].Step *= 2
	if d.Hash() == hash {
		t.Error("a changed step leaves the hash")
	}
}

func TestADescriptorComesBackFromItsJSON(t *testing.T) {
	text, err := json.Marshal(sampleDescriptor())
	if err != nil {
		t.Fatal(err)
	}
	var got Descriptor
	if err := json.Unmarshal(text, &got); err != nil || !reflect.DeepEqual(&got, sampleDescriptor()) {
		t.Errorf("%v\n%s", err, text)
	}
	if err := json.Unmarshal([]byte(`{"input":[{"kind":"Complex"}]}`), &got); err == nil {
		t.Error("an unknown kind is accepted")
	}
}

func TestEveryPrefixOfADescriptorFails(t *testing.T) {
	b := sampleDescriptor().Marshal()
	for n := range len(b) - 3 { // the end is padded to whole words
		if _, err := ParseDescriptor(b[:n]); !errors.Is(err, ErrMalformed) {
			t.Errorf("accepted %d of %d bytes: %v", n, len(b), err)
		}
	}
}

func TestFieldsThatCannotBeDecodedAreRefused(t *testing.T) {
	bad := []Field{
		{Kind: 8},
		{Kind: KindInt},
		{Kind: KindInt, Bits: 65},
		{Kind: KindUint, Bits: 12},
		{Kind: KindFloat, Bits: 16},
		{Kind: KindQuantised, Bits: 8, Max: 1},
		{Kind: KindQuantised, Bits: 8, Max: 1, Step: -1},
		{Kind: KindQuantised, Bits: 8, Min: 1, Max: 1, Step: 1},
		{Kind: KindQuantised, Bits: 33, Max: 1, Step: 1},
		{Kind: KindQuantised, Bits: 8, Max: math.NaN(), Step: 1},
		{Kind: KindQuantised, Bits: 8, Max: math.Inf(1), Step: 1},
		{Kind: KindAngle},
		{Kind: KindAngle, Bits: 17},
		{Kind: KindString, Max: -1},
		{Kind: KindString, Max: 65536},
		{Kind: KindQuat, Bits: 8},
		{Kind: KindQuat, Bits: 33, Step: 0.1},
		{Kind: KindBool, Name: strings.Repeat("x", maxName+1)},
		{Kind: KindBool, Count: maxElements + 1},
		{Kind: KindQuat, Bits: 8, Step: 0.1, Count: maxElements/4 + 1},
		{Kind: KindInt, Bits: 64, Count: maxElements/2 + 1},
	}
	for _, f := range bad {
		for place, d := range map[string]*Descriptor{
			"table": {Tables: []TableType{{Fields: []Field{f}}}},
			"input": {Input: []Field{f}},
			"event": {Events: []EventType{{Fields: []Field{f}}}},
		} {
			if _, err := ParseDescriptor(d.Marshal()); !errors.Is(err, ErrMalformed) {
				t.Errorf("%s: %+v: got %v", place, f, err)
			}
		}
	}
}

func TestColumnsOfAllTablesAreLimitedTogether(t *testing.T) {
	field := []Field{{Kind: KindBool, Count: maxColumns / 2}}
	d := &Descriptor{Tables: []TableType{{Fields: field}, {Fields: field}}}
	if _, err := ParseDescriptor(d.Marshal()); err != nil {
		t.Errorf("%d columns: %v", maxColumns, err)
	}
	d.Tables = append(d.Tables, TableType{Fields: []Field{{Kind: KindBool}}})
	if _, err := ParseDescriptor(d.Marshal()); !errors.Is(err, ErrMalformed) {
		t.Errorf("%d columns: got %v", maxColumns+1, err)
	}
}

func TestKindsAndFlagsAreNumberedAsInTheGrammar(t *testing.T) {
	for kind := KindBool; kind <= KindQuat; kind++ {
		if got := wire.FieldKind(kind).String(); got != kind.String() {
			t.Errorf("kind %d is %s here and %s in the grammar", kind, kind, got)
		}
	}
	if n := len(wire.EnumNamesFieldKind); n != int(KindQuat)+1 {
		t.Errorf("the grammar has %d kinds", n)
	}
	for flag, want := range map[FieldFlags]wire.FieldFlag{
		FlagPredict: wire.FieldFlagPredict, FlagOwner: wire.FieldFlagOwner, FlagOnce: wire.FieldFlagOnce,
		FlagEdge: wire.FieldFlagEdge, FlagLerp: wire.FieldFlagLerp,
	} {
		if wire.FieldFlag(flag) != want {
			t.Errorf("flag %d is %s in the grammar", flag, wire.FieldFlag(flag))
		}
	}
	for state, want := range map[InputState]wire.InputState{
		InputNone: wire.InputStateNone, InputApplied: wire.InputStateApplied,
		InputRepeated: wire.InputStateRepeated, InputLate: wire.InputStateLate,
	} {
		if wire.InputState(state) != want {
			t.Errorf("input state %d is %s in the grammar", state, wire.InputState(state))
		}
	}
}

func FuzzParseDescriptor(f *testing.F) {
	f.Add(sampleDescriptor().Marshal())
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := ParseDescriptor(b)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Errorf("%x: error %v does not wrap ErrMalformed", b, err)
			}
			return
		}
		if want := generatedDescriptor(wire.GetRootAsDescriptor(b, 0)); !reflect.DeepEqual(d, want) {
			t.Errorf("%x\n got %+v\nwant %+v", b, d, want)
		}
		again, err := ParseDescriptor(d.Marshal())
		if err != nil || !reflect.DeepEqual(d, again) {
			t.Errorf("%+v comes back as %+v, %v", d, again, err)
		}
		d.Parts()
	})
}
