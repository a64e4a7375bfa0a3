package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// booking is the answer of POST /v1/match.
type booking struct {
	Room  string `json:"room"`
	URL   string `json:"url"`
	Token string `json:"token"`
}

// problem is an RFC 9457 error body.
type problem struct {
	Title  string `json:"title"`
	Detail string `json:"detail"`
	Hint   string `json:"hint"` // what to do
}

// errBusy wraps answers that ask the client to try again.
var errBusy = errors.New("busy")

const (
	maxAnswer   = 64 << 10 // bytes of a matchmaking answer
	firstRetry  = 50 * time.Millisecond
	longestWait = 2 * time.Second // between two tries, whatever Retry-After says
)

// match asks for a seat. It tries again while the server answers 429 or 503 and ctx
// lasts; retries is how often it did.
func match(ctx context.Context, o *Options) (b booking, retries int, err error) {
	wait := firstRetry
	for {
		b, after, err := matchOnce(ctx, o)
		if !errors.Is(err, errBusy) {
			return b, retries, err
		}
		timer := time.NewTimer(min(max(after, wait), longestWait))
		select {
		case <-ctx.Done():
			timer.Stop()
			return b, retries, err
		case <-timer.C:
		}
		wait *= 2
		retries++
	}
}

func matchOnce(ctx context.Context, o *Options) (b booking, retryAfter time.Duration, err error) {
	asked := map[string]any{"game": o.Game, "name": o.Name}
	if o.Room != "" {
		asked["room"] = o.Room
	}
	if o.Create {
		asked["create"] = true
	}
	body, err := json.Marshal(asked)
	if err != nil {
		return b, 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(o.URL, "/")+"/v1/match", bytes.NewReader(body))
	if err != nil {
		return b, 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := o.HTTP.Do(req)
	if err != nil {
		return b, 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return b, 0, fmt.Errorf("match: %w", err)
	}
	if resp.StatusCode/100 != 2 {
		return b, retryIn(resp.Header), refusal(resp.StatusCode, answer)
	}
	if err := json.Unmarshal(answer, &b); err != nil {
		return b, 0, fmt.Errorf("match: %w", err)
	}
	b.URL, err = socketURL(o.URL, b.URL)
	return b, 0, err
}

func retryIn(h http.Header) time.Duration {
	seconds, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

func refusal(status int, answer []byte) error {
	var p problem
	if json.Unmarshal(answer, &p) != nil || p.Title == "" {
		p.Title = http.StatusText(status)
	}
	err := fmt.Errorf("match: %d %s: %s %s", status, p.Title, p.Detail, p.Hint)
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		return fmt.Errorf("%w: %w", errBusy, err)
	}
	return err
}

// socketURL resolves the URL of a booking against the server's, with a WebSocket
// scheme.
func socketURL(server, given string) (string, error) {
	base, err := url.Parse(server)
	if err != nil {
		return "", err
	}
	ref, err := url.Parse(given)
	if err != nil || given == "" {
		return "", fmt.Errorf("match: answered with url %q", given)
	}
	u := base.ResolveReference(ref)
	switch u.Scheme {
	case "http":
		u.Scheme = "ws"
	case "https":
		u.Scheme = "wss"
	}
	return u.String(), nil
}
