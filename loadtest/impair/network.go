package impair

import (
	"context"
	"fmt"
	"net"
	"sync/atomic"
	"time"
)

// Network is one profile that many conns share: its blackout comes for all of them at
// once, and the profile can be changed while they are open. Safe from any goroutine.
type Network struct {
	current atomic.Pointer[regime]
}

// NewNetwork returns a network with the profile in force from now on.
func NewNetwork(p Profile) *Network {
	n := &Network{}
	n.Set(p)
	return n
}

// Set puts another profile into force. What is under way keeps its time of arrival; a
// blackout counts from now.
func (n *Network) Set(p Profile) {
	n.current.Store(&regime{profile: p, since: time.Now()})
}

// Profile returns the one in force.
func (n *Network) Profile() Profile { return n.current.Load().profile }

// Dial connects over the network.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Dialer returns a Dial for one player: the nth conn of the same seed has the same
// delays. It connects by the given one, nil for a net.Dialer, and takes a round trip
// for it.
func (n *Network) Dialer(dial Dial, seed uint64) Dial {
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	var conns atomic.Uint64
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		nth := conns.Add(1)
		if err := n.handshake(ctx, seed, nth); err != nil {
			return nil, fmt.Errorf("dial %s: %w", address, err)
		}
		inner, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return newConn(inner, n.current.Load, seed, nth), nil
	}
}

// handshake waits as long as a SYN and its answer take.
func (n *Network) handshake(ctx context.Context, seed, nth uint64) error {
	there := newLink(n.current.Load, seed, ^(2 * nth))
	back := newLink(n.current.Load, seed, ^(2*nth + 1))
	wait := time.NewTimer(time.Until(back.arrival(there.arrival(time.Now(), 0), 0)))
	defer wait.Stop()
	select {
	case <-wait.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
