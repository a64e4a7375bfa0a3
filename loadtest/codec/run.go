package codec

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/roomtick/roomtick/loadtest/trace"
	"github.com/roomtick/roomtick/room/delta"
)

// The timing passes: enough for a median, and not longer than somebody waits.
const (
	leastPasses = 3
	mostPasses  = 9
	timingTime  = 2 * time.Second
)

// warmUp is how many frames are sent before bytes are counted: the keyframe, and the
// first step, which knows no velocities yet.
const warmUp = 2

// ErrSendRate says that the send rate does not divide the tick rate.
var ErrSendRate = errors.New("codec: the send rate must divide the tick rate")

// Run replays a trace at sendRate sends a second, 0 meaning at its tick rate, and says
// what it costs. Any value that does not come out as it must is a *MismatchError.
func Run(t *trace.Trace, sendRate int) (*Result, error) {
	every, err := stride(t, &sendRate)
	if err != nil {
		return nil, err
	}
	w, err := newWire(t)
	if err != nil {
		return nil, err
	}
	frames := w.schedule(every)
	if len(frames) <= warmUp {
		return nil, tooFew(frames)
	}
	a := account{wire: w, sendRate: sendRate, every: every, tally: delta.NewTally(w.parts), checker: newChecker(w)}
	if err := a.verify(frames); err != nil {
		return nil, err
	}
	a.time(frames)
	return a.result(frames), nil
}

// stride is every which frame is sent. A send rate of 0 becomes the tick rate.
func stride(t *trace.Trace, sendRate *int) (every int, err error) {
	if *sendRate == 0 {
		*sendRate = t.TickRate
	}
	if *sendRate < 1 || t.TickRate%*sendRate != 0 {
		return 0, fmt.Errorf("%w: %d of %d", ErrSendRate, *sendRate, t.TickRate)
	}
	return t.TickRate / *sendRate, nil
}

func tooFew(frames []sent) error {
	return fmt.Errorf("codec: %d frames are sent; bytes are counted from number %d on", len(frames), warmUp+1)
}

// account is what a run has counted.
type account struct {
	wire            *wire
	sendRate, every int
	checker         *checker
	tally           *delta.Tally // of the steps that count
	keyframe        int          // bytes of the first frame
	joins           int          // bytes of a keyframe at every frame, together
	steps           []int        // bytes of each step that counts
	encode, decode  time.Duration
}

// verify encodes, decodes and checks every frame, also as somebody who joins there.
func (a *account) verify(frames []sent) error {
	r, d := newReplay(a.wire, a.sendRate), delta.NewDecoder(a.wire.parts)
	for i := range frames {
		f := &frames[i]
		deltas, flags := r.encode(f)
		switch {
		case i == 0:
			a.keyframe = len(deltas)
		case i >= warmUp:
			a.steps = append(a.steps, len(deltas))
			d.SetTally(a.tally)
		}
		if err := d.Apply(uint32(f.number), uint32(a.every), flags, deltas); err != nil {
			return fmt.Errorf("codec: frame %d: %w", f.number, err)
		}
		if err := a.checker.check(f.number, f.values, r.stream, d.Group(1)); err != nil {
			return err
		}
		if err := a.join(f, r.stream); err != nil {
			return err
		}
	}
	return nil
}

// join checks the keyframe that somebody would get who joins at this frame.
func (a *account) join(f *sent, s *delta.Stream) error {
	keyframe := s.Keyframe()
	a.joins += len(keyframe)
	d := delta.NewDecoder(a.wire.parts)
	if err := d.Apply(uint32(f.number), uint32(a.every), 0, keyframe); err != nil {
		return fmt.Errorf("codec: keyframe at frame %d: %w", f.number, err)
	}
	if want, _ := s.Hash(0); d.Group(1).Hash() != want {
		return fmt.Errorf("codec: frame %d: a keyframe does not end in the published state", f.number)
	}
	return nil
}

// time measures encoder and decoder in passes of their own and keeps the medians.
// Encoding is everything from values on the wire's grid to bytes.
func (a *account) time(frames []sent) {
	var encode, decode []time.Duration
	begun := time.Now()
	for len(encode) < leastPasses || len(encode) < mostPasses && time.Since(begun) < timingTime {
		deltas, took := a.encodeAll(frames)
		encode = append(encode, took)
		decode = append(decode, a.decodeAll(frames, deltas))
	}
	a.encode, a.decode = median(encode), median(decode)
}

// encoded is one frame's deltas and the head's flags that go with them.
type encoded struct {
	deltas []byte
	flags  uint8
}

func (a *account) encodeAll(frames []sent) (all []encoded, took time.Duration) {
	all = make([]encoded, 0, len(frames))
	r := newReplay(a.wire, a.sendRate)
	for i := range frames {
		begun := time.Now()
		deltas, flags := r.encode(&frames[i])
		took += time.Since(begun)
		all = append(all, encoded{slices.Clone(deltas), flags})
	}
	return all, took
}

// decodeAll decodes what verify has found to be right.
func (a *account) decodeAll(frames []sent, all []encoded) time.Duration {
	d := delta.NewDecoder(a.wire.parts)
	begun := time.Now()
	for i := range frames {
		if err := d.Apply(uint32(frames[i].number), uint32(a.every), all[i].flags, all[i].deltas); err != nil {
			panic(err) // the same bytes were decoded before
		}
	}
	return time.Since(begun)
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}
