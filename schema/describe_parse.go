package schema

// Field ids of Descriptor, TableType, EventType and Field in protocol.fbs.
const (
	descriptorGame = iota
	descriptorTypes
	descriptorInput
	descriptorEvents
)

const (
	tableTypeName = iota
	tableTypeSingle
	tableTypeFields
)

const (
	eventTypeName = iota
	eventTypeFromClient
	eventTypeTimed
	eventTypeFields
)

const (
	fieldName = iota
	fieldKind
	fieldBits
	fieldMin
	fieldMax
	fieldStep
	fieldTolerance
	fieldFlags
	fieldCount
)

// Limits of a descriptor: far above any game, and low enough that a hostile one, whose
// vectors may name the same table over and over, costs a client a few megabytes.
const (
	descriptorTables = 8192  // FlatBuffers tables: types and fields together
	maxName          = 255   // bytes of a name
	maxColumns       = 16384 // columns of all tables, array elements counted
	maxElements      = 16384 // values of the input or of one event, array elements counted
)

// ParseDescriptor is the inverse of Marshal, for bytes from anywhere. Its errors wrap
// ErrMalformed.
func ParseDescriptor(buf []byte) (*Descriptor, error) {
	var r reader
	d := r.descriptor(r.root(buf, descriptorTables))
	if r.err != nil {
		return nil, r.err
	}
	return d, nil
}

func (r *reader) descriptor(t table) *Descriptor {
	d := &Descriptor{Game: r.text(t, descriptorGame, maxName)}
	at, n := r.tableVector(t, descriptorTypes)
	for i := 0; i < n && r.err == nil; i++ {
		d.Tables = append(d.Tables, r.tableType(r.table(at+i*offsetSize)))
	}
	d.Input = r.fields(t, descriptorInput)
	at, n = r.tableVector(t, descriptorEvents)
	for i := 0; i < n && r.err == nil; i++ {
		d.Events = append(d.Events, r.eventType(r.table(at+i*offsetSize)))
	}
	if r.err == nil {
		r.err = d.check()
	}
	return d
}

// tableVector returns a vector of at most as many tables as may still be opened.
func (r *reader) tableVector(t table, id int) (at, count int) {
	return r.vector(t, id, offsetSize, r.tables)
}

func (r *reader) tableType(t table) TableType {
	return TableType{
		Name:   r.text(t, tableTypeName, maxName),
		Single: r.bool(t, tableTypeSingle),
		Fields: r.fields(t, tableTypeFields),
	}
}

func (r *reader) eventType(t table) EventType {
	return EventType{
		Name:       r.text(t, eventTypeName, maxName),
		FromClient: r.bool(t, eventTypeFromClient),
		Timed:      r.bool(t, eventTypeTimed),
		Fields:     r.fields(t, eventTypeFields),
	}
}

func (r *reader) fields(t table, id int) []Field {
	at, n := r.tableVector(t, id)
	if n == 0 {
		return nil
	}
	fields := make([]Field, 0, n)
	for i := 0; i < n && r.err == nil; i++ {
		fields = append(fields, r.fieldOf(r.table(at+i*offsetSize)))
	}
	return fields
}

func (r *reader) fieldOf(t table) Field {
	return Field{
		Name:      r.text(t, fieldName, maxName),
		Kind:      FieldKind(r.u8(t, fieldKind)),
		Bits:      r.u8(t, fieldBits),
		Min:       r.f64(t, fieldMin),
		Max:       r.f64(t, fieldMax),
		Step:      r.f64(t, fieldStep),
		Tolerance: r.u16(t, fieldTolerance),
		Flags:     FieldFlags(r.u16(t, fieldFlags)),
		Count:     r.u16(t, fieldCount),
	}
}
