package schema

import "github.com/roomtick/roomtick/schema/wire"

// The readers below use the generated code, which knows the grammar by itself but
// trusts its bytes. On a frame that the verifier has passed they must not panic and
// must find the same values.

func generatedServerFrame(buf []byte) ServerFrame {
	w := wire.GetRootAsServerFrame(buf, 0)
	f := ServerFrame{Deltas: w.DeltasBytes(), Events: w.EventsBytes(), EventSeq: w.EventSeq()}
	if s := w.Snapshot(nil); s != nil {
		f.HasSnapshot = true
		f.Snapshot = SnapshotHead{s.Tick(), s.InputAck(), s.InputHealth(), s.Flags()}
	}
	if a := w.EventAck(nil); a != nil {
		f.HasEventAck, f.EventAck = true, a.Sequence()
	}
	if c := w.Clock(nil); c != nil {
		f.HasClock, f.Clock = true, ClockReply{c.Received(), c.Replied(), c.Sent()}
	}
	if m := w.Welcome(nil); m != nil {
		f.Welcome = &Welcome{
			Room: string(m.Room()), Seat: m.Seat(), Player: string(m.Player()), Epoch: m.Epoch(),
			Secret: string(m.Secret()), Tick: m.Tick(), TickRate: m.TickRate(), SendEvery: m.SendEvery(),
			Resumed: m.Resumed(), SeatTimeoutMS: m.SeatTimeoutMs(), EventAck: m.EventAck(),
			EventsDropped: m.EventsDropped(), DescriptorHash: string(m.DescriptorHash()),
		}
		if d := m.Descriptor(nil); d != nil {
			f.Welcome.Descriptor = generatedDescriptor(d)
		}
	}
	if g := w.Goodbye(nil); g != nil {
		f.Goodbye = &Goodbye{CloseCode(g.Code()), string(g.Reason()), string(g.Hint()), g.RetryMs(), g.Reconnect()}
	}
	return f
}

func generatedDescriptor(w *wire.Descriptor) *Descriptor {
	d := &Descriptor{Game: string(w.Game())}
	var table wire.TableType
	for i := range w.TablesLength() {
		w.Tables(&table, i)
		d.Tables = append(d.Tables, TableType{
			string(table.Name()), table.Single(), generatedFields(table.FieldsLength(), table.Fields),
		})
	}
	d.Input = generatedFields(w.InputLength(), w.Input)
	var event wire.EventType
	for i := range w.EventsLength() {
		w.Events(&event, i)
		d.Events = append(d.Events, EventType{
			string(event.Name()), event.FromClient(), event.Timed(), generatedFields(event.FieldsLength(), event.Fields),
		})
	}
	return d
}

func generatedFields(n int, read func(*wire.Field, int) bool) []Field {
	var fields []Field
	var f wire.Field
	for i := range n {
		read(&f, i)
		fields = append(fields, Field{
			Name: string(f.Name()), Kind: FieldKind(f.Kind()), Bits: f.Bits(), Min: f.Min(), Max: f.Max(),
			Step: f.Step(), Tolerance: f.Tolerance(), Flags: FieldFlags(f.Flags()), Count: f.Count(),
		})
	}
	return fields
}

func generatedClientFrame(buf []byte) ClientFrame {
	w := wire.GetSizePrefixedRootAsClientFrame(buf, 0)
	f := ClientFrame{
		Inputs: w.InputsBytes(), Events: w.EventsBytes(), EventSeq: w.EventSeq(),
		HashCount: w.HashesLength(), Leave: w.Leave(),
	}
	if s := w.State(nil); s != nil {
		f.HasState, f.State = true, ClientState{s.Ack(), s.View(), s.EventAck()}
	}
	var h wire.PubHash
	for i := range f.HashCount {
		w.Hashes(&h, i)
		f.Hashes[i] = PubHash{h.Group(), h.Tick(), h.Hash()}
	}
	if c := w.Clock(nil); c != nil {
		f.HasClock, f.ClockSent = true, c.Sent()
	}
	if r := w.Rate(nil); r != nil {
		f.HasRate, f.RateHz = true, r.Hz()
	}
	if h := w.Hello(nil); h != nil {
		f.HasHello = true
		f.Hello = Hello{string(h.Sdk()), string(h.DescriptorHash()), h.Epoch(), h.Tick(), h.EventAck()}
	}
	return f
}
