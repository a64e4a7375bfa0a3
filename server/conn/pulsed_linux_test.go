package conn

import (
	"sync"
	"testing"
	"time"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/server/conn/conntest"
)

// kinds are the ways to run a conn.
func kinds() map[string]opener { return map[string]opener{"pair": open, "pulsed": openPulsed} }

// roomOf stands for the room goroutine of one pulsed conn: its calls come one at a time,
// and it beats every millisecond.
type roomOf struct {
	mu sync.Mutex // guards the following
	c  *Conn
	p  *Pulse
}

func (r *roomOf) Write(frame []byte) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.c.Write(frame)
}

func (r *roomOf) Receive(fn func(time.Time, *schema.ClientFrame)) error {
	r.beat()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.c.Receive(fn)
}

func (r *roomOf) Close(code schema.CloseCode, goodbye []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.c.Close(code, goodbye)
}

func (r *roomOf) beat() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.c.pulsed.join()
	r.p.Beat(time.Now())
}

// openPulsed is the opener of pulsed conns.
func openPulsed(t testing.TB, opt Options) (opened, *conntest.Socket) {
	t.Helper()
	url, conns := serveAs(t, opt, func(t testing.TB, c *Conn) conntest.Conn {
		r := &roomOf{c: c, p: NewPulse()}
		if !c.Pulsed(r.p) {
			t.Error("a plain TCP conn cannot be pulsed")
			return c
		}
		quit, beating := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(beating)
			tick := time.NewTicker(time.Millisecond)
			defer tick.Stop()
			for {
				select {
				case <-quit:
					return
				case <-tick.C:
					r.beat()
				}
			}
		}()
		t.Cleanup(func() {
			close(quit)
			<-beating
		})
		return r
	})
	return greet(t, url, conns)
}
