package impair

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// Proxy forwards conns to a target over a bad network: for clients that cannot be
// wrapped, such as browsers.
type Proxy struct {
	// Set once by Listen; safe from any goroutine.
	network  *Network
	target   string
	seed     uint64
	listener net.Listener

	// Written by any goroutine.
	accepted, failed atomic.Int64
	up, down         atomic.Int64

	mu   sync.Mutex // guards the following
	open map[*impaired]struct{}
}

// Counts says what a proxy has done.
type Counts struct {
	Accepted int64 // conns
	Failed   int64 // conns that were closed because the target could not be reached
	Open     int
	Up, Down int64 // bytes towards the target, and from it
}

// Listen returns a proxy that accepts conns at address, such as 127.0.0.1:0, once Run
// is called. The nth conn of the same seed has the same delays.
func Listen(address, target string, p Profile, seed uint64) (*Proxy, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("impair: %w", err)
	}
	return &Proxy{
		network: NewNetwork(p), target: target, seed: seed, listener: l,
		open: map[*impaired]struct{}{},
	}, nil
}

// Addr is where the proxy listens.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Set puts another profile into force, for open conns too.
func (p *Proxy) Set(profile Profile) { p.network.Set(profile) }

// Counts returns what the proxy has done so far.
func (p *Proxy) Counts() Counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	return Counts{
		Accepted: p.accepted.Load(), Failed: p.failed.Load(), Open: len(p.open),
		Up: p.up.Load(), Down: p.down.Load(),
	}
}

// Cut closes all open conns at once, without what is under way, and returns how many
// there were.
func (p *Proxy) Cut() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.open)
	for c := range p.open {
		c.abort()
		delete(p.open, c)
	}
	return n
}

// Run forwards until ctx ends, then cuts all conns and returns when its goroutines have
// ended. An error is one of accepting.
func (p *Proxy) Run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = p.listener.Close() })
	defer stop()
	inner, cancel := context.WithCancel(ctx)
	var conns sync.WaitGroup
	defer func() {
		cancel()
		p.Cut()
		conns.Wait()
	}()
	for nth := uint64(0); ; nth++ {
		c, err := p.listener.Accept()
		if err != nil && ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("impair: %w", errors.Join(err, p.listener.Close()))
		}
		p.accepted.Add(1)
		conns.Go(func() { p.forward(inner, c, nth) })
	}
}

// forward connects one conn with the target and returns when both directions have ended.
func (p *Proxy) forward(ctx context.Context, accepted net.Conn, nth uint64) {
	client := newConn(accepted, p.network.current.Load, p.seed, nth)
	p.mu.Lock()
	p.open[client] = struct{}{}
	p.mu.Unlock()
	stop := context.AfterFunc(ctx, client.abort)
	defer stop()
	defer func() {
		_ = client.Close()
		client.ended.Wait() // what was written last is still under way
		p.mu.Lock()
		delete(p.open, client)
		p.mu.Unlock()
	}()
	target, err := new(net.Dialer).DialContext(ctx, "tcp", p.target)
	if err != nil {
		p.failed.Add(1)
		return
	}
	defer func() { _ = target.Close() }()
	var ways sync.WaitGroup
	ways.Go(func() { transfer(target, client, &p.up) })
	ways.Go(func() { transfer(client, target, &p.down) })
	ways.Wait()
}

// transfer moves bytes until src ends, and passes the end on. If dst cannot take more,
// src is closed: its peer must not wait for answers that nobody will send.
func transfer(dst, src net.Conn, count *atomic.Int64) {
	_, err := io.Copy(counted{dst, count}, src)
	if half, ok := dst.(halfCloser); ok && err == nil {
		_ = half.CloseWrite()
		return
	}
	_ = dst.Close()
	_ = src.Close()
}

// counted counts what was written while it is being written.
type counted struct {
	io.Writer
	n *atomic.Int64
}

func (c counted) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n.Add(int64(n))
	return n, err
}
