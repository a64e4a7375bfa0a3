//go:build linux

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// wire posts one body to one path of a server, over conns that it keeps. It is what a join
// needs of HTTP/1.1, without what net/http does for everybody else: two goroutines for a
// conn, and a request anew each time. The clients share their cores with the server.
type wire struct {
	// Set once by newWire.
	addr    string
	request string
	dialer  net.Dialer

	mu   sync.Mutex // guards the following
	idle []*line
}

// line is a conn that waits for its next request.
type line struct {
	net.Conn
	answers *bufio.Reader
}

func newWire(url, path, body string) *wire {
	addr := strings.TrimPrefix(url, "http://")
	return &wire{addr: addr, request: fmt.Sprintf(
		"POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, addr, len(body), body)}
}

// post asks once, and reads the whole answer.
func (w *wire) post(ctx context.Context) (status int, text []byte, err error) {
	l, err := w.take(ctx)
	if err != nil {
		return 0, nil, err
	}
	status, text, again, err := l.exchange(w.request, time.Now().Add(joinTimeout))
	if !again {
		_ = l.Close()
		return status, text, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.idle = append(w.idle, l)
	return status, text, nil
}

// take returns the conn that was used last, whose buffers are the warmest, or a new one.
func (w *wire) take(ctx context.Context) (*line, error) {
	w.mu.Lock()
	if n := len(w.idle); n > 0 {
		l := w.idle[n-1]
		w.idle = w.idle[:n-1]
		w.mu.Unlock()
		return l, nil
	}
	w.mu.Unlock()
	c, err := w.dialer.DialContext(ctx, "tcp", w.addr)
	if err != nil {
		return nil, err
	}
	return &line{Conn: c, answers: bufio.NewReader(c)}, nil
}

// exchange is one request and its answer. again says that the conn can be used again.
func (l *line) exchange(request string, deadline time.Time) (status int, text []byte, again bool, err error) {
	if err := l.SetDeadline(deadline); err != nil {
		return 0, nil, false, err
	}
	if _, err := io.WriteString(l, request); err != nil {
		return 0, nil, false, err
	}
	answer, err := http.ReadResponse(l.answers, nil)
	if err != nil {
		return 0, nil, false, err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err = io.ReadAll(answer.Body)
	return answer.StatusCode, text, err == nil && !answer.Close, err
}

// close closes the conns that wait.
func (w *wire) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range w.idle {
		_ = l.Close()
	}
	w.idle = nil
}
