package schema

import (
	"crypto/sha256"
	"encoding/hex"

	flatbuffers "github.com/google/flatbuffers/go"

	"github.com/roomtick/roomtick/schema/wire"
)

// Marshal returns the descriptor's own FlatBuffer, without a size prefix. Equal
// descriptors give equal bytes.
func (d *Descriptor) Marshal() []byte {
	fb := flatbuffers.NewBuilder(1024)
	fb.Finish(addDescriptor(fb, d))
	return fb.FinishedBytes()
}

// Hash identifies the descriptor to clients that may hold it already: 16 hex digits,
// PROTOCOL.md 1.5.
func (d *Descriptor) Hash() string {
	sum := sha256.Sum256(d.Marshal())
	return hex.EncodeToString(sum[:8])
}

func addDescriptor(fb *flatbuffers.Builder, d *Descriptor) flatbuffers.UOffsetT {
	if d == nil {
		return 0
	}
	events := make([]flatbuffers.UOffsetT, len(d.Events))
	for i := range d.Events {
		events[i] = addEventType(fb, &d.Events[i])
	}
	tables := make([]flatbuffers.UOffsetT, len(d.Tables))
	for i := range d.Tables {
		tables[i] = addTableType(fb, &d.Tables[i])
	}
	eventVector := tableVector(fb, events)
	tableTypes := tableVector(fb, tables)
	input := addFields(fb, d.Input)
	game := text(fb, d.Game)
	wire.DescriptorStart(fb)
	wire.DescriptorAddEvents(fb, eventVector)
	wire.DescriptorAddInput(fb, input)
	wire.DescriptorAddTables(fb, tableTypes)
	wire.DescriptorAddGame(fb, game)
	return wire.DescriptorEnd(fb)
}

// tableVector writes a vector of tables; 0 stands for one that is left out.
func tableVector(fb *flatbuffers.Builder, tables []flatbuffers.UOffsetT) flatbuffers.UOffsetT {
	if len(tables) == 0 {
		return 0
	}
	fb.StartVector(flatbuffers.SizeUOffsetT, len(tables), flatbuffers.SizeUOffsetT)
	for i := len(tables) - 1; i >= 0; i-- {
		fb.PrependUOffsetT(tables[i])
	}
	return fb.EndVector(len(tables))
}

func addTableType(fb *flatbuffers.Builder, t *TableType) flatbuffers.UOffsetT {
	fields := addFields(fb, t.Fields)
	name := text(fb, t.Name)
	wire.TableTypeStart(fb)
	wire.TableTypeAddFields(fb, fields)
	wire.TableTypeAddName(fb, name)
	wire.TableTypeAddSingle(fb, t.Single)
	return wire.TableTypeEnd(fb)
}

func addEventType(fb *flatbuffers.Builder, t *EventType) flatbuffers.UOffsetT {
	fields := addFields(fb, t.Fields)
	name := text(fb, t.Name)
	wire.EventTypeStart(fb)
	wire.EventTypeAddFields(fb, fields)
	wire.EventTypeAddName(fb, name)
	wire.EventTypeAddTimed(fb, t.Timed)
	wire.EventTypeAddFromClient(fb, t.FromClient)
	return wire.EventTypeEnd(fb)
}

func addFields(fb *flatbuffers.Builder, fields []Field) flatbuffers.UOffsetT {
	offsets := make([]flatbuffers.UOffsetT, len(fields))
	for i := range fields {
		offsets[i] = addField(fb, &fields[i])
	}
	return tableVector(fb, offsets)
}

func addField(fb *flatbuffers.Builder, f *Field) flatbuffers.UOffsetT {
	name := text(fb, f.Name)
	wire.FieldStart(fb)
	wire.FieldAddStep(fb, f.Step)
	wire.FieldAddMax(fb, f.Max)
	wire.FieldAddMin(fb, f.Min)
	wire.FieldAddName(fb, name)
	wire.FieldAddCount(fb, f.Count)
	wire.FieldAddFlags(fb, uint16(f.Flags))
	wire.FieldAddTolerance(fb, f.Tolerance)
	wire.FieldAddBits(fb, f.Bits)
	wire.FieldAddKind(fb, wire.FieldKind(f.Kind))
	return wire.FieldEnd(fb)
}
