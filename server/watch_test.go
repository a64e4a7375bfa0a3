package server

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/roomtick/roomtick/server/conn/conntest"
	"github.com/roomtick/roomtick/server/directory"
)

// listener is a client of GET /v1/rooms/watch.
type listener struct {
	t      *testing.T
	res    *http.Response
	events chan told
	leave  context.CancelFunc
}

// told is an event.
type told struct {
	name, id string
	data     watchEvent
}

func (s *running) listen(t *testing.T, query, lastID string) *listener {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/v1/rooms/watch?"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{t: t, res: res, events: make(chan told, 1000), leave: cancel}
	t.Cleanup(func() {
		cancel()
		_ = res.Body.Close()
	})
	go l.read()
	return l
}

func (l *listener) read() {
	defer close(l.events)
	var e told
	lines := bufio.NewScanner(l.res.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ": ")
		switch field {
		case "event":
			e.name = value
		case "id":
			e.id = value
		case "data":
			if err := json.Unmarshal([]byte(value), &e.data); err != nil {
				l.t.Error(err)
			}
		case "":
			if e.name != "" {
				l.events <- e
			}
			e = told{}
		}
	}
}

// next waits for an event of a name; others before it are passed over.
func (l *listener) next(name string) told {
	l.t.Helper()
	for e := range l.events {
		if e.name == name {
			return e
		}
	}
	l.t.Fatalf("no %s before the end", name)
	return told{}
}

func TestWatchingStartsWithTheListAndGoesOnWithChanges(t *testing.T) {
	s := startBoard(t)
	first := s.joinBoard(t, ``).Room
	l := s.listen(t, "game=board", "")
	if ct := l.res.Header.Get("Content-Type"); ct != "text/event-stream" {
		t.Errorf("Content-Type %q", ct)
	}
	e := l.next("list")
	if len(*e.data.Rooms) != 1 || (*e.data.Rooms)[0].Room != first {
		t.Fatalf("list is %+v", *e.data.Rooms)
	}
	s.match(t, "of another game")
	second := s.joinBoard(t, `"create":true,"properties":{"map":"ice"}`).Room
	s.joinBoard(t, `"create":true,"private":true`)
	if e := l.next("room"); e.data.Room.Room != second || e.data.Room.Properties["map"] != "ice" || e.id == "" {
		t.Errorf("told %+v", e)
	}
	s.joinBoard(t, `"room":"`+first+`"`)
	if e := l.next("room"); e.data.Room.Room != first || e.data.Room.Reserved != 2 {
		t.Errorf("told %+v", e.data.Room)
	}
}

func TestWatchersAreToldWhatLeavesTheirFilter(t *testing.T) {
	s := startBoard(t)
	b := s.joinBoard(t, `"properties":{"map":"dust"}`)
	l := s.listen(t, "free=3&filter=%7B%22map%22%3A%22dust%22%7D", "")
	if e := l.next("list"); len(*e.data.Rooms) != 1 {
		t.Fatalf("list is %+v", *e.data.Rooms)
	}
	s.joinBoard(t, `"room":"`+b.Room+`"`) // two are free now
	if e := l.next("gone"); e.data.Gone != b.Room {
		t.Errorf("told %+v", e)
	}
}

func TestWhoComesBackGoesOnWhereItWas(t *testing.T) {
	s := startBoard(t)
	l := s.listen(t, "", "")
	list := l.next("list")
	first := s.joinBoard(t, `"create":true`).Room
	e := l.next("room")
	l.leave()
	second := s.joinBoard(t, `"create":true`).Room
	back := s.listen(t, "", e.id)
	if next := <-back.events; next.name != "room" || next.data.Room.Room != second {
		t.Errorf("told %+v", next)
	}
	fromList := s.listen(t, "", list.id)
	if next := <-fromList.events; next.name != "room" || next.data.Room.Room != first {
		t.Errorf("from the list on: %+v", next)
	}
	for _, id := range []string{"", "nonsense", "otherlog-1", strings.Split(e.id, "-")[0] + "-999"} {
		if next := <-s.listen(t, "", id).events; next.name != "list" || len(*next.data.Rooms) != 2 {
			t.Errorf("behind %q: %+v", id, next)
		}
	}
}

