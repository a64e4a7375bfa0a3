package schema

// sampleDescriptor has every kind, flag and shape of field.
func sampleDescriptor() *Descriptor {
	return &Descriptor{
		Game: "arena",
		Tables: []TableType{
			{Name: "ships", Fields: []Field{
				{Name: "x", Kind: KindQuantised, Bits: 18, Max: 8000, Step: 0.05, Tolerance: 7, Flags: FlagPredict | FlagLerp},
				{Name: "angle", Kind: KindAngle, Bits: 10, Tolerance: 8, Flags: FlagLerp},
				{Name: "hp", Kind: KindUint, Bits: 8},
				{Name: "score", Kind: KindInt, Bits: 64},
				{Name: "name", Kind: KindString, Max: 64, Flags: FlagOnce},
				{Name: "ammo", Kind: KindInt, Bits: 16, Flags: FlagOwner},
				{Name: "spin", Kind: KindQuat, Bits: 12, Step: 0.0005, Tolerance: 8},
				{Name: "heat", Kind: KindFloat, Bits: 32, Count: 3},
				{Name: "shielded", Kind: KindBool},
			}},
			{Name: "match", Single: true, Fields: []Field{{Name: "phase", Kind: KindUint, Bits: 8}}},
		},
		Input: []Field{
			{Name: "thrust", Kind: KindBool},
			{Name: "turn", Kind: KindQuantised, Bits: 5, Min: -1, Max: 1, Step: 0.0625},
			{Name: "fire", Kind: KindBool, Flags: FlagEdge},
		},
		Events: []EventType{
			{Name: "hit", Timed: true, Fields: []Field{{Name: "by", Kind: KindUint, Bits: 32}}},
			{Name: "chat", FromClient: true, Fields: []Field{{Name: "text", Kind: KindString, Max: 200}}},
		},
	}
}

type namedServerFrame struct {
	name  string
	frame ServerFrame
}

func sampleServerFrames() []namedServerFrame {
	snapshot := ServerFrame{
		HasSnapshot: true,
		Snapshot: SnapshotHead{
			Tick: 4294967295, InputAck: 65535, InputHealth: -3,
			Flags: HeadPrologue | uint8(InputRepeated)<<HeadInputShift | HeadReset,
		},
		Deltas: []byte{0x1f, 0x02, 0x04, 0xff, 0x80},
	}
	events := snapshot
	events.Events = AppendServerEvent(nil, 0, 0, []byte{1, 2, 3, 4})
	events.Events = AppendServerEvent(events.Events, 300, 70000, nil)
	events.EventSeq = 7
	events.HasEventAck, events.EventAck = true, 513
	welcome := Welcome{
		Room: "a1", Seat: 49, Player: "p-7", Epoch: 1<<63 + 5, Secret: "49-KZ2QXWNTJUP4",
		Tick: 1200, TickRate: 20, SendEvery: 2, Resumed: true, SeatTimeoutMS: 60000,
		EventAck: 9, EventsDropped: 2, DescriptorHash: "0123456789abcdef", Descriptor: sampleDescriptor(),
	}
	known := welcome
	known.Descriptor = nil
	return []namedServerFrame{
		{"empty", ServerFrame{}},
		{"snapshot", snapshot},
		{"snapshot without deltas", ServerFrame{HasSnapshot: true, Snapshot: SnapshotHead{Tick: 1}}},
		{"snapshot with events", events},
		{"clock", ServerFrame{HasClock: true, Clock: ClockReply{Received: 1234.5, Replied: 1234.75, Sent: 4000000000}}},
		{"welcome", ServerFrame{Welcome: &welcome}},
		{"welcome without descriptor", ServerFrame{Welcome: &known}},
		{"goodbye", ServerFrame{Goodbye: &Goodbye{
			Code: CloseRestart, Reason: "new version", Hint: CloseRestart.Hint(), RetryMS: 1500, Reconnect: true,
		}}},
		{"everything", ServerFrame{
			HasSnapshot: true, Snapshot: snapshot.Snapshot, Deltas: snapshot.Deltas,
			Events: events.Events, EventSeq: 7, HasClock: true, Clock: ClockReply{Sent: 1},
			Welcome: &known, Goodbye: &Goodbye{Code: CloseKicked, Reason: "Überholt"},
		}},
	}
}

type namedClientFrame struct {
	name  string
	frame ClientFrame
}

func sampleClientFrames() []namedClientFrame {
	state := ClientState{Ack: 4294967290, View: 4294967295, EventAck: 3}
	inputs := AppendInput(nil, 4294967294, []byte{0x11})
	inputs = AppendInput(inputs, 4294967295, []byte{0x22})
	inputs = AppendInput(inputs, 2, []byte{0x33})
	events := AppendClientEvent(nil, 1, append([]byte{2, 0}, "hi"...))
	events = AppendClientEvent(events, 300, nil)
	hello := Hello{SDK: "roomtick-js 0.1", DescriptorHash: "0123456789abcdef", Epoch: 1<<63 + 5, Tick: 77, EventAck: 4}
	everything := ClientFrame{
		HasState: true, State: state, Inputs: inputs, Events: events, EventSeq: 12,
		HasClock: true, ClockSent: 4000000000, HasRate: true, RateHz: 1, HasHello: true, Hello: hello, Leave: true,
	}
	everything.HashCount = copy(everything.Hashes[:], []PubHash{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}, {10, 11, 0xffffffff}})
	return []namedClientFrame{
		{"empty", ClientFrame{}},
		{"ack", ClientFrame{HasState: true, State: state}},
		{"input", ClientFrame{HasState: true, State: state, Inputs: inputs}},
		{"events", ClientFrame{Events: events, EventSeq: 12}},
		{"hashes", ClientFrame{Hashes: [MaxHashes]PubHash{{Group: 1, Tick: 2, Hash: 3}}, HashCount: 1}},
		{"clock", ClientFrame{HasClock: true}},
		{"rate", ClientFrame{HasRate: true, RateHz: 20}},
		{"hello", ClientFrame{HasHello: true, Hello: hello}},
		{"empty hello", ClientFrame{HasHello: true}},
		{"leave", ClientFrame{Leave: true}},
		{"everything", everything},
	}
}
