package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/roomtick/roomtick/loadtest/swarm"
	"github.com/roomtick/roomtick/loadtest/trace"
)

// maxAnswer bounds an answer of the admin listener in bytes.
const maxAnswer = 4 << 20

const (
	// recordingEnd is the trailer of a recording, recordingComplete what it must say.
	recordingEnd      = "Roomtick-Recording"
	recordingComplete = "complete"

	// recordGrace is how much longer than asked for a recording may take.
	recordGrace = 15 * time.Second

	// longestRecord bounds -for, and with it what is held in memory.
	longestRecord = time.Hour
)

// recordSettings are what the command line of `loadtest record` says.
type recordSettings struct {
	admin, token, room, table, path string
	length                          time.Duration
}

// runRecord is `loadtest record`: a trace of what a running room simulates.
func runRecord(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var s recordSettings
	flags := flag.NewFlagSet("loadtest record", flag.ContinueOnError)
	flags.StringVar(&s.admin, "admin", "http://127.0.0.1:8081", "the server's admin URL, as in `http://127.0.0.1:8081`")
	flags.StringVar(&s.token, "admin-token", "", "the server's admin `token`, if it has one")
	flags.StringVar(&s.room, "room", "", "the room's `id`; may be left out if there is one only")
	flags.StringVar(&s.table, "table", "", "the table to record, such as `ships`; the game's first if empty")
	flags.StringVar(&s.path, "trace", "", "write the trace to this file, as in `ships.trace` (required)")
	flags.DurationVar(&s.length, "for", 30*time.Second, "how long to record, such as `30s`")
	if code, done := swarm.ParseFlags(flags, args, stderr); done {
		return code
	}
	u, err := url.Parse(s.admin)
	switch {
	case s.path == "" || flags.NArg() > 0:
		return usage(stderr, errors.New("loadtest record -trace FILE [-admin URL] [-room ROOM] [-table ships] [-for 30s]"))
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return usage(stderr, fmt.Errorf("-admin %q: write it like -admin http://127.0.0.1:8081", s.admin))
	case s.length <= 0 || s.length > longestRecord:
		return usage(stderr, fmt.Errorf("-for %v: use more than 0 and at most %v, as in -for 30s", s.length, longestRecord))
	}
	t, err := s.record(ctx)
	if err == nil {
		err = saveTrace(t, s.path)
	}
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "record: %v\n", err)
		return exitFailed
	}
	_, _ = fmt.Fprintf(stdout, "%d frames, %d a second, of %d slots and %d fields: %s\n", len(t.Frames), t.TickRate, t.Entities, len(t.Fields), s.path)
	return exitOK
}

// record asks the room and reads the whole recording. One that is not complete is an
// error, never a trace with a gap.
func (s *recordSettings) record(ctx context.Context) (*trace.Trace, error) {
	ctx, cancel := context.WithTimeout(ctx, s.length+recordGrace)
	defer cancel()
	room, err := s.find(ctx)
	if err != nil {
		return nil, err
	}
	ticks := max(1, int(s.length.Seconds()*float64(room.TickRate)))
	resp, err := s.get(ctx, "/v1/rooms/"+url.PathEscape(room.Room)+"/trace?"+url.Values{
		"table": {s.table}, "ticks": {strconv.Itoa(ticks)},
	}.Encode())
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	t, err := trace.Read(resp.Body)
	_, _ = io.Copy(io.Discard, resp.Body) // the trailer comes after the body
	switch end := resp.Trailer.Get(recordingEnd); {
	case end != "" && end != recordingComplete:
		return nil, errors.New(end)
	case err != nil:
		return nil, err
	case end == "" || len(t.Frames) != ticks:
		return nil, fmt.Errorf("the recording ended after %d of %d frames", len(t.Frames), ticks)
	}
	if !trim(t) {
		return nil, fmt.Errorf("the table had no entity in %v: join the room, or name another -table", s.length)
	}
	return t, nil
}

// runningRoom is a room in the admin's list.
type runningRoom struct {
	Room     string `json:"room"`
	Game     string `json:"game"`
	TickRate int    `json:"tickRate"`
}

// find looks the room up in the server's list.
func (s *recordSettings) find(ctx context.Context) (runningRoom, error) {
	resp, err := s.get(ctx, "/v1/rooms")
	if errors.Is(err, errNotFound) {
		return runningRoom{}, s.notAdmin("it has no list of rooms")
	}
	if err != nil {
		return runningRoom{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	var rooms []runningRoom
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(&rooms); err != nil {
		return runningRoom{}, s.notAdmin("its list of rooms is another one")
	}
	var names []string
	for _, r := range rooms {
		if r.Room == s.room || s.room == "" && len(rooms) == 1 {
			return r, nil
		}
		names = append(names, r.Room)
	}
	if len(rooms) == 0 {
		return runningRoom{}, errors.New("the server has no rooms; join one, or start it with -bots")
	}
	return runningRoom{}, fmt.Errorf("-room %q: the rooms are %s", s.room, strings.Join(names, ", "))
}

// notAdmin says that something else than an admin listener answered, such as the address
// that players use.
func (s *recordSettings) notAdmin(why string) error {
	return fmt.Errorf("-admin %s is no admin listener: %s; use the URL that the server prints as it starts, as in -admin http://127.0.0.1:8081", s.admin, why)
}

// errNotFound is the status of an answer.
var errNotFound = errors.New("404 Not Found")

// get asks the admin listener. The answer's body must be closed.
func (s *recordSettings) get(ctx context.Context, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(s.admin, "/")+path, nil)
	if err != nil {
		return nil, err
	}
	if s.token != "" {
		req.Header.Set("Authorization", "Bearer "+s.token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
		_ = resp.Body.Close()
		if resp.StatusCode == http.StatusNotFound {
			return nil, fmt.Errorf("%w: %s", errNotFound, strings.TrimSpace(string(text)))
		}
		return nil, fmt.Errorf("%s: %s", resp.Status, strings.TrimSpace(string(text)))
	}
	return resp, nil
}

// trim leaves out the slots at the end that no entity used, and reports whether any was.
func trim(t *trace.Trace) bool {
	width, used := len(t.Fields), 0
	for _, frame := range t.Frames {
		for e := used; e < t.Entities; e++ {
			if frame[e*width] != trace.Absent {
				used = e + 1
			}
		}
	}
	for i := range t.Frames {
		t.Frames[i] = t.Frames[i][:used*width]
	}
	t.Entities = used
	return used > 0
}

// saveTrace writes a trace to a file.
func saveTrace(t *trace.Trace, path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(t.Write(f), f.Close())
}
