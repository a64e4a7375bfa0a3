package main

import (
	"fmt"
	"io"
	"time"

	"github.com/roomtick/roomtick/loadtest/client"
)

// progress prints what the swarm did since the line before. Owned by one goroutine.
type progress struct {
	swarm  *swarm
	format string

	at            time.Time
	frames, bytes int64
}

// line prints one line.
func (p *progress) line(w io.Writer, now time.Time) {
	s := p.swarm
	s.mu.Lock()
	playing, failed := len(s.bots), 0
	for i := range s.results {
		if s.results[i].joinErr != nil {
			failed++
		} else {
			playing--
		}
	}
	joining := s.waiting
	var frames, bytes, faults int64
	for _, b := range s.bots {
		frames += b.Counters.Received.Load()
		bytes += b.Counters.Bytes.Load()
		for _, f := range client.Faults() {
			faults += b.Counters.Count(f)
		}
	}
	s.mu.Unlock()
	if p.at.IsZero() {
		p.at = s.start
	}
	seconds := now.Sub(p.at).Seconds()
	text := fmt.Sprintf("%4.0fs  %d playing, %d joining, %d not let in, %d faults, %.0f snapshots/s, %.1f KB/s",
		now.Sub(s.start).Seconds(), playing, joining, failed, faults,
		float64(frames-p.frames)/seconds, float64(bytes-p.bytes)/seconds/1000)
	p.at, p.frames, p.bytes = now, frames, bytes
	_, _ = fmt.Fprintf(w, p.format, text)
}
