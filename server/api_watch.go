package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"reflect"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/roomtick/roomtick/server/directory"
)

const (
	// maxWatching may watch the list at once, and as many of one address: a goroutine and
	// about 20 KB each.
	maxWatching       = 1000
	maxWatchingOfOne  = 20
	watchHeartbeat    = 10 * time.Second // proxies close what is silent for a minute
	watchWriteTimeout = 5 * time.Second  // for who does not read
)

// describeWatch adds GET /v1/rooms/watch to the description; its handler is not huma's,
// which knows no streams that one comes back to.
func (n *node) describeWatch(api huma.API, registry huma.Registry) {
	op := n.operation(registry, huma.Operation{
		OperationID: "watchRooms", Method: http.MethodGet, Path: "/v1/rooms/watch",
		Summary:     "Watch the list of public rooms",
		Description: "Server-sent events: list begins the list anew with its first rooms, more goes on with it, room is one that is new or has changed, gone one that is not in the list any more. Who comes back with Last-Event-ID goes on where it was, or gets list again.",
	}, "422", "429", "503")
	for _, p := range []string{"game", "mode", "region", "build", "filter"} {
		op.Parameters = append(op.Parameters, &huma.Param{Name: p, In: "query", Schema: &huma.Schema{Type: huma.TypeString}, Description: "As of GET /v1/rooms."})
	}
	op.Parameters = append(op.Parameters,
		&huma.Param{Name: "free", In: "query", Schema: &huma.Schema{Type: huma.TypeInteger}, Description: "As of GET /v1/rooms."},
		&huma.Param{Name: "Last-Event-ID", In: "header", Schema: &huma.Schema{Type: huma.TypeString}, Description: "The id of the last event received."})
	op.Responses["200"] = &huma.Response{
		Description: "Events, until either side ends them",
		Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: registry.Schema(reflect.TypeFor[watchEvent](), true, "WatchEvent")}},
	}
	api.OpenAPI().AddOperation(&op)
}

// watchEvent is the data of an event.
type watchEvent struct {
	Rooms *[]roomInfo `json:"rooms,omitempty" doc:"Of list and more: rooms, ordered by id."`
	Room  *roomInfo   `json:"room,omitempty" doc:"Of room: one that is new or has changed."`
	Gone  string      `json:"gone,omitempty" doc:"Of gone: the id of a room."`
}

// watchRooms is GET /v1/rooms/watch.
func (n *node) watchRooms() http.Handler {
	gate := &places{most: maxWatchingOfOne, taken: make(map[netip.Addr]int)}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q, p := watchQuery(r)
		if p != nil {
			p.write(w)
			return
		}
		from := addressOf(r.RemoteAddr)
		if !gate.enter(from) {
			tooManyWatching().write(w)
			return
		}
		defer gate.leave(from)
		if !n.watch.enter(r.Context(), maxWatching) {
			tooManyWatching().write(w)
			return
		}
		defer n.watch.leave()
		s := &watchStream{n: n, w: w, control: http.NewResponseController(w), query: q}
		s.run(r)
	})
}

func watchQuery(r *http.Request) (directory.Query, *Problem) {
	v := r.URL.Query()
	in := RoomsQuery{Game: v.Get("game"), Mode: v.Get("mode"), Region: v.Get("region"), Build: v.Get("build"), Filter: v.Get("filter")}
	if text := v.Get("free"); text != "" {
		free, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			return directory.Query{}, badQuery(http.StatusUnprocessableEntity, "free: not a number of seats")
		}
		in.Free = int(free)
	}
	return in.find()
}

// watchStream is one answer.
type watchStream struct {
	n       *node
	w       http.ResponseWriter
	control *http.ResponseController
	query   directory.Query
	buf     bytes.Buffer
	next    uint64 // number of the next change to tell
}

func (s *watchStream) run(r *http.Request) {
	h := s.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")           // nginx would keep events until its buffer is full
	_ = s.control.SetReadDeadline(time.Time{}) // the server's is for requests; in tests there is no socket
	if last, ok := s.n.watch.number(r.Header.Get("Last-Event-ID")); ok {
		s.next = last + 1
	}
	beat := time.NewTicker(watchHeartbeat)
	defer beat.Stop()
	for {
		wait, err := s.tell()
		if err != nil {
			return
		}
		select {
		case <-wait:
		case <-beat.C:
			s.buf.WriteString(": \n\n")
		case <-r.Context().Done():
			return
		case <-s.n.ending:
			return
		}
	}
}

// tell writes what there is to tell, and returns what is closed when there is more.
func (s *watchStream) tell() (<-chan struct{}, error) {
	changes, wait, ok := s.n.watch.since(s.next)
	if !ok {
		if err := s.tellList(); err != nil {
			return nil, err
		}
		changes, wait, _ = s.n.watch.since(s.next)
	}
	for _, c := range changes {
		switch {
		case c.now != nil && s.query.Wants(c.now):
			info := infoOf(c.now)
			s.event("room", c.number, watchEvent{Room: &info})
		case c.before != nil && s.query.Wants(c.before):
			s.event("gone", c.number, watchEvent{Gone: c.before.Room})
		}
		s.next = c.number + 1
	}
	return wait, s.flush()
}

// tellList writes all rooms, in parts. Only the last part has an id: who comes back
// without having had it needs all of them again.
func (s *watchStream) tellList() error {
	rooms, next := s.n.watch.snapshot(&s.query)
	s.next = next
	for name := "list"; ; name = "more" {
		part := rooms[:min(len(rooms), watchPart)]
		rooms = rooms[len(part):]
		all := make([]roomInfo, len(part))
		for i := range part {
			all[i] = infoOf(part[i])
		}
		id := noID
		if len(rooms) == 0 {
			id = next - 1
		}
		s.event(name, id, watchEvent{Rooms: &all})
		if err := s.flush(); err != nil || len(rooms) == 0 {
			return err
		}
	}
}

// noID is for events that nobody can go on behind.
const noID = ^uint64(0)

// event appends one event as the standard has it (HTML, 9.2.5).
func (s *watchStream) event(name string, number uint64, e watchEvent) {
	data, err := json.Marshal(e)
	if err != nil {
		return // plain data always marshals
	}
	fmt.Fprintf(&s.buf, "event: %s\n", name)
	if number != noID {
		fmt.Fprintf(&s.buf, "id: %s\n", s.n.watch.id(number))
	}
	fmt.Fprintf(&s.buf, "data: %s\n\n", data)
}

// flush writes what is in buf, in a time of its own: the server's limit is on whole answers.
func (s *watchStream) flush() error {
	if s.buf.Len() == 0 {
		return nil
	}
	err := s.control.SetWriteDeadline(time.Now().Add(watchWriteTimeout))
	if errors.Is(err, http.ErrNotSupported) { // in tests without a socket
		err = nil
	}
	if err == nil {
		_, err = s.w.Write(s.buf.Bytes())
	}
	s.buf.Reset()
	if err == nil {
		err = s.control.Flush()
	}
	return err
}

// places bounds how many requests of one address are under way.
type places struct {
	most int

	mu    sync.Mutex // guards the following
	taken map[netip.Addr]int
}

func (p *places) enter(who netip.Addr) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken[who] >= p.most {
		return false
	}
	p.taken[who]++
	return true
}

func (p *places) leave(who netip.Addr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken[who]--; p.taken[who] == 0 {
		delete(p.taken, who)
	}
}
