package room

import "sync/atomic"

// Stats counts what rooms do. One value is shared by all rooms of a node: written by
// their goroutines, read by whoever exports metrics. The zero value is ready to use.
type Stats struct {
	Ticks        atomic.Int64 // ticks simulated
	TicksLate    atomic.Int64 // of those, the ones a whole period or more late
	TicksSkipped atomic.Int64 // tick periods given up because the room was too far behind

	Frames        atomic.Int64 // snapshot frames written
	FrameBytes    atomic.Int64 // bytes of all frames written
	FramesSkipped atomic.Int64 // not sent: too many sends unacknowledged
	FramesBusy    atomic.Int64 // not sent: the conn said not now
	Steps         atomic.Int64 // group deltas in frames, by form: from one send before,
	Spans         atomic.Int64 // from two or four,
	Jumps         atomic.Int64 // from any other,
	Keyframes     atomic.Int64 // and from nothing
	Encodings     atomic.Int64 // made for them; all others were shared

	InputsReceived  atomic.Int64 // all that came, whatever became of them
	InputsApplied   atomic.Int64
	InputsRepeated  atomic.Int64 // ticks of a seat that had no input of their own
	InputsLate      atomic.Int64
	InputsFar       atomic.Int64
	InputsDuplicate atomic.Int64
	ViewsClamped    atomic.Int64 // inputs whose client claimed to draw another moment than it may
	Refused         atomic.Int64 // conns closed for breaking the protocol

	EventsOut      atomic.Int64 // to seats
	EventsIn       atomic.Int64
	HashChecks     atomic.Int64
	HashMismatches atomic.Int64
	Clamped        atomic.Int64 // values of fields brought into their range

	Joins       atomic.Int64
	Leaves      atomic.Int64
	Resumes     atomic.Int64
	ConnsClosed atomic.Int64 // by the room, for any reason

	TickTime Histogram         // one tick, drain to fan-out
	Phases   [phases]Histogram // its parts, by Phase
	Lateness Histogram         // start of a tick after its deadline
}

// sums are what one tick adds to Stats. The rooms of a node share those: counting every
// frame there would have the processors wait for one another.
type sums struct {
	frames, bytes     int64
	forms             formCounts
	applied, repeated int64
	viewsClamped      int64
}

// book adds what was summed up to s, and begins anew.
func (t *sums) book(s *Stats) {
	s.Frames.Add(t.frames)
	s.FrameBytes.Add(t.bytes)
	s.Steps.Add(t.forms[formStep])
	s.Spans.Add(t.forms[formSpan])
	s.Jumps.Add(t.forms[formJump])
	s.Keyframes.Add(t.forms[formKeyframe])
	s.InputsApplied.Add(t.applied)
	s.InputsRepeated.Add(t.repeated)
	s.ViewsClamped.Add(t.viewsClamped)
	*t = sums{}
}

// Phase is a part of a tick, in the order in which they run.
type Phase int

// The phases of a tick.
const (
	PhaseDrain   Phase = iota // take in what the conns queued, feed the inputs
	PhaseStep                 // the game
	PhasePublish              // groups, published state, events
	PhaseFanOut               // encode on first use, one write per conn

	phases = iota
)

// String returns the phase's name in metrics.
func (p Phase) String() string {
	return [phases]string{"drain", "step", "publish", "fanout"}[p]
}
