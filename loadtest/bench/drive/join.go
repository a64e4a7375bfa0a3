//go:build linux

package drive

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/roomtick/roomtick/schema"
)

const (
	// joinTries bounds how often a busy server is asked again.
	joinTries = 20
	joinPause = 100 * time.Millisecond
	// greetTime is how long a server may take to answer a handshake. One that can open no
	// more files leaves its sockets in the queue of its listener, where they are connected
	// and nobody ever answers.
	greetTime = 30 * time.Second
)

// errJoins is a server's that let its clients in too slowly to be measured.
var errJoins = errors.New("not all clients were in by then")

// joinWithin brings every client in, and the slow one, which stays for as long as ctx.
func (s *swarm) joinWithin(ctx context.Context, limit time.Duration) error {
	joining, cancel := context.WithTimeoutCause(ctx, limit, errJoins)
	defer cancel()
	err := s.join(joining, ctx)
	if err != nil && joining.Err() != nil {
		err = fmt.Errorf("%v: %w", limit, context.Cause(joining))
	}
	return err
}

func (s *swarm) join(ctx, staying context.Context) error {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = s.cfg.Joiners
	defer transport.CloseIdleConnections()
	j := joiner{cfg: s.cfg, http: &http.Client{Transport: transport, Timeout: greetTime}}
	if s.cfg.Slow > 0 {
		s.slow = newSlow(s)
	}
	numbers := make(chan int)
	failed := make(chan error, s.cfg.Joiners)
	var workers sync.WaitGroup
	for range s.cfg.Joiners {
		workers.Go(func() {
			for i := range numbers {
				if err := s.joinOne(ctx, &j, i); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	err := feed(numbers, s.cfg.Clients, failed)
	workers.Wait()
	if err == nil && s.slow != nil {
		err = s.slow.start(staying, &j)
	}
	return err
}

// feed hands out the numbers of the clients until one could not be brought in.
func feed(numbers chan<- int, clients int, failed <-chan error) error {
	defer close(numbers)
	for i := range clients {
		select {
		case numbers <- i:
		case err := <-failed:
			return fmt.Errorf("client %d: %w", i, err)
		}
	}
	return nil
}

func (s *swarm) joinOne(ctx context.Context, j *joiner, i int) error {
	nc, err := j.dial(ctx)
	if err != nil {
		return err
	}
	defer nc.Close() // the socket lives on as a duplicate
	fd, err := socket(nc)
	if err != nil {
		return err
	}
	return s.shards[i%len(s.shards)].add(fd, i < s.cfg.Stalled)
}

// joiner opens conns.
type joiner struct {
	cfg  Config
	http *http.Client
}

// seat is what matchmaking answers.
type seat struct {
	URL   string `json:"url"`
	Token string `json:"token"`
}

// dial gets a seat, opens its WebSocket and says hello.
func (j *joiner) dial(ctx context.Context) (net.Conn, error) {
	at := seat{URL: "ws://" + j.cfg.Raw + "/", Token: "none"}
	if j.cfg.Raw == "" {
		var err error
		if at, err = j.match(ctx); err != nil {
			return nil, err
		}
	}
	u, err := url.Parse(at.URL)
	if err != nil {
		return nil, err
	}
	d := net.Dialer{Timeout: greetTime}
	nc, err := d.DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return nil, err
	}
	_ = nc.SetDeadline(time.Now().Add(greetTime)) // of a socket that is open
	if err := upgrade(nc, u, at.Token); err != nil {
		_ = nc.Close()
		return nil, fmt.Errorf("greet: %w", err)
	}
	_ = nc.SetDeadline(time.Time{})
	return nc, nil
}

// match asks for a seat; a server that is busy, or does not answer, is asked again.
func (j *joiner) match(ctx context.Context) (seat, error) {
	body, err := json.Marshal(map[string]string{"game": j.cfg.Game, "name": "bot"})
	if err != nil {
		return seat{}, err
	}
	for try := 1; ; try++ {
		at, retry, err := j.ask(ctx, body)
		if err == nil || !retry || try == joinTries {
			return at, err
		}
		select {
		case <-time.After(joinPause):
		case <-ctx.Done():
			return seat{}, ctx.Err()
		}
	}
}

func (j *joiner) ask(ctx context.Context, body []byte) (at seat, retry bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, j.cfg.URL+"/v1/match", bytes.NewReader(body))
	if err != nil {
		return at, false, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := j.http.Do(req)
	if err != nil {
		return at, true, err // the server may have closed an idle conn just now
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	if err != nil {
		return at, false, err
	}
	if resp.StatusCode != http.StatusOK {
		return at, resp.StatusCode == http.StatusServiceUnavailable, fmt.Errorf("match: %s: %s", resp.Status, text)
	}
	return at, false, json.Unmarshal(text, &at)
}

// upgrade does the handshake and says hello. The server sends nothing before that, so
// nothing can be lost in the reader.
func upgrade(nc net.Conn, u *url.URL, token string) error {
	if _, err := fmt.Fprintf(nc, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: %s, seat.%s\r\n\r\n",
		u.RequestURI(), u.Host, schema.Subprotocol, token); err != nil {
		return err
	}
	resp, err := http.ReadResponse(bufio.NewReader(nc), nil)
	if err != nil {
		return err
	}
	_ = resp.Body.Close() // an upgrade has none
	if resp.StatusCode != http.StatusSwitchingProtocols {
		return fmt.Errorf("upgrade: %s", resp.Status)
	}
	hello := schema.NewBuilder(256).ClientFrame(&schema.ClientFrame{HasHello: true, Hello: schema.Hello{SDK: "bench"}})
	_, err = nc.Write(appendMessage(nil, hello))
	return err
}

// socket returns a duplicate of nc's socket, out of the hands of Go's poller.
func socket(nc net.Conn) (int, error) {
	tcp, ok := nc.(*net.TCPConn)
	if !ok {
		return 0, errors.New("not TCP")
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return 0, err
	}
	var fd int
	var failed error
	if err := raw.Control(func(from uintptr) { fd, failed = unix.FcntlInt(from, unix.F_DUPFD_CLOEXEC, 0) }); err != nil {
		return 0, err
	}
	if failed != nil {
		return 0, failed
	}
	return fd, unix.SetNonblock(fd, true)
}
