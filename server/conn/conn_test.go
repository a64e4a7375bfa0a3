package conn

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/server/conn/conntest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// opened is what a test server hands to the test for one conn.
type opened struct {
	*Conn
	conn  conntest.Conn // as its room would use it
	hello schema.Hello
	err   error      // of Hello
	ended chan error // Run's result
}

// serve starts a server that accepts every conn and runs it, and returns its ws: URL
// and the conns. Ending the test ends everything.
func serve(t testing.TB, opt Options) (string, <-chan opened) {
	t.Helper()
	return serveAs(t, opt, func(_ testing.TB, c *Conn) conntest.Conn { return c })
}

// serveAs is serve with a say in how conns are run.
func serveAs(t testing.TB, opt Options, as func(testing.TB, *Conn) conntest.Conn) (string, <-chan opened) {
	t.Helper()
	conns := make(chan opened, 16)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{}, 64)
	running := 0
	started := make(chan struct{}, 64)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := Accept(w, r, opt)
		if err != nil {
			return
		}
		started <- struct{}{}
		defer func() { done <- struct{}{} }()
		o := opened{Conn: c, conn: c, ended: make(chan error, 1)}
		if o.hello, o.err = c.Hello(); o.err == nil {
			o.conn = as(t, c)
		}
		conns <- o
		o.ended <- c.Run(ctx)
	}))
	t.Cleanup(func() {
		cancel()
		for running = len(started); running > 0; running-- {
			<-done
		}
		srv.Close()
	})
	return "ws" + strings.TrimPrefix(srv.URL, "http"), conns
}

func dial(t testing.TB, url string) *conntest.Socket {
	t.Helper()
	s, err := conntest.Dial(url, nil, schema.Subprotocol)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func hello() []byte {
	return schema.NewBuilder(128).ClientFrame(&schema.ClientFrame{HasHello: true, Hello: schema.Hello{SDK: "test"}})
}

// opener opens a conn whose client has said hello, and returns both ends.
type opener func(t testing.TB, opt Options) (opened, *conntest.Socket)

// open is the opener of pairs.
func open(t testing.TB, opt Options) (opened, *conntest.Socket) {
	t.Helper()
	url, conns := serve(t, opt)
	return greet(t, url, conns)
}

func greet(t testing.TB, url string, conns <-chan opened) (opened, *conntest.Socket) {
	t.Helper()
	s := dial(t, url)
	if err := s.Send(hello()); err != nil {
		t.Fatal(err)
	}
	o := <-conns
	if o.err != nil {
		t.Fatal(o.err)
	}
	return o, s
}

// eachKind runs test for every way to run a conn that this system has.
func eachKind(t *testing.T, test func(t *testing.T, open opener)) {
	for name, open := range kinds() {
		t.Run(name, func(t *testing.T) { test(t, open) })
	}
}

func TestConnPassesTheSuite(t *testing.T) {
	eachKind(t, func(t *testing.T, open opener) {
		conntest.Run(t, func(t *testing.T) (conntest.Conn, *conntest.Socket) {
			o, s := open(t, Options{})
			return o.conn, s
		})
	})
}

func TestOnlyTheProtocolIsEchoedNeverTheToken(t *testing.T) {
	url, conns := serve(t, Options{})
	s, err := conntest.Dial(url, nil, schema.Subprotocol, "seat.secret")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.Subprotocol != schema.Subprotocol {
		t.Errorf("echoed %q", s.Subprotocol)
	}
	if err := s.Send(hello()); err != nil {
		t.Fatal(err)
	}
	if o := <-conns; o.err != nil || o.hello.SDK != "test" {
		t.Errorf("hello %+v, %v", o.hello, o.err)
	}
}

func TestCompressionIsNeverNegotiated(t *testing.T) {
	url, _ := serve(t, Options{})
	// Handshake fails if the server echoes an extension.
	s, err := conntest.Dial(url, http.Header{"Sec-Websocket-Extensions": {"permessage-deflate; client_max_window_bits"}}, schema.Subprotocol)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
}

func TestFirstFrameWithoutHelloIsMalformed(t *testing.T) {
	url, conns := serve(t, Options{})
	s := dial(t, url)
	if err := s.Send(schema.NewBuilder(64).ClientFrame(&schema.ClientFrame{Leave: true})); err != nil {
		t.Fatal(err)
	}
	goodbye, closed := s.Drain()
	if goodbye == nil || goodbye.Code != schema.CloseMalformed || closed == nil || closed.Code != schema.CloseMalformed {
		t.Errorf("goodbye %+v, close %v", goodbye, closed)
	}
	var refused *Refused
	if o := <-conns; !errors.As(o.err, &refused) || !errors.As(<-o.ended, &refused) {
		t.Errorf("Hello returned %v", o.err)
	}
}

func TestWhatComesWithHelloReachesTheRoomWithoutIt(t *testing.T) {
	url, conns := serve(t, Options{})
	s := dial(t, url)
	first := schema.ClientFrame{HasHello: true, HasClock: true, ClockSent: 77}
	second := schema.ClientFrame{HasHello: true}
	b := schema.NewBuilder(128)
	if err := s.Send(b.ClientFrame(&first)); err != nil {
		t.Fatal(err)
	}
	if err := s.Send(b.ClientFrame(&second)); err != nil {
		t.Fatal(err)
	}
	o := <-conns
	var hellos, clocks []uint32
	conntest.Poll(t, "both frames arrive", func() bool {
		if err := o.conn.Receive(func(_ time.Time, f *schema.ClientFrame) {
			clocks = append(clocks, f.ClockSent)
			if f.HasHello {
				hellos = append(hellos, f.ClockSent)
			}
		}); err != nil {
			t.Fatal(err)
		}
		return len(clocks) == 2
	})
	if clocks[0] != 77 || len(hellos) != 1 || hellos[0] != 0 {
		t.Errorf("clocks %v, hellos %v; the first hello is taken, a second one is the room's to refuse", clocks, hellos)
	}
}

func TestCancellingRunEndsTheConnAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := Accept(w, r, Options{})
		if err == nil {
			ended <- c.Run(ctx)
		}
	}))
	defer srv.Close()
	s := dial(t, "ws"+strings.TrimPrefix(srv.URL, "http"))
	cancel()
	if err := <-ended; err == nil {
		t.Error("Run returned nil")
	}
	if goodbye, closed := s.Drain(); goodbye != nil || closed != nil {
		t.Errorf("goodbye %v, close %v; want a cut", goodbye, closed)
	}
}

// serveOn serves conns on l with handle.
func serveOn(l net.Listener, handle func(*Conn)) *http.Server {
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := Accept(w, r, Options{}); err == nil {
			handle(c)
		}
	})}
	go srv.Serve(l)
	return srv
}
