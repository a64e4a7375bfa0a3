package client

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Stream is a ticket as the server tells of it by itself. It is not safe for use from more
// than one goroutine.
type Stream struct {
	ticket *Ticket
	body   io.Closer
	lines  *bufio.Scanner
}

// Watch opens the stream of a ticket, for as long as ctx lasts. A server that has too many
// open refuses; then Wait is the way.
func (t *Ticket) Watch(ctx context.Context, member int) (*Stream, error) {
	r := request{what: "ticket events", method: http.MethodGet, path: t.path + "/events", secret: t.secrets[member]}
	resp, err := r.open(ctx, &t.opts)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		defer func() { _ = resp.Body.Close() }()
		answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.what, err)
		}
		return nil, r.refusal(resp.StatusCode, answer)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, maxAnswer)
	return &Stream{ticket: t, body: resp.Body, lines: lines}, nil
}

// Next waits until the server tells the ticket's state again. It is io.EOF once the server
// has nothing more to tell, which it says when the ticket waits no more.
func (s *Stream) Next() (v TicketView, err error) {
	for s.lines.Scan() {
		data, found := strings.CutPrefix(s.lines.Text(), "data: ")
		if !found {
			continue
		}
		if err := json.Unmarshal([]byte(data), &v); err != nil {
			return v, fmt.Errorf("ticket events: %w", err)
		}
		if v.URL != "" {
			v.URL, err = socketURL(s.ticket.opts.URL, v.URL)
		}
		return v, err
	}
	if err := s.lines.Err(); err != nil {
		return v, fmt.Errorf("ticket events: %w", err)
	}
	return v, io.EOF
}

// Close ends the stream.
func (s *Stream) Close() { _ = s.body.Close() }
