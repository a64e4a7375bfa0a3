package swarm

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// realServer is a server process of this repository's own program.
type realServer struct {
	url   string
	admin string
	cmd   *exec.Cmd
}

// build makes a program without the race detector, which would make it too slow to
// keep its schedule, and returns its path.
func build(t *testing.T, dir string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "program")
	if out, err := exec.Command("go", "build", "-o", program, dir).CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return program
}

// startServer builds and starts the program at the root of the module, on ports of
// the system's choosing, and stops it when the test ends.
func startServer(t *testing.T, args ...string) *realServer {
	t.Helper()
	program := build(t, "../..")
	args = append([]string{"-addr", "127.0.0.1:0", "-admin", "127.0.0.1:0"}, args...)
	cmd := exec.Command(program, args...)
	log := &lockedLog{}
	cmd.Stderr = log
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_, _ = io.Copy(io.Discard, stdout)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the server ended with %v", err)
		}
		if t.Failed() {
			t.Logf("the server's log:\n%s", log.tail())
		}
	})
	s := readAddresses(t, stdout)
	s.cmd = cmd
	return s
}

// readAddresses reads the lines that the server prints once it listens.
func readAddresses(t *testing.T, stdout io.Reader) *realServer {
	t.Helper()
	s := &realServer{}
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		name, address, _ := strings.Cut(lines.Text(), " ")
		address = strings.TrimSpace(address)
		switch name {
		case "play":
			s.url = strings.TrimRight(address, "/")
		case "metrics":
			s.admin = strings.TrimSuffix(address, "/metrics")
			return s
		}
	}
	t.Fatalf("the server ended before it said where it listens: %v", lines.Err())
	return nil
}

// metric returns one value of the server's metrics page.
func (s *realServer) metric(t *testing.T, name string) int64 {
	t.Helper()
	page, err := fetch(t.Context(), http.DefaultClient, s.admin+"/metrics")
	if err != nil {
		t.Fatal(err)
	}
	v, ok := parseMetrics(string(page))[name]
	if !ok {
		t.Fatalf("the server has no metric %s", name)
	}
	return int64(v)
}

// lockedLog keeps what a process wrote, for a test that fails.
type lockedLog struct {
	mu   sync.Mutex // guards the following
	text []byte
}

// Write never fails.
func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	return len(p), nil
}

func (l *lockedLog) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if cut := len(l.text) - 4000; cut > 0 {
		return fmt.Sprintf("... %s", l.text[cut:])
	}
	return string(l.text)
}