func TestWatchersOfOneAddressAreBoundedAndLeaveWithTheServer(t *testing.T) {
	s := startBoard(t)
	var last *listener
	for range maxWatchingOfOne {
		last = s.listen(t, "", "")
		last.next("list")
	}
	status, body := get(t, s.url+"/v1/rooms/watch")
	if status != 503 || !strings.Contains(body, "too-many-watching") {
		t.Errorf("one more: %d %s", status, body)
	}
	last.leave()
	conntest.Poll(t, "a place is free again", func() bool {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/v1/rooms/watch", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res.StatusCode == 200
	})
	stays := s.listen(t, "", "")
	s.stop()
	if e, open := <-stays.events; open && e.name == "list" {
		_, open = <-stays.events
		if open {
			t.Error("the stream goes on when the server is going away")
		}
	}
}

// Long lists come in parts: nobody's memory is the whole of one.
func TestLongListsAreToldInParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTestNode(t, config{})
		for i := range 2*watchPart + 1 {
			l := directory.Listing{Owner: directory.Owner{Room: fmt.Sprintf("%04d", i), Node: "other", Epoch: 1}, Game: "pool"}
			if err := n.dir.Renew(t.Context(), l); err != nil {
				t.Fatal(err)
			}
		}
		if !n.watch.enter(t.Context(), 1) || n.watch.enter(t.Context(), 1) {
			t.Error("one may watch, and no more")
		}
		w := newParts()
		s := &watchStream{n: n, w: w, control: http.NewResponseController(w)}
		if _, err := s.tell(); err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(w.String(), "event: list\n") + 10*strings.Count(w.String(), "event: more\n") + 100*strings.Count(w.String(), "id: "); got != 121 || w.largest > 100_000 {
			t.Errorf("lists, more and ids are %d, the largest part has %d bytes", got, w.largest)
		}
	})
}

// The log is read at each one's own pace; who is behind more than it holds starts anew.
func TestTheLogOfChangesIsAsLongAsItSays(t *testing.T) {
	n := newTestNode(t, config{})
	w := newWatch(n)
	for i := range 3 * watchLog {
		w.mu.Lock()
		w.noteLocked(change{now: &directory.Listing{Tick: uint32(i)}})
		w.mu.Unlock()
	}
	if _, _, ok := w.since(w.next - watchLog - 1); ok {
		t.Error("told of a change that is overwritten")
	}
	if _, _, ok := w.since(w.next + 1); ok {
		t.Error("told of a change that never was")
	}
	next, read := w.next-watchLog, 0
	for next < w.next {
		changes, _, ok := w.since(next)
		if !ok || len(changes) == 0 || len(changes) > watchPart {
			t.Fatalf("%d changes behind %d, %v", len(changes), next, ok)
		}
		for _, c := range changes {
			if c.number != next || c.now.Tick != uint32(next-1) {
				t.Fatalf("change %d is %d", next, c.number)
			}
			next++
			read++
		}
	}
	if read != watchLog {
		t.Errorf("%d read", read)
	}
}

func TestARoomIsTheSameUntilSomethingButItsTickChanges(t *testing.T) {
	old := directory.Listing{Players: 1, Properties: directory.Properties{"map": "dust"}}
	same := old
	same.Tick, same.Look = 7, 8
	if !sameRoom(&old, &same) {
		t.Error("a tick is told")
	}
	for name, change := range map[string]func(*directory.Listing){
		"players": func(l *directory.Listing) { l.Players++ }, "reserved": func(l *directory.Listing) { l.Reserved++ },
		"locked": func(l *directory.Listing) { l.Locked = true }, "owner": func(l *directory.Listing) { l.Node = "x" },
		"property":     func(l *directory.Listing) { l.Properties = directory.Properties{"map": "ice"} },
		"new property": func(l *directory.Listing) { l.Properties = directory.Properties{"map": "dust", "x": true} },
		"other name":   func(l *directory.Listing) { l.Properties = directory.Properties{"name": "dust"} },
	} {
		now := old
		if change(&now); sameRoom(&old, &now) {
			t.Errorf("%s: not told", name)
		}
	}
}

// parts is a http.ResponseWriter that knows its largest write.
type parts struct {
	strings.Builder
	header  http.Header
	largest int
}

func newParts() *parts               { return &parts{header: make(http.Header)} }
func (p *parts) Header() http.Header { return p.header }
func (p *parts) WriteHeader(int)     {}
func (p *parts) FlushError() error   { return nil }
func (p *parts) Write(b []byte) (int, error) {
	p.largest = max(p.largest, len(b))
	return p.Builder.Write(b)
}
