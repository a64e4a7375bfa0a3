package cluster

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// Redis is a redis-server process on a port of its own that keeps nothing on disk: killed
// and started again it is empty.
type Redis struct {
	program string
	dir     string
	addr    string
	cmd     *exec.Cmd
	ended   chan error
}

// StartRedis runs a redis-server with its working files in dir.
func StartRedis(ctx context.Context, dir string) (*Redis, error) {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, fmt.Errorf("redis-server is missing: run 'sudo apt-get install -y redis-server'")
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &Redis{program: program, dir: dir, addr: l.Addr().String()}
	if err := l.Close(); err != nil {
		return nil, err
	}
	return r, r.Start(ctx)
}

// URL is what the nodes are given as -redis.
func (r *Redis) URL() string { return "redis://" + r.addr }

// Start runs it, again after Kill, and waits until it answers.
func (r *Redis) Start(ctx context.Context) error {
	_, port, err := net.SplitHostPort(r.addr)
	if err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(r.dir, "redis.log")) //nolint:gosec // a folder of ours
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()                                                                                         // the process has its own
	r.cmd = exec.Command(r.program, "--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no", "--dir", r.dir) //nolint:gosec // found by LookPath
	r.cmd.Stdout, r.cmd.Stderr = log, log
	if err := r.cmd.Start(); err != nil {
		return err
	}
	r.ended = make(chan error, 1)
	go func(cmd *exec.Cmd, ended chan error) { ended <- cmd.Wait() }(r.cmd, r.ended)
	return r.answers(ctx)
}

// answers waits until a conn is accepted.
func (r *Redis) answers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", r.addr)
		if err == nil {
			return c.Close()
		}
		select {
		case err := <-r.ended:
			return fmt.Errorf("redis-server ended: %w; see %s", err, filepath.Join(r.dir, "redis.log"))
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("redis-server does not answer: %w", err)
		}
	}
}

// Kill ends it without a word, as a machine does that dies.
func (r *Redis) Kill() {
	if r.ended == nil {
		return
	}
	_ = r.cmd.Process.Kill()
	_ = <-r.ended // by our signal
	r.ended = nil
}
