package schema

import (
	"encoding/binary"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	flatbuffers "github.com/google/flatbuffers/go"

	"github.com/roomtick/roomtick/schema/wire"
)

// patched returns the frame with the uint32 at position at of its FlatBuffer replaced.
func patched(raw []byte, at int, v uint32) []byte {
	raw = slices.Clone(raw)
	binary.LittleEndian.PutUint32(raw[prefixSize+at:], v)
	return raw
}

// inputFrame returns a frame of inputs and the positions, in its FlatBuffer, of the
// root table and of the vector's count.
func inputFrame() (raw []byte, root, count int) {
	raw = NewBuilder(0).ClientFrame(&ClientFrame{Inputs: []byte("12345678")})
	root = int(binary.LittleEndian.Uint32(raw[prefixSize:]))
	return raw, root, len(raw) - prefixSize - 12
}

func TestHostileOffsetsAndCountsAreRefused(t *testing.T) {
	raw, root, count := inputFrame()
	if n := binary.LittleEndian.Uint32(raw[prefixSize+count:]); n != 8 {
		t.Fatalf("the count is not at %d: found %d", count, n)
	}
	end := uint32(len(raw) - prefixSize)
	cases := []struct {
		name string
		raw  []byte
	}{
		{"length prefix too small", patched(raw, -4, end-1)},
		{"length prefix of 2^32-1", patched(raw, -4, math.MaxUint32)},
		{"root that is itself", patched(raw, 0, 0)},
		{"root inside its own offset", patched(raw, 0, 3)},
		{"root at the end", patched(raw, 0, end)},
		{"root whose table would cross the end", patched(raw, 0, end-3)},
		{"root offset of 2^31", patched(raw, 0, 1<<31)},
		{"root offset that wraps", patched(raw, 0, math.MaxUint32-3)},
		{"vtable that is the table", patched(raw, root, 0)},
		{"vtable before the frame", patched(raw, root, uint32(root+1))},
		{"vtable after the frame", patched(raw, root, -end)},
		{"vtable offset of -2^31", patched(raw, root, 1<<31)},
		{"vtable offset of 2^31-1", patched(raw, root, math.MaxInt32)},
		{"count one too high", patched(raw, count, 9)},
		{"count of 2^31", patched(raw, count, 1<<31)},
		{"count of 2^32-1", patched(raw, count, math.MaxUint32)},
	}
	for _, c := range cases {
		var f ClientFrame
		if err := ParseClientFrame(c.raw, &f); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
}

// The vtable comes before its table: | length u16 | table length u16 | field offset u16 ... |
func TestHostileVTablesAreRefused(t *testing.T) {
	raw := NewBuilder(0).ClientFrame(&ClientFrame{Events: []byte{1, 0}, EventSeq: 1})
	root := int(binary.LittleEndian.Uint32(raw[prefixSize:]))
	vtable := root - int(binary.LittleEndian.Uint32(raw[prefixSize+root:]))
	slot := vtable + vtableHeadSize + vtableEntrySize*clientEvents
	field := root + int(binary.LittleEndian.Uint16(raw[prefixSize+slot:]))
	head := func(at int, v uint16) []byte {
		out := slices.Clone(raw)
		binary.LittleEndian.PutUint16(out[prefixSize+at:], v)
		return out
	}
	for name, raw := range map[string][]byte{
		"vtable of 0 bytes":           head(vtable, 0),
		"vtable of 2 bytes":           head(vtable, 2),
		"vtable of an odd length":     head(vtable, 15),
		"vtable past the end":         head(vtable, 0xfffe),
		"table of 0 bytes":            head(vtable+2, 0),
		"table of 3 bytes":            head(vtable+2, 3),
		"table past the end":          head(vtable+2, 0xffff),
		"field in the table's head":   head(slot+vtableEntrySize, 1), // the sequence number
		"field that crosses the end":  head(slot, uint16(field-root+1)),
		"field far outside":           head(slot, 0xffff),
		"vector that is its own head": patched(raw, field, 0),
		"vector in its own head":      patched(raw, field, 3),
	} {
		var f ClientFrame
		if err := ParseClientFrame(raw, &f); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	var f ClientFrame
	if err := ParseClientFrame(raw, &f); err != nil {
		t.Errorf("unchanged: %v", err)
	}
	empty := NewBuilder(0).ClientFrame(&ClientFrame{})
	empty[prefixSize+int(binary.LittleEndian.Uint32(empty[prefixSize:]))-2] = 0
	if err := ParseClientFrame(empty, &f); !errors.Is(err, ErrMalformed) {
		t.Errorf("empty table of 0 bytes: got %v", err)
	}
}

func TestHashCountsThatWrapAreRefused(t *testing.T) {
	f := ClientFrame{HashCount: MaxHashes}
	raw := NewBuilder(0).ClientFrame(&f)
	count := len(raw) - prefixSize - MaxHashes*pubHashSize - 4
	for _, n := range []uint32{
		MaxHashes + 1,
		0x15555556, // times 12 is 8 modulo 2^32
		0x40000000, // times 12 is 0 modulo 2^32
		math.MaxUint32,
	} {
		if err := ParseClientFrame(patched(raw, count, n), &f); !errors.Is(err, ErrMalformed) {
			t.Errorf("%d hashes: got %v", n, err)
		}
	}
}

func TestMoreThanFourHashesAreRefused(t *testing.T) {
	fb := flatbuffers.NewBuilder(0)
	wire.ClientFrameStartHashesVector(fb, MaxHashes+1)
	for range MaxHashes + 1 {
		wire.CreatePubHash(fb, 1, 2, 3)
	}
	hashes := fb.EndVector(MaxHashes + 1)
	wire.ClientFrameStart(fb)
	wire.ClientFrameAddHashes(fb, hashes)
	fb.FinishSizePrefixed(wire.ClientFrameEnd(fb))
	var f ClientFrame
	if err := ParseClientFrame(fb.FinishedBytes(), &f); !errors.Is(err, ErrMalformed) {
		t.Errorf("got %v", err)
	}
}

func TestBadValuesFromAClientAreRefused(t *testing.T) {
	b := NewBuilder(0)
	for name, frame := range map[string]ClientFrame{
		"name of an SDK above 64 bytes":   {HasHello: true, Hello: Hello{SDK: strings.Repeat("x", maxSDK+1)}},
		"descriptor hash above 64 bytes":  {HasHello: true, Hello: Hello{DescriptorHash: strings.Repeat("x", maxHash+1)}},
		"text that is not UTF-8":          {HasHello: true, Hello: Hello{SDK: "\xff"}},
		"inputs without a record":         {Inputs: []byte{1, 0, 0, 0}},
		"events that end in a number":     {Events: []byte{0x80}},
		"an event longer than the rest":   {Events: []byte{0, 2, 9}},
		"an event of 2^32-1 bytes":        {Events: []byte{0, 0xff, 0xff, 0xff, 0xff, 0x0f}},
		"an event type of more than 2^32": {Events: []byte{0xff, 0xff, 0xff, 0xff, 0x1f, 0}},
	} {
		var f ClientFrame
		if err := ParseClientFrame(b.ClientFrame(&frame), &f); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestBadValuesFromAServerAreRefused(t *testing.T) {
	b := NewBuilder(0)
	for name, frame := range map[string]ServerFrame{
		"clock that is not a number":  {HasClock: true, Clock: ClockReply{Received: math.NaN()}},
		"clock at infinity":           {HasClock: true, Clock: ClockReply{Replied: math.Inf(-1)}},
		"deltas without a snapshot":   {Deltas: []byte{1}},
		"secret above 1024 bytes":     {Welcome: &Welcome{Secret: strings.Repeat("x", maxText+1)}},
		"events that are not records": {Events: []byte{1}},
		"a field without a width": {Welcome: &Welcome{
			Descriptor: &Descriptor{Input: []Field{{Name: "x", Kind: KindInt}}},
		}},
	} {
		var f ServerFrame
		if err := ParseServerFrame(b.ServerFrame(&frame), &f); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestStringsWithoutTheirFinalZeroAreRefused(t *testing.T) {
	raw := slices.Clone(NewBuilder(0).ClientFrame(&ClientFrame{HasHello: true, Hello: Hello{SDK: "abcdefg"}}))
	if raw[len(raw)-1] != 0 || raw[len(raw)-2] != 'g' {
		t.Fatalf("unexpected end of %x", raw)
	}
	raw[len(raw)-1] = 1
	var f ClientFrame
	if err := ParseClientFrame(raw, &f); !errors.Is(err, ErrMalformed) {
		t.Errorf("got %v", err)
	}
}

// A short message can name one table, and one name, many times over: without a budget
// a descriptor of 1,000 tables that all point at the same 1,000 fields would hold a million.
func TestSharedTablesDoNotMultiply(t *testing.T) {
	for _, n := range []int{1_000, 20_000, 1_000_000} {
		raw := sharedTables(n)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := ParseDescriptor(raw)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, ErrMalformed) {
			t.Errorf("%d: got %v", n, err)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20 {
			t.Errorf("%d: allocated %d bytes", n, used)
		}
	}
}

// sharedTables returns a descriptor with n times the same table of n times the same field.
func sharedTables(n int) []byte {
	fb := flatbuffers.NewBuilder(0)
	same := func(table flatbuffers.UOffsetT) flatbuffers.UOffsetT {
		return tableVector(fb, slices.Repeat([]flatbuffers.UOffsetT{table}, n))
	}
	field := addField(fb, &Field{Name: strings.Repeat("x", maxName), Kind: KindBool})
	fields := same(field)
	wire.TableTypeStart(fb)
	wire.TableTypeAddFields(fb, fields)
	tables := same(wire.TableTypeEnd(fb))
	wire.DescriptorStart(fb)
	wire.DescriptorAddTables(fb, tables)
	fb.Finish(wire.DescriptorEnd(fb))
	return fb.FinishedBytes()
}
