package impair

import (
	"net"
	"os"
	"sync"
	"time"
)

// queueBytes bounds what one direction has under way. When it is full, a Write waits as
// for a full send buffer, and nothing more is read from the real conn, whose own buffers
// then hold up the peer. It is the delay of a bad line that fills it: 256 KB are 8 s at
// 256 kbit/s.
const queueBytes = 256 << 10

// flow is one direction of a conn: bytes that were handed over and have not arrived.
// At most one goroutine at a time may put and one may take.
type flow struct {
	filled chan struct{} // wakes who takes; capacity 1
	freed  chan struct{} // wakes who puts; capacity 1

	mu    sync.Mutex // guards the following
	link  link
	queue []segment
	held  int       // bytes in queue
	end   error     // what take returns behind the queue; nil: more may come
	endAt time.Time // when it arrives
}

type segment struct {
	bytes []byte
	at    time.Time
}

func newFlow(l link) *flow {
	return &flow{link: l, filled: make(chan struct{}, 1), freed: make(chan struct{}, 1)}
}

// put hands all of p over, and waits while there is no room for it.
func (f *flow) put(p []byte, closed, passed <-chan struct{}) (int, error) {
	n := 0
	for {
		if err := over(closed, passed); err != nil {
			return n, err
		}
		accepted, err := f.putNow(p[n:])
		n += accepted
		if err != nil || n == len(p) {
			return n, err
		}
		select {
		case <-f.freed:
		case <-closed:
		case <-passed:
		}
	}
}

func (f *flow) putNow(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.end != nil {
		return 0, f.end
	}
	n := 0
	for n < len(p) && f.held < queueBytes {
		size := min(len(p)-n, segmentBytes, queueBytes-f.held)
		f.queue = append(f.queue, segment{
			bytes: append([]byte(nil), p[n:n+size]...), // the caller may use p again
			at:    f.link.arrival(time.Now(), size),
		})
		f.held += size
		n += size
	}
	wake(f.filled)
	return n, nil
}

// finish ends the flow: err arrives behind all that was put. Only the first call counts.
func (f *flow) finish(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.end == nil {
		f.end, f.endAt = err, f.link.arrival(time.Now(), 0)
	}
	wake(f.filled)
	wake(f.freed)
}

// take waits until something has arrived and copies what fits into p.
func (f *flow) take(p []byte, closed, passed <-chan struct{}) (int, error) {
	for {
		if err := over(closed, passed); err != nil {
			return 0, err
		}
		n, wait, err := f.takeNow(p)
		if n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
		var arrived <-chan time.Time
		if wait > 0 {
			arrived = time.After(wait)
		}
		select {
		case <-f.filled:
		case <-arrived:
		case <-closed:
		case <-passed:
		}
	}
}

// takeNow copies what has arrived. If nothing has, wait is how long until it does; 0 if
// nothing is under way.
func (f *flow) takeNow(p []byte) (n int, wait time.Duration, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	for len(f.queue) > 0 && n < len(p) && !f.queue[0].at.After(now) {
		head := &f.queue[0]
		copied := copy(p[n:], head.bytes)
		n += copied
		if head.bytes = head.bytes[copied:]; len(head.bytes) == 0 {
			f.queue[0] = segment{}
			f.queue = f.queue[1:]
		}
	}
	switch {
	case n > 0:
		f.held -= n
		wake(f.freed)
	case len(f.queue) > 0:
		wait = f.queue[0].at.Sub(now)
	case f.end != nil && !f.endAt.After(now):
		err = f.end
	case f.end != nil:
		wait = f.endAt.Sub(now)
	}
	return n, wait, err
}

// over says why a put or take must not go on: the conn is closed, or its deadline has
// passed.
func over(closed, passed <-chan struct{}) error {
	select {
	case <-closed:
		return net.ErrClosed
	default:
	}
	select {
	case <-passed:
		return os.ErrDeadlineExceeded
	default:
		return nil
	}
}

func wake(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
