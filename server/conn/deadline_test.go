package conn

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/server/conn/conntest"
)

// bubble runs test inside synctest with both ends of a conn on a pipe. The client
// has not said hello.
func bubble(t *testing.T, test func(t *testing.T, s *conntest.Socket, conn *Conn, ended <-chan error)) {
	synctest.Test(t, func(t *testing.T) {
		l := conntest.NewPipe()
		conns, ended := make(chan *Conn, 1), make(chan error, 1)
		srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c, err := Accept(w, r, Options{})
			if err != nil {
				t.Error(err)
				return
			}
			conns <- c
			_, _ = c.Hello()
			ended <- c.Run(t.Context())
		})}
		go srv.Serve(l)
		client, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		s, err := conntest.Handshake(client, &url.URL{Scheme: "http", Host: "pipe", Path: "/"}, nil, schema.Subprotocol)
		if err != nil {
			t.Fatal(err)
		}
		test(t, s, <-conns, ended)
		s.Close()
		srv.Close()
	})
}

func TestSilenceAfterTheHandshakeIsHelloTimeout(t *testing.T) {
	bubble(t, func(t *testing.T, s *conntest.Socket, _ *Conn, ended <-chan error) {
		start := time.Now()
		goodbye, closed := s.Drain()
		if goodbye == nil || goodbye.Code != schema.CloseHelloTimeout || closed == nil || closed.Code != schema.CloseHelloTimeout {
			t.Errorf("goodbye %+v, close %v", goodbye, closed)
		}
		if took := time.Since(start); took != DefaultHello {
			t.Errorf("took %v", took)
		}
		<-ended
	})
}

func TestSilenceAfterHelloIsIdle(t *testing.T) {
	bubble(t, func(t *testing.T, s *conntest.Socket, _ *Conn, ended <-chan error) {
		if err := s.Send(hello()); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		for range 20 { // 40 s of a client that says something every 2 s
			time.Sleep(2 * time.Second)
			if err := s.Send(ack()); err != nil {
				t.Fatalf("after %v: %v", time.Since(start), err)
			}
		}
		quiet := time.Now()
		goodbye, closed := s.Drain()
		if goodbye == nil || goodbye.Code != schema.CloseIdle || closed == nil || closed.Code != schema.CloseIdle {
			t.Errorf("goodbye %+v, close %v", goodbye, closed)
		}
		if took := time.Since(quiet); took < DefaultIdle-idleSlack || took > DefaultIdle {
			t.Errorf("closed after %v of silence", took)
		}
		var refused *Refused
		if err := <-ended; !errors.As(err, &refused) || refused.Code != schema.CloseIdle {
			t.Errorf("Run returned %v", err)
		}
	})
}

func TestDrippingBytesOfOneMessageIsIdle(t *testing.T) {
	bubble(t, func(t *testing.T, s *conntest.Socket, _ *Conn, ended <-chan error) {
		if err := s.Send(hello()); err != nil {
			t.Fatal(err)
		}
		dripped := make(chan struct{})
		go func() {
			defer close(dripped)
			for _, b := range conntest.AppendFrame(nil, fin|conntest.OpBinary, ack()) {
				time.Sleep(time.Second)
				if s.Raw([]byte{b}) != nil {
					return
				}
			}
		}()
		start := time.Now()
		go io.Copy(io.Discard, s.Conn)
		var refused *Refused
		if err := <-ended; !errors.As(err, &refused) || refused.Code != schema.CloseIdle {
			t.Errorf("Run returned %v", err)
		}
		if took := time.Since(start); took > DefaultIdle+closeTimeout {
			t.Errorf("took %v", took)
		}
		s.Close()
		<-dripped
	})
}

func TestCloseOfAStalledClientIsOverInTime(t *testing.T) {
	bubble(t, func(t *testing.T, s *conntest.Socket, c *Conn, ended <-chan error) {
		if err := s.Send(hello()); err != nil {
			t.Fatal(err)
		}
		if !c.Write(make([]byte, 100)) {
			t.Fatal("first frame refused")
		}
		synctest.Wait()
		if c.Write(make([]byte, 100)) {
			t.Fatal("second frame taken while the first is stalled")
		}
		start := time.Now()
		c.Close(schema.CloseLagging, []byte("goodbye"))
		if took := time.Since(start); took != 0 {
			t.Errorf("Close blocked for %v", took)
		}
		var refused *Refused
		if err := <-ended; !errors.As(err, &refused) || refused.Code != schema.CloseLagging {
			t.Errorf("Run returned %v", err)
		}
		if took := time.Since(start); took != closeTimeout {
			t.Errorf("ended after %v", took)
		}
	})
}

func TestClientThatNeverAnswersTheCloseFrameIsCutOff(t *testing.T) {
	bubble(t, func(t *testing.T, s *conntest.Socket, c *Conn, ended <-chan error) {
		if err := s.Send(hello()); err != nil {
			t.Fatal(err)
		}
		go io.Copy(io.Discard, s.Conn)
		start := time.Now()
		c.Close(schema.CloseKicked, nil)
		<-ended
		if took := time.Since(start); took != closeTimeout {
			t.Errorf("ended after %v", took)
		}
	})
}
