package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// problem is an RFC 9457 error body.
type problem struct {
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Hint   string `json:"hint"` // what to do
}

// errBusy wraps answers that ask the client to try again.
var errBusy = errors.New("busy")

const (
	maxAnswer   = 64 << 10 // bytes of an answer
	firstRetry  = 50 * time.Millisecond
	longestWait = 2 * time.Second // between two tries, whatever Retry-After says
)

// request is one call of the server's HTTP API.
type request struct {
	what   string // in errors, such as match
	method string
	path   string
	secret string // of a ticket's member; empty: none is sent
	body   any    // sent as JSON; nil: none
}

// send sends the request and reads the answer into into. It tries again while the server
// answers 429 or 503 and ctx lasts; retries is how often it did.
func (r *request) send(ctx context.Context, o *Options, into any) (retries int, err error) {
	wait := firstRetry
	for {
		after, err := r.once(ctx, o, into)
		if !errors.Is(err, errBusy) {
			return retries, err
		}
		timer := time.NewTimer(min(max(after, wait), longestWait))
		select {
		case <-ctx.Done():
			timer.Stop()
			return retries, err
		case <-timer.C:
		}
		wait *= 2
		retries++
	}
}

// open sends the request once. The caller closes the answer's body.
func (r *request) open(ctx context.Context, o *Options) (*http.Response, error) {
	var body io.Reader
	if r.body != nil {
		text, err := json.Marshal(r.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, strings.TrimRight(o.URL, "/")+r.path, body)
	if err != nil {
		return nil, err
	}
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.secret != "" {
		req.Header.Set("Ticket-Secret", r.secret)
	}
	return o.HTTP.Do(req)
}

func (r *request) once(ctx context.Context, o *Options, into any) (retryAfter time.Duration, err error) {
	resp, err := r.open(ctx, o)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return 0, fmt.Errorf("%s: %w", r.what, err)
	}
	if resp.StatusCode/100 != 2 {
		return retryIn(resp.Header), r.refusal(resp.StatusCode, answer)
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return 0, fmt.Errorf("%s: %w", r.what, err)
	}
	return 0, nil
}

func retryIn(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

func (r *request) refusal(status int, answer []byte) error {
	var p problem
	if json.Unmarshal(answer, &p) != nil || p.Title == "" {
		p.Title = http.StatusText(status)
	}
	err := fmt.Errorf("%s: %d %s: %s %s", r.what, status, p.Title, p.Detail, p.Hint)
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		return fmt.Errorf("%w: %w", errBusy, err)
	}
	return err
}
