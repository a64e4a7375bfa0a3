package proc

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// leaveTime is how long a process may take to end before it is killed.
const leaveTime = 10 * time.Second

// Child is a process that was started here and is ended here, by Stop or with its
// context. It is for one goroutine.
type Child struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines *bufio.Scanner
	log   tail
	once  sync.Once
	ended error
}

// Start runs a program. What it prints is read by Line and Ask.
func Start(ctx context.Context, program string, args ...string) (*Child, error) {
	c := &Child{cmd: exec.CommandContext(ctx, program, args...)}
	c.cmd.Cancel = func() error { return c.cmd.Process.Signal(syscall.SIGTERM) }
	c.cmd.WaitDelay = leaveTime
	c.cmd.Stderr = &c.log
	in, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.in, c.lines = in, bufio.NewScanner(out)
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	return c, nil
}

// PID is the process's number.
func (c *Child) PID() int { return c.cmd.Process.Pid }

// Line returns the next line of what it prints.
func (c *Child) Line() (string, error) {
	if c.lines.Scan() {
		return c.lines.Text(), nil
	}
	err := c.lines.Err()
	if err == nil {
		err = io.ErrUnexpectedEOF
	}
	return "", fmt.Errorf("%s said nothing more: %w\n%s", c.cmd.Path, err, c.log.text())
}

// Read reads its next line, of JSON, into v.
func (c *Child) Read(v any) error {
	line, err := c.Line()
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(line), v)
}

// Ask asks a process that answers as role.Answer does.
func (c *Child) Ask(v any) error {
	if _, err := io.WriteString(c.in, "\n"); err != nil {
		return err
	}
	return c.Read(v)
}

// Kill ends the process without a word and waits for it. Stop does nothing then.
func (c *Child) Kill() { _ = c.stop(syscall.SIGKILL) }

// Stop ends the process and waits for it. Calls after the first do nothing.
func (c *Child) Stop() error { return c.stop(syscall.SIGTERM) }

func (c *Child) stop(by syscall.Signal) error {
	c.once.Do(func() {
		if by != syscall.SIGKILL {
			_ = c.in.Close() // ends a role
		}
		_ = c.cmd.Process.Signal(by)
		kill := time.AfterFunc(leaveTime, func() { _ = c.cmd.Process.Kill() })
		defer kill.Stop()
		for c.lines.Scan() { // to the end, or Wait would cut it off
		}
		c.ended = c.cmd.Wait()
		var code *exec.ExitError
		if errors.As(c.ended, &code) && !code.Exited() {
			c.ended = nil // by our signal
		}
		if c.ended != nil {
			c.ended = fmt.Errorf("%s: %w\n%s", c.cmd.Path, c.ended, c.log.text())
		}
	})
	return c.ended
}

// tail keeps the end of a log.
type tail struct {
	mu   sync.Mutex // guards the following
	kept []byte
}

const tailSize = 4 << 10

// Write never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - tailSize; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
	return len(p), nil
}

func (t *tail) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.kept))
}
