package peer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// maxBody bounds what a peer sends or answers, in bytes: a match of a thousand players.
const maxBody = 1 << 20

// ErrUnreachable is a peer that does not answer, or not as a peer does.
var ErrUnreachable = errors.New("peer: not reachable")

// Client calls peers. It is safe from any goroutine.
type Client struct {
	keys *Keys
	http *http.Client
}

// NewClient returns a client that signs with keys.
func NewClient(keys *Keys) *Client {
	return &Client{keys: keys, http: &http.Client{
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: dialTimeout}).DialContext,
			MaxIdleConnsPerHost: 32,
			IdleConnTimeout:     time.Minute,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Call sends question as JSON to a path of the peer at address and reads its answer. A
// status other than 200 comes with the answer undecoded, as raw; ErrUnreachable is
// everything that is not an answer.
func (c *Client) Call(ctx context.Context, address, path string, question, answer any) (status int, raw []byte, err error) {
	body, err := json.Marshal(question)
	if err != nil {
		return 0, nil, fmt.Errorf("peer: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	r.Header.Set("Content-Type", "application/json")
	c.keys.Sign(r, body, time.Now())
	said, err := c.http.Do(r)
	if err != nil {
		return 0, nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	defer func() { _ = said.Body.Close() }()
	raw, err = io.ReadAll(io.LimitReader(said.Body, maxBody))
	if err != nil {
		return 0, nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	if said.StatusCode != http.StatusOK {
		return said.StatusCode, raw, nil
	}
	if err := json.Unmarshal(raw, answer); err != nil {
		return 0, nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return said.StatusCode, raw, nil
}

// Accept lets only signed requests through to next, with their body read and their
// RemoteAddr that of the player whom they are for.
func (k *Keys) Accept(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil || k.Verify(r, body, time.Now()) != nil {
			http.Error(w, "not signed by a peer; is -secret the same on all nodes?", http.StatusForbidden)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if client := r.Header.Get(clientHeader); client != "" {
			r.RemoteAddr = net.JoinHostPort(client, "0")
			r.Header.Del(clientHeader)
		}
		next.ServeHTTP(w, r)
	})
}
