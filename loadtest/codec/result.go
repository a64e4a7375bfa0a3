package codec

import (
	"slices"
	"time"

	"github.com/roomtick/roomtick/room/delta"
)

// resultVersion rises whenever a field of Result changes its meaning.
const resultVersion = 1

// Result is what a trace costs. Bytes are those of a frame's deltas, the prologue with
// them, without the envelope; they are counted over the steps from the third frame sent
// on.
type Result struct {
	Version  int `json:"version"`
	TickRate int `json:"tickRate"`
	SendRate int `json:"sendRate"`
	Frames   int `json:"frames"`   // sent, the keyframe included
	Entities int `json:"entities"` // slots of the trace

	EntitiesPerFrame float64 `json:"entitiesPerFrame"` // there, in the mean
	ChangedPerFrame  float64 `json:"changedPerFrame"`  // of those, with another value than in the frame sent before

	BytesPerFrame         Spread    `json:"bytesPerFrame"`
	Keyframes             Keyframes `json:"keyframes"`
	KbitPerSecond         float64   `json:"kbitPerSecond"`         // of steps
	BytesPerEntity        float64   `json:"bytesPerEntity"`        // 0 if there are none
	BytesPerChangedEntity float64   `json:"bytesPerChangedEntity"` // 0 if none changes

	Fields   map[string]FieldCost `json:"fields"`
	Overhead map[string]float64   `json:"overhead"` // bytes a frame that belong to no field

	Hints []Hint `json:"hints,omitempty"` // if they were asked for

	EncodeNsPerEntity float64 `json:"encodeNsPerEntity"` // from values on the wire's grid to bytes, median of passes
	DecodeNsPerEntity float64 `json:"decodeNsPerEntity"` // from bytes to values on that grid
}

// Spread describes the sizes of steps, in bytes.
type Spread struct {
	Mean float64 `json:"mean"`
	P50  int     `json:"p50"`
	P99  int     `json:"p99"`
}

// Keyframes says what a join costs, in bytes.
type Keyframes struct {
	Count int     `json:"count"` // sent: the first frame
	Bytes int     `json:"bytes"` // of those
	Mean  float64 `json:"mean"`  // of one at each frame, as those who join there would get it
}

// FieldCost is the share of one field; a quat's four fields are one.
type FieldCost struct {
	BytesPerFrame float64 `json:"bytesPerFrame"`
	BitsPerEntity float64 `json:"bitsPerEntity"`
	WireStep      float64 `json:"wireStep"` // step of the wire; 0 if lossless
	Tolerance     float64 `json:"tolerance"`
	MaxError      float64 `json:"maxError"`
	MaxDerived    float64 `json:"maxDerivedError,omitempty"` // of a quat's largest number, which follows from the others
}

// result puts the figures together.
func (a *account) result(frames []sent) *Result {
	r := &Result{
		Version: resultVersion, TickRate: a.wire.trace.TickRate, SendRate: a.sendRate,
		Frames: len(frames), Entities: a.wire.trace.Entities,
		Keyframes: Keyframes{Count: 1, Bytes: a.keyframe, Mean: float64(a.joins) / float64(len(frames))},
		Fields:    map[string]FieldCost{}, Overhead: map[string]float64{},
	}
	steps := float64(len(a.steps))
	bytes, rows, changed, all := 0, 0, 0, 0
	for i := range frames {
		all += frames[i].rows
		if i >= warmUp {
			bytes += a.steps[i-warmUp]
			rows += frames[i].rows
			changed += frames[i].changed
		}
	}
	sorted := slices.Sorted(slices.Values(a.steps))
	r.BytesPerFrame = Spread{float64(bytes) / steps, rank(sorted, 50), rank(sorted, 99)}
	r.KbitPerSecond = r.BytesPerFrame.Mean * 8 * float64(a.sendRate) / 1000
	r.EntitiesPerFrame, r.ChangedPerFrame = float64(rows)/steps, float64(changed)/steps
	r.BytesPerEntity, r.BytesPerChangedEntity = per(bytes, rows), per(bytes, changed)
	r.EncodeNsPerEntity, r.DecodeNsPerEntity = per(a.encode, all), per(a.decode, all)
	a.costs(r, steps, rows)
	return r
}

// costs says where the bits went.
func (a *account) costs(r *Result, steps float64, rows int) {
	columns := a.wire.parts[0].Columns
	bits := make([]uint64, len(a.wire.fields))
	for c := range columns {
		bits[columns[c].Field] += a.tally.Columns[0][c]
	}
	for i := range a.wire.fields {
		f := &a.wire.fields[i]
		r.Fields[f.name] = FieldCost{
			BytesPerFrame: float64(bits[i]) / 8 / steps, BitsPerEntity: per(bits[i], rows),
			WireStep: f.step, Tolerance: f.tolerance,
			MaxError: a.checker.errors[i], MaxDerived: a.checker.derived[i],
		}
	}
	for kind, n := range a.tally.Overhead {
		r.Overhead[delta.Overhead(kind).String()] = float64(n) / 8 / steps
	}
}

// per is a share of n, 0 if there is none to share with.
func per[T int | uint64 | time.Duration](all T, n int) float64 {
	if n == 0 {
		return 0
	}
	return float64(all) / float64(n)
}

// rank returns the percentile of sorted values by nearest rank.
func rank(sorted []int, percent int) int {
	return sorted[max(0, (len(sorted)*percent+99)/100-1)]
}
