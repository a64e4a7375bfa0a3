package cluster

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// front is the one public address of a cluster: each TCP conn goes to the next node that
// takes it. That is as little as any load balancer does.
type front struct {
	listener net.Listener
	turn     atomic.Uint64
	cut      context.Context
	end      context.CancelFunc
	conns    sync.WaitGroup

	mu    sync.Mutex // guards the following
	nodes []string   // host:port
}

func newFront(ctx context.Context, addr string) (*front, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	f := &front{listener: l}
	f.cut, f.end = context.WithCancel(context.Background())
	f.conns.Go(f.serve)
	return f, nil
}

func (f *front) url() string { return "http://" + f.listener.Addr().String() }

func (f *front) set(nodes []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.nodes = nodes
}

func (f *front) serve() {
	for {
		c, err := f.listener.Accept()
		if err != nil {
			return
		}
		f.conns.Go(func() { f.pass(c) })
	}
}

// pass joins a conn to a node until either ends.
func (f *front) pass(c net.Conn) {
	defer func() { _ = c.Close() }()
	to, err := f.dial()
	if err != nil {
		return
	}
	defer func() { _ = to.Close() }()
	defer context.AfterFunc(f.cut, func() { _, _ = c.Close(), to.Close() })()
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{c, to}, {to, c}} {
		both.Go(func() {
			_, _ = io.Copy(way[1], way[0]) // the other side is told by the half close
			if half, ok := way[1].(*net.TCPConn); ok {
				_ = half.CloseWrite()
			}
		})
	}
	both.Wait()
}

var errNoNode = errors.New("cluster: no node takes a conn")

// dial tries each node once, from the next in turn on.
func (f *front) dial() (net.Conn, error) {
	f.mu.Lock()
	nodes := f.nodes
	f.mu.Unlock()
	for range nodes {
		addr := nodes[f.turn.Add(1)%uint64(len(nodes))]
		if c, err := (&net.Dialer{Timeout: time.Second}).DialContext(f.cut, "tcp", addr); err == nil {
			return c, nil
		}
	}
	return nil, errNoNode
}

func (f *front) stop() {
	f.end()
	_ = f.listener.Close()
	f.conns.Wait()
}
