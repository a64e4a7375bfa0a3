package impair

import (
	"context"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// echoServer answers each conn with what it says, until the test is over.
func echoServer(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(c, c)
				_ = c.Close()
			}()
		}
	}()
	return l.Addr().String()
}

// startProxy runs a proxy until the test is over.
func startProxy(t *testing.T, target string, p Profile) *Proxy {
	t.Helper()
	proxy, err := Listen("127.0.0.1:0", target, p, 1)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- proxy.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return proxy
}

func connect(t *testing.T, address string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestAProxyForwardsPassesTheEndOnAndCounts(t *testing.T) {
	proxy := startProxy(t, echoServer(t), Profile{RTT: 4 * time.Millisecond})
	c := connect(t, proxy.Addr())
	began := time.Now()
	if _, err := c.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	_ = c.(*net.TCPConn).CloseWrite()
	got, err := io.ReadAll(c)
	if string(got) != "hello" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if took := time.Since(began); took < 4*time.Millisecond {
		t.Errorf("the round trip took %v, less than its 4 ms", took)
	}
	if n := proxy.Counts(); n.Accepted != 1 || n.Up != 5 || n.Down != 5 || n.Failed != 0 {
		t.Errorf("%+v", n)
	}
}

func TestCutEndsOpenConnsAndLaterOnesWork(t *testing.T) {
	proxy := startProxy(t, echoServer(t), Profile{})
	for range 2 {
		c := connect(t, proxy.Addr())
		if _, err := c.Write([]byte("a")); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		if n := proxy.Cut(); n != 1 {
			t.Errorf("cut %d conns, want 1", n)
		}
		if _, err := c.Read(make([]byte, 1)); err == nil {
			t.Error("a cut conn still brings bytes")
		}
	}
}

func TestAProxyWithoutTargetClosesItsConns(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	proxy := startProxy(t, l.Addr().String(), Profile{})
	if _, err := connect(t, proxy.Addr()).Read(make([]byte, 1)); err == nil {
		t.Error("a conn to nowhere brings bytes")
	}
	if n := proxy.Counts(); n.Failed != 1 {
		t.Errorf("%+v", n)
	}
}

func TestAProfileCanBeChangedWhileConnsAreOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := NewNetwork(Profile{RTT: 100 * time.Millisecond})
		near, far := net.Pipe()
		dial := network.Dialer(func(context.Context, string, string) (net.Conn, error) { return near, nil }, 1)
		began := time.Now()
		bad, err := dial(t.Context(), "tcp", "server")
		if err != nil || time.Since(began) != 100*time.Millisecond {
			t.Fatalf("the handshake took %v: %v", time.Since(began), err)
		}
		defer func() {
			_ = far.Close()
			_ = bad.Close()
			bad.(*impaired).ended.Wait()
		}()
		network.Set(Profile{RTT: 500 * time.Millisecond})
		began = time.Now()
		_, _ = bad.Write([]byte("x"))
		_, _ = io.ReadFull(far, make([]byte, 1))
		if took := time.Since(began); took != 250*time.Millisecond {
			t.Errorf("the way took %v, want 250 ms", took)
		}
	})
}

func TestADialDuringABlackoutWaitsOrEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := NewNetwork(Profile{Blackout: 10 * time.Second})
		never := func(context.Context, string, string) (net.Conn, error) {
			t.Error("dialled during a blackout")
			return nil, io.EOF
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := network.Dialer(never, 1)(ctx, "tcp", "server"); err == nil {
			t.Error("connected during a blackout")
		}
	})
}
