package results

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

const (
	// attemptTimeout bounds one attempt: a receiver that accepts a result stores it, and
	// does what takes longer afterwards.
	attemptTimeout = 10 * time.Second

	// maxAnswer bounds what is read of an answer, so that the conn can be used again.
	maxAnswer = 64 << 10

	// maxRetryAfter bounds what a receiver may ask for: a slip of the pen there must not
	// stop results for a year.
	maxRetryAfter = time.Hour
)

// Webhook is a Receiver at the end of a URL. Status 2xx accepts a result.
type Webhook struct {
	url    string
	keys   [][]byte
	client *http.Client
}

// NewWebhook sends results to url, signed with each of the keys.
func NewWebhook(url string, keys ...[]byte) *Webhook {
	return &Webhook{url: url, keys: keys, client: &http.Client{
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            (&net.Dialer{Timeout: attemptTimeout / 2}).DialContext,
			MaxIdleConnsPerHost:    1,
			IdleConnTimeout:        time.Minute,
			MaxResponseHeaderBytes: maxAnswer,
			DisableCompression:     true, // nobody reads the answer
		},
		// A redirect could lead anywhere, and turn the POST into a GET.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Name implements Receiver.
func (*Webhook) Name() string { return "webhook" }

// Close ends idle conns.
func (w *Webhook) Close() { w.client.CloseIdleConnections() }

// Deliver implements Receiver.
func (w *Webhook) Deliver(ctx context.Context, id string, body []byte, attempt int) Answer {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return Answer{Verdict: Away, Err: err}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "roomtick")
	req.Header.Set(SignatureHeader, Sign(body, time.Now(), w.keys...))
	req.Header.Set(IDHeader, id)
	req.Header.Set(AttemptHeader, strconv.Itoa(attempt))
	res, err := w.client.Do(req)
	if err != nil {
		return Answer{Verdict: verdictOf(err), Err: err}
	}
	defer res.Body.Close()
	_, _ = io.CopyN(io.Discard, res.Body, maxAnswer) // only the status counts
	return judge(res, time.Now())
}

// verdictOf tells a receiver that was not reached from one that took the request and gave
// no answer: that may be the fault of this result.
func verdictOf(err error) Verdict {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return Away
	}
	return Failed
}

// judge reads an answer. Nothing but a 2xx accepts a result, not even 410: what is lost by
// a mistake in somebody's proxy cannot be had again.
func judge(res *http.Response, now time.Time) Answer {
	a := Answer{After: retryAfter(res.Header.Get("Retry-After"), now)}
	switch code := res.StatusCode; {
	case code >= 200 && code <= 299:
		return Answer{}
	case code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable || code == http.StatusTooEarly:
		a.Verdict = Away
	case code == http.StatusUnauthorized || code == http.StatusForbidden || code == http.StatusNotFound || code == http.StatusMethodNotAllowed:
		a.Verdict = Failed // more likely a wrong key or address than a wrong result
	case code >= 400 && code <= 499 && code != http.StatusRequestTimeout:
		a.Verdict = Refused
	default:
		a.Verdict = Failed
	}
	a.Err = fmt.Errorf("the receiver answered %s", res.Status)
	if location := res.Header.Get("Location"); location != "" && res.StatusCode/100 == 3 {
		a.Err = fmt.Errorf("the receiver answered %s; redirects are not followed, set -results-url to where it leads", res.Status)
	}
	return a
}

// retryAfter reads seconds or a date; 0 if it says nothing.
func retryAfter(text string, now time.Time) time.Duration {
	var d time.Duration
	if s, err := strconv.ParseUint(text, 10, 31); err == nil {
		d = time.Duration(s) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		d = at.Sub(now)
	}
	return min(max(d, 0), maxRetryAfter)
}
