package client

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// Fault names one way in which the server, or the way to it, failed a bot.
type Fault uint8

// The faults. Any of them fails a run.
const (
	FaultDecode   Fault = iota // a frame that does not parse, or deltas that do not apply
	FaultGap                   // a tick or an event that does not follow on the last
	FaultHash                  // a group's hash differs from another bot's
	FaultProtocol              // a text frame, a missing welcome or goodbye, a foreign seat
	FaultClose                 // the conn ended and nobody asked for it
	FaultResume                // the seat could not be taken back
	FaultScenario              // a scenario returned an error
	faultKinds
)

// String returns the fault's short name.
func (f Fault) String() string {
	switch f {
	case FaultDecode:
		return "decode"
	case FaultGap:
		return "gap"
	case FaultHash:
		return "hash"
	case FaultProtocol:
		return "protocol"
	case FaultClose:
		return "close"
	case FaultResume:
		return "resume"
	case FaultScenario:
		return "scenario"
	}
	return "unknown"
}

// Faults lists every fault there is.
func Faults() []Fault {
	all := make([]Fault, faultKinds)
	for i := range all {
		all[i] = Fault(i)
	}
	return all
}

// Counters counts what one bot saw and did since its first conn. They may be read by
// any goroutine while the bot runs.
type Counters struct {
	Frames   atomic.Int64 // WebSocket messages from the server
	Bytes    atomic.Int64 // their payloads, whole: envelopes, welcomes, events and all
	Byes     atomic.Int64 // of the frames, goodbyes
	ByeBytes atomic.Int64 // of the bytes, those of goodbyes
	Deltas   atomic.Int64 // of the bytes, those of deltas
	Told     atomic.Int64 // of the bytes, those of events
	TCPIn    atomic.Int64 // TCP payload, with the upgrade and the WebSocket headers
	TCPOut   atomic.Int64
	Received atomic.Int64 // send ticks that came as a snapshot
	Jumped   atomic.Int64 // send ticks that a later snapshot covered
	Resets   atomic.Int64 // snapshots that started from nothing, the first of each conn aside
	Old      atomic.Int64 // snapshots on a conn of a lower epoch, dropped as the protocol says
	Updates  atomic.Int64 // entities whose quantised public state changed, summed over snapshots
	Entered  atomic.Int64 // entities that came into view, which is no update
	InView   atomic.Int64 // entities seen, summed over snapshots
	Behind   atomic.Int64 // groups that a snapshot left at an older tick, summed over snapshots
	Events   atomic.Int64 // events received, repeats aside

	Inputs  atomic.Int64 // inputs sent
	Skipped atomic.Int64 // inputs not sent: their time had passed, the room's clock moved on, or the write failed
	Acks    atomic.Int64 // frames sent by the read loop alone
	Hashes  atomic.Int64 // pubHashes sent
	Applied atomic.Int64 // snapshots whose tick had this bot's input
	Resumes atomic.Int64

	faults [faultKinds]atomic.Int64

	mu     sync.Mutex // guards the following
	notes  []string   // the first faults, in words
	closes map[int]int
}

// maxNotes bounds the faults that one bot keeps in words; the others are counted.
const maxNotes = 4

// Count returns how often a fault occurred.
func (c *Counters) Count(f Fault) int64 { return c.faults[f].Load() }

// Notes returns the first few faults in words.
func (c *Counters) Notes() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.notes...)
}

// AddCloses adds the conns that ended unasked for, by close code.
func (c *Counters) AddCloses(to map[int]int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for code, n := range c.closes {
		to[code] += int64(n)
	}
}

func (c *Counters) close(code int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closes == nil {
		c.closes = make(map[int]int)
	}
	c.closes[code]++
}

// fault counts a fault and returns it as an error.
func (c *Counters) fault(f Fault, format string, args ...any) error {
	err := fmt.Errorf("%s: "+format, append([]any{f}, args...)...)
	c.faults[f].Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.notes) < maxNotes {
		c.notes = append(c.notes, err.Error())
	}
	return err
}
