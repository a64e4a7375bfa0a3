package conn

import (
	"sync/atomic"

	"github.com/roomtick/roomtick/schema"
)

// closeCodes is how many close codes Stats tells apart, from schema.CloseLeft on.
const closeCodes = 32

// Stats counts for all conns of a node. The zero value is ready to use; every field
// may be read and written by any goroutine.
type Stats struct {
	Opened    atomic.Int64 // handshakes completed
	Open      atomic.Int64 // conns now open
	BytesIn   atomic.Int64 // on the wire, after the handshake
	BytesOut  atomic.Int64
	FramesIn  atomic.Int64 // verified client frames
	FramesOut atomic.Int64

	closed [closeCodes]atomic.Int64 // closed by the server, by close code
}

// Closed returns how many conns the server has closed with code.
func (s *Stats) Closed(code schema.CloseCode) int64 {
	if i := int(code) - int(schema.CloseLeft); i >= 0 && i < closeCodes {
		return s.closed[i].Load()
	}
	return 0
}

// Codes calls fn for every code with which a conn has been closed.
func (s *Stats) Codes(fn func(code schema.CloseCode, n int64)) {
	for i := range s.closed {
		if n := s.closed[i].Load(); n > 0 {
			fn(schema.CloseLeft+schema.CloseCode(i), n)
		}
	}
}

func (s *Stats) countClose(code schema.CloseCode) {
	if i := int(code) - int(schema.CloseLeft); i >= 0 && i < closeCodes {
		s.closed[i].Add(1)
	}
}
