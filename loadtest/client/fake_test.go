package client

import (
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/roomtick/roomtick/room/delta"
	"github.com/roomtick/roomtick/schema"
)

// fakeRoom makes the frames of a room in which ships fly. It keeps one group.
type fakeRoom struct {
	desc     schema.Descriptor
	parts    []schema.Part
	stream   *delta.Stream
	prologue delta.Prologue
	builder  *schema.Builder
	tick     uint32
	x        []int32 // targets of column x, by row
}

func fakeDescriptor() schema.Descriptor {
	return schema.Descriptor{
		Game: "fake",
		Tables: []schema.TableType{{Name: "ships", Fields: []schema.Field{
			{Name: "x", Kind: schema.KindQuantised, Bits: 10, Max: 1000, Step: 1, Tolerance: 7, Flags: schema.FlagPredict},
			{Name: "hp", Kind: schema.KindUint, Bits: 8},
		}}},
		Input: []schema.Field{
			{Name: "turn", Kind: schema.KindInt, Bits: 8, Min: -1, Max: 1},
			{Name: "thrust", Kind: schema.KindBool, Bits: 1},
			{Name: "fire", Kind: schema.KindBool, Bits: 1, Flags: schema.FlagEdge},
		},
		Events: []schema.EventType{{Name: "shots"}, {Name: "chat", FromClient: true}},
	}
}

// fakeInputSize is the payload of one input of fakeDescriptor: 10 bits.
const fakeInputSize = 2

func newFakeRoom(ships int) *fakeRoom {
	r := &fakeRoom{desc: fakeDescriptor(), builder: schema.NewBuilder(1024), tick: 100}
	r.parts = r.desc.Parts()
	r.stream = delta.NewStream(r.parts, 0, 0, 64)
	r.stream.Begin()
	for i := range ships {
		r.stream.Enter(0, uint32(i+1))
		r.x = append(r.x, int32(i)*160)
	}
	r.publish()
	return r
}

// step runs one send tick in which the ships of the given rows move by one step.
func (r *fakeRoom) step(moving ...int) {
	r.tick++
	r.stream.Begin()
	for _, row := range moving {
		r.x[row] += 16
	}
	r.publish()
}

func (r *fakeRoom) publish() {
	copy(r.stream.Targets(0, 0), r.x)
	for row := range r.stream.Targets(0, 1) {
		r.stream.Targets(0, 1)[row] = 100
	}
	r.stream.Commit()
	r.prologue.Reset(r.parts)
	r.prologue.Add(r.stream)
	r.prologue.Finish()
}

// welcome is the first frame of a conn: the welcome and everything there is.
func (r *fakeRoom) welcome(resumed bool) schema.ServerFrame {
	f := r.keyframe()
	desc := r.desc
	f.Welcome = &schema.Welcome{
		Room: "r", Seat: 3, Player: "p", Epoch: 5, Secret: "3-secret", Tick: r.tick,
		TickRate: 50, SendEvery: 1, Resumed: resumed, DescriptorHash: "0123456789abcdef", Descriptor: &desc,
	}
	return f
}

func (r *fakeRoom) head(flags uint8) schema.ServerFrame {
	return schema.ServerFrame{HasSnapshot: true, Snapshot: schema.SnapshotHead{Tick: r.tick, Flags: flags}}
}

// delta is a snapshot from a baseline so many sends ago.
func (r *fakeRoom) delta(back int) schema.ServerFrame {
	f := r.head(schema.HeadPrologue)
	r.prologue.Finish()
	f.Deltas = append(append(f.Deltas, r.prologue.Whole()...), r.stream.Delta(back, &r.prologue)...)
	return f
}

// keyframe is a snapshot from nothing.
func (r *fakeRoom) keyframe() schema.ServerFrame {
	f := r.head(schema.HeadReset)
	f.Deltas = append(f.Deltas, r.stream.Keyframe()...)
	return f
}

func (r *fakeRoom) bytes(f schema.ServerFrame) []byte {
	return append([]byte(nil), r.builder.ServerFrame(&f)...)
}

// told is a bot without a conn that is handed frames.
type told struct {
	*Bot
	t    *testing.T
	room *fakeRoom
	now  time.Duration
}

func newTold(t *testing.T, room *fakeRoom) *told {
	t.Helper()
	o, err := Options{URL: "http://fake", Game: "fake", Play: PlayIdle, Witness: NewWitness()}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	b := newBot(o)
	return &told{Bot: b, t: t, room: room}
}

// tell hands over a frame, 20 ms after the last one.
func (b *told) tell(f schema.ServerFrame) error {
	b.now += 20 * time.Millisecond
	return b.view.take(b.now, websocket.MessageBinary, b.room.bytes(f))
}

// must is tell for a frame that is all right.
func (b *told) must(f schema.ServerFrame) {
	b.t.Helper()
	if err := b.tell(f); err != nil {
		b.t.Fatal(err)
	}
}

// wantFaults checks the count of every fault.
func (b *told) wantFaults(want map[Fault]int64) {
	b.t.Helper()
	for _, f := range Faults() {
		if got := b.Counters.Count(f); got != want[f] {
			b.t.Errorf("%v faults: %d, want %d; %q", f, got, want[f], b.Counters.Notes())
		}
	}
}
