//go:build !linux

package client

import "time"

// On other systems every socket is read by a goroutine that waits for it.

// canPoll says whether shards read sockets on this system.
const canPoll = false

type poll struct{}

func (p *poll) add(*follower) error     { return errUnread }
func (p *poll) look(time.Duration) bool { return false }
func (p *poll) close()                  {}

func (w *wire) detach() (int, error) { return -1, errUnread }
func (w *wire) attach()              {}

type receiver struct{}

func (r *receiver) read(int, []byte) (int, time.Duration, error) { return 0, 0, errUnread }

func again(error) bool     { return false }
func send(int, []byte) int { return 0 }
func shutDown(int)         {}
