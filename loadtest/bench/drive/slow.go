//go:build linux

package drive

import (
	"context"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/roomtick/roomtick/schema"
)

// slow is a client that reads a share of what its stream would be: a player whose
// network is too narrow. It must share a room with the others, whose newest tick tells
// how far it is behind.
type slow struct {
	swarm *swarm

	mu   sync.Mutex // guards the following
	late []int      // ticks behind the newest, at every sample since the last look
	tick uint32     // of the newest snapshot it has read

	frames, bytes int64 // snapshots since the last look, and their bytes
}

// slowStep is how often it reads, and how often its delay is noted.
const slowStep = 10 * time.Millisecond

// onePacket bounds what it may read at once after it had nothing to read: a narrow
// network does not save up for later.
const onePacket = 1500

func newSlow(s *swarm) *slow { return &slow{swarm: s} }

// start joins it and reads from then on, until ctx ends.
func (s *slow) start(ctx context.Context, j *joiner) error {
	nc, err := j.dial(ctx)
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { _ = nc.Close() })
	go s.run(nc)
	return nil
}

// run reads as many bytes a step as its share of what one other client got meanwhile.
func (s *slow) run(nc net.Conn) {
	a := answers{input: s.swarm.cfg.Input, builder: schema.NewBuilder(256)}
	buf := make([]byte, 64<<10)
	var data []byte
	var budget float64
	before, start := s.others(), time.Now()
	for range time.Tick(slowStep) {
		now := s.others()
		budget += s.swarm.cfg.Slow * (now - before)
		before = now
		if time.Since(start) < s.swarm.cfg.SlowIn {
			budget = float64(len(buf))
		}
		if budget >= 1 && len(data) < len(buf) {
			n, err := readNow(nc, buf[:min(len(buf), int(budget))])
			if err != nil {
				return
			}
			budget = min(budget-float64(n), onePacket)
			data = append(data, buf[:n]...)
		}
		rest, err := take(data, func(op byte, payload []byte) error { return s.message(nc, &a, op, payload) })
		if err != nil {
			return
		}
		data = append(data[:0], rest...)
		s.sample()
	}
}

// others is how many bytes one of the other clients has got so far.
func (s *slow) others() float64 {
	var sum int64
	for _, sh := range s.swarm.shards {
		sum += sh.count.bytesIn.Load()
	}
	return float64(sum) / float64(s.swarm.cfg.Clients-s.swarm.cfg.Stalled)
}

// readNow reads what is there, which may be nothing.
func readNow(nc net.Conn, p []byte) (int, error) {
	if err := nc.SetReadDeadline(time.Now().Add(time.Millisecond)); err != nil {
		return 0, err
	}
	n, err := nc.Read(p)
	if ne, ok := err.(net.Error); ok && ne.Timeout() { //nolint:errorlint // Read returns it bare
		err = nil
	}
	return n, err
}

func (s *slow) message(nc net.Conn, a *answers, op byte, payload []byte) error {
	var f schema.ServerFrame
	switch {
	case op == opClose:
		return io.EOF
	case op != opBinary:
		return nil
	}
	if err := schema.ParseServerFrame(payload, &f); err != nil || !f.HasSnapshot {
		return err
	}
	s.mu.Lock()
	s.tick = f.Snapshot.Tick
	s.frames++
	s.bytes += int64(len(payload))
	s.mu.Unlock()
	_, err := nc.Write(a.to(f.Snapshot.Tick))
	return err
}

// sample notes how far behind it is.
func (s *slow) sample() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tick != 0 {
		s.late = append(s.late, max(0, int(int32(s.swarm.newest.Load()-s.tick))))
	}
}

// look notes the median and the worst delay since the last call, and what was read.
func (s *slow) look(c *Counters) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.SlowFrames, c.SlowBytes = s.frames, s.bytes
	s.frames, s.bytes = 0, 0
	if len(s.late) == 0 {
		return
	}
	slices.Sort(s.late)
	c.Behind50, c.Behind100 = s.late[len(s.late)/2], s.late[len(s.late)-1]
	s.late = s.late[:0]
}
