//go:build !linux

package conn

import "time"

// CanPulse says whether this system has pulsed conns.
const CanPulse = false

// Pulse drives the conns of one room on Linux; here every conn is a pair.
type Pulse struct{}

// NewPulse returns a Pulse without conns.
func NewPulse() *Pulse { return &Pulse{} }

// Pulsed reports that the conn stays a pair.
func (c *Conn) Pulsed(*Pulse) bool { return false }

// Beat has nothing to do.
func (p *Pulse) Beat(time.Time) (unsent bool) { return false }
