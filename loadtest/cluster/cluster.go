// Package cluster runs several servers, the Redis that they share and one public address
// in front of them, all on this machine: to try a cluster, and to see what it does when
// parts of it die.
package cluster

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/roomtick/roomtick/loadtest/bench/proc"
)

// Options is what to run.
type Options struct {
	Program string                  // the server's
	Nodes   int                     // how many of it
	Addr    string                  // public address, host:port
	Dir     string                  // for files that are not kept
	Args    func(node int) []string // further flags of a server; may be nil
}

// Cluster is what runs. Its methods are for one goroutine.
type Cluster struct {
	Redis *Redis
	Nodes []*proc.Server // nil where one was killed

	opts   Options
	secret string
	front  *front
}

// Start runs a cluster, and returns once all of it answers.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	c := &Cluster{opts: o, secret: rand.Text() + rand.Text(), Nodes: make([]*proc.Server, o.Nodes)}
	var err error
	if c.Redis, err = StartRedis(ctx, o.Dir); err != nil {
		return nil, err
	}
	if c.front, err = newFront(ctx, o.Addr); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	for i := range c.Nodes {
		if err := c.StartNode(ctx, i); err != nil {
			return nil, errors.Join(err, c.Stop())
		}
	}
	return c, nil
}

// URL is the one public address.
func (c *Cluster) URL() string { return c.front.url() }

// StartNode runs the i-th node, anew if it was killed.
func (c *Cluster) StartNode(ctx context.Context, i int) error {
	args := []string{"-redis", c.Redis.URL(), "-secret", c.secret, "-public-url", c.URL()}
	if c.opts.Args != nil {
		args = append(args, c.opts.Args(i)...)
	}
	s, err := proc.StartServer(ctx, c.opts.Program, args...)
	if err != nil {
		return fmt.Errorf("node %d: %w", i+1, err)
	}
	c.Nodes[i] = s
	c.spread()
	return nil
}

// KillNode ends the i-th node without a word, as a machine does that dies.
func (c *Cluster) KillNode(i int) {
	c.Nodes[i].Kill()
	c.Nodes[i] = nil
	c.spread()
}

// spread tells the front which nodes there are.
func (c *Cluster) spread() {
	var addrs []string
	for _, n := range c.Nodes {
		if n != nil {
			addrs = append(addrs, strings.TrimPrefix(n.URL, "http://"))
		}
	}
	c.front.set(addrs)
}

// Stop ends everything, the nodes with their goodbyes.
func (c *Cluster) Stop() error {
	var wrong []error
	for i, n := range c.Nodes {
		if n != nil {
			wrong = append(wrong, n.Stop())
			c.Nodes[i] = nil
		}
	}
	if c.front != nil {
		c.front.stop()
	}
	c.Redis.Kill()
	return errors.Join(wrong...)
}
