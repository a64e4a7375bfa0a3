package impair

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// pumpBytes is what is moved at once between the queues and the real conn.
const pumpBytes = 4096

// linger is how long a closed conn goes on delivering what was written before: longer
// than the blackouts that one tests with, and not for ever.
const linger = 60 * time.Second

// impaired is a net.Conn over another one. Two goroutines stand behind it; they end when
// it is closed and what was written has been delivered.
type impaired struct {
	inner  net.Conn
	up     *flow         // what was written
	down   *flow         // what came from inner
	closed chan struct{} // by Close: nobody reads or writes any more
	dead   chan struct{} // by abort: nothing is delivered any more

	closing, aborting sync.Once
	lingering         *time.Timer    // set by Close
	ended             sync.WaitGroup // both goroutines
	reads, writes     *deadline
	readMu, writeMu   sync.Mutex // one at a time takes from down, puts into up
}

// Conn returns c as seen over a network with the given profile: what is written arrives
// late at c, and what c brings is read late. The same seed gives the same delays.
// Closing it closes c, after all that was written has been delivered.
func Conn(c net.Conn, p Profile, seed uint64) net.Conn {
	r := &regime{profile: p, since: time.Now()}
	return newConn(c, func() *regime { return r }, seed, 0)
}

// newConn makes the nth conn of a seed.
func newConn(inner net.Conn, current func() *regime, seed, nth uint64) *impaired {
	c := &impaired{
		inner:  inner,
		up:     newFlow(newLink(current, seed, 2*nth)),
		down:   newFlow(newLink(current, seed, 2*nth+1)),
		closed: make(chan struct{}), dead: make(chan struct{}),
		reads: newDeadline(), writes: newDeadline(),
	}
	c.ended.Go(c.receive)
	c.ended.Go(c.deliver)
	return c
}

// receive moves what inner brings into the queue of the way down. Once the conn is
// closed it reads on and forgets: the peer may have to write before it reads the last of
// what is under way to it.
func (c *impaired) receive() {
	buf := make([]byte, pumpBytes)
	for {
		n, err := c.inner.Read(buf)
		if n > 0 {
			_, _ = c.down.put(buf[:n], c.closed, nil) // an error only once it is closed
		}
		if err != nil {
			c.down.finish(err)
			return
		}
	}
}

// deliver writes what has arrived at the end of the way up to inner, and closes inner at
// the end.
func (c *impaired) deliver() {
	buf := make([]byte, pumpBytes)
	for {
		n, err := c.up.take(buf, c.dead, nil)
		if err == nil {
			_, err = c.inner.Write(buf[:n])
		}
		if err == nil {
			continue
		}
		if half, ok := c.inner.(halfCloser); ok && errors.Is(err, errHalfClosed) {
			_ = half.CloseWrite()
		}
		c.up.finish(err) // so that Write says it; has no effect on an orderly end
		<-c.closed
		c.abort()
		return
	}
}

// abort closes inner at once; what is under way is lost.
func (c *impaired) abort() {
	c.aborting.Do(func() {
		close(c.dead)
		_ = c.inner.Close()
		_ = c.Close()
		c.lingering.Stop()
	})
}

// Read returns what has arrived.
func (c *impaired) Read(p []byte) (int, error) {
	c.readMu.Lock()
	defer c.readMu.Unlock()
	return c.down.take(p, c.closed, c.reads.wait())
}

// Write hands p over. It waits only while queueBytes are under way.
func (c *impaired) Write(p []byte) (int, error) {
	c.writeMu.Lock()
	defer c.writeMu.Unlock()
	return c.up.put(p, c.closed, c.writes.wait())
}

// Close ends both directions; what was written before is still delivered.
func (c *impaired) Close() error {
	c.closing.Do(func() {
		close(c.closed)
		c.up.finish(net.ErrClosed)
		c.lingering = time.AfterFunc(linger, c.abort)
	})
	return nil
}

// errHalfClosed ends the way up after CloseWrite.
var errHalfClosed = fmt.Errorf("impair: closed for writing: %w", net.ErrClosed)

type halfCloser interface{ CloseWrite() error }

// CloseWrite ends the way up: the peer sees the end behind all that was written, reading
// goes on.
func (c *impaired) CloseWrite() error {
	if _, ok := c.inner.(halfCloser); !ok {
		return fmt.Errorf("impair: close of one direction: %w", errors.ErrUnsupported)
	}
	c.up.finish(errHalfClosed)
	return nil
}

func (c *impaired) LocalAddr() net.Addr  { return c.inner.LocalAddr() }
func (c *impaired) RemoteAddr() net.Addr { return c.inner.RemoteAddr() }

func (c *impaired) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

func (c *impaired) SetReadDeadline(t time.Time) error {
	c.reads.set(t)
	return c.alive()
}

func (c *impaired) SetWriteDeadline(t time.Time) error {
	c.writes.set(t)
	return c.alive()
}

func (c *impaired) alive() error { return over(c.closed, nil) }
