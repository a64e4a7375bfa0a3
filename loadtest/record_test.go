package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/roomtick/roomtick/loadtest/codec"
	"github.com/roomtick/roomtick/loadtest/report"
	"github.com/roomtick/roomtick/loadtest/swarm"
	"github.com/roomtick/roomtick/loadtest/trace"
)

// What the codec makes of a recording must be what a bot was sent of the same ships in
// the same seconds. They differ by the bot's keyframe, by the edges of the recording,
// and by what other tables do to a group: a column's bits are its own.
func TestTheCodecOfARecordingCostsWhatTheRoomSends(t *testing.T) {
	const ships = 9 // eight of the room's, one of the bot
	server := startServer(t, "-bots", "8")
	figures := filepath.Join(t.TempDir(), "figures.json")
	played := make(chan struct{})
	go func() {
		defer close(played)
		command("-url", server.url, "-game", "arena", "-bots", "1", "-ramp-over", "0s", "-hold", "7s", "-json", figures)
	}()

	path := filepath.Join(t.TempDir(), "ships.trace")
	code, out, problems := command("record", "-admin", server.admin, "-table", "ships", "-for", "6s", "-trace", path)
	<-played
	sent := readFigures(t, figures)
	if code != exitOK || !strings.Contains(out, "120 frames") {
		t.Fatalf("exit %d: %s%s", code, out, problems)
	}
	tr, err := trace.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := codec.Run(tr, 0)
	if err != nil {
		t.Fatal(err)
	}
	told, real := 0.0, 0.0
	for _, name := range []string{"x", "y", "angle"} {
		told += r.Fields[name].BitsPerEntity
		real += float64(sent.Delta.Tables["ships"][name]) / float64(max(sent.Totals.Received, 1)) / ships
		t.Logf("%s: %.2f bits a ship by the codec, %.2f as sent", name, r.Fields[name].BitsPerEntity,
			float64(sent.Delta.Tables["ships"][name])/float64(max(sent.Totals.Received, 1))/ships)
	}
	if told < 0.75*real || told > 1.25*real {
		t.Errorf("the codec tells %.2f bits a ship and snapshot, the room sent %.2f", told, real)
	}
}

func readFigures(t *testing.T, path string) *report.Report {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	r, err := report.ReadJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// command runs a command line.
func command(args ...string) (code int, stdout, stderr string) {
	var out, problems strings.Builder
	code = swarm.Run(context.Background(), options(), args, &out, &problems)
	return code, out.String(), problems.String()
}

// stubAdmin is an admin listener with one room, whose recording is what fn writes.
func stubAdmin(t *testing.T, fn http.HandlerFunc) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/rooms", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `[{"room":"abc","game":"arena","tickRate":20}]`)
	})
	mux.HandleFunc("GET /v1/rooms/abc/trace", fn)
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

// frames writes a recording of n frames of two slots, the second never used.
func frames(w http.ResponseWriter, n int, end string) {
	w.Header().Set("Trailer", recordingEnd)
	fmt.Fprintln(w, `{"tickRate":20,"entities":2,"fields":[{"name":"x","unit":1}]}`)
	absent := int32(trace.Absent)
	for i := range n {
		w.Write(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, uint32(i)), uint32(absent)))
	}
	w.Header().Set(recordingEnd, end)
}

func TestARecordingIsTrimmedAndSaved(t *testing.T) {
	admin := stubAdmin(t, func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("ticks") != "10" || r.FormValue("table") != "ships" || r.Header.Get("Authorization") != "Bearer secret" {
			t.Errorf("%s with %q", r.URL, r.Header.Get("Authorization"))
		}
		frames(w, 10, recordingComplete)
	})
	path := filepath.Join(t.TempDir(), "x.trace")
	code, out, problems := command("record", "-admin", admin, "-admin-token", "secret", "-table", "ships", "-for", "500ms", "-trace", path)
	if code != exitOK {
		t.Fatalf("exit %d: %s%s", code, out, problems)
	}
	tr, err := trace.ReadFile(path)
	if err != nil || tr.Entities != 1 || len(tr.Frames) != 10 || tr.Frames[7][0] != 7 {
		t.Errorf("%v: %+v", err, tr)
	}
}

func TestARecordingWithAGapIsNotSaved(t *testing.T) {
	for _, c := range []struct {
		name, want string
		fn         http.HandlerFunc
	}{
		{"slow", "a frame was lost", func(w http.ResponseWriter, _ *http.Request) { frames(w, 4, "a frame was lost") }},
		{"too short", "4 of 10 frames", func(w http.ResponseWriter, _ *http.Request) { frames(w, 4, recordingComplete) }},
		{"no trailer", "after 10 of 10", func(w http.ResponseWriter, _ *http.Request) { frames(w, 10, "") }},
		{"cut", "EOF", func(w http.ResponseWriter, _ *http.Request) {
			frames(w, 4, recordingComplete)
			panic(http.ErrAbortHandler)
		}},
		{"refused", "no such table", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no such table", 404) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.trace")
			code, _, problems := command("record", "-admin", stubAdmin(t, c.fn), "-for", "500ms", "-trace", path)
			if _, err := os.Stat(path); code != exitFailed || !strings.Contains(problems, c.want) || err == nil {
				t.Errorf("exit %d, %q, file: %v; want %q and no file", code, problems, err, c.want)
			}
		})
	}
}

func TestARecordingOfNothingIsNotSaved(t *testing.T) {
	admin := stubAdmin(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Trailer", recordingEnd)
		absent := int32(trace.Absent)
		fmt.Fprintln(w, `{"tickRate":20,"entities":1,"fields":[{"name":"x","unit":1}]}`)
		for range 10 {
			w.Write(binary.LittleEndian.AppendUint32(nil, uint32(absent)))
		}
		w.Header().Set(recordingEnd, recordingComplete)
	})
	path := filepath.Join(t.TempDir(), "x.trace")
	code, _, problems := command("record", "-admin", admin, "-for", "500ms", "-trace", path)
	if _, err := os.Stat(path); code != exitFailed || !strings.Contains(problems, "had no entity in 500ms") || err == nil {
		t.Errorf("exit %d, %q, file: %v", code, problems, err)
	}
}

func TestThePlayersAddressIsNoAdminListener(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"none":        http.NotFound,
		"another one": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"rooms":[],"next":""}`) },
	} {
		s := httptest.NewServer(answer)
		code, _, problems := command("record", "-admin", s.URL, "-trace", filepath.Join(t.TempDir(), "x"))
		if code != exitFailed || !strings.Contains(problems, "is no admin listener") || !strings.Contains(problems, "as in -admin http://127.0.0.1:8081") {
			t.Errorf("a list of rooms that is %s: exit %d, %q", name, code, problems)
		}
		s.Close()
	}
}

func TestHelpIsNoMistake(t *testing.T) {
	for _, name := range []string{"codec", "record", "trace", "trace pile", "show", "compare"} {
		if code, _, problems := command(append(strings.Fields(name), "-h")...); code != exitOK || !strings.Contains(problems, "loadtest "+name) {
			t.Errorf("%s: exit %d, %q", name, code, problems)
		}
	}
}

func TestRecordAsksForWhatItNeeds(t *testing.T) {
	admin := stubAdmin(t, func(w http.ResponseWriter, _ *http.Request) { frames(w, 1, recordingComplete) })
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"", exitUsage, "-trace FILE"},
		{"-trace x -admin nowhere", exitUsage, "http://127.0.0.1:8081"},
		{"-trace x -for 0s", exitUsage, "-for 0s"},
		{"-trace x -room xyz -admin " + admin, exitFailed, "the rooms are abc"},
	} {
		code, _, problems := command(append([]string{"record"}, strings.Fields(c.args)...)...)
		if code != c.code || !strings.Contains(problems, c.want) {
			t.Errorf("%q: exit %d, %q; want %d, %q", c.args, code, problems, c.code, c.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (&recordSettings{admin: admin, length: time.Second}).record(ctx); err == nil {
		t.Error("a recording nobody wants was made")
	}
}

func TestAPileIsMadeAndCosted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pile.trace")
	if code, _, problems := command("trace", "pile", "-cubes", "60", "-frames", "30", "-out", path); code != exitOK {
		t.Fatalf("exit %d: %s", code, problems)
	}
	if code, out, problems := command("codec", "-trace", path, "-send", "20"); code != exitOK || !strings.Contains(out, "10 frames sent, 20 a second of 60; 61 slots") {
		t.Errorf("exit %d: %s%s", code, out, problems)
	}
	for _, args := range []string{"", "heap", "pile", "pile -out x -cubes 0", "pile -out x -rotation euler", "pile -speed 3"} {
		if code, _, problems := command(append([]string{"trace"}, strings.Fields(args)...)...); code != exitUsage || problems == "" {
			t.Errorf("%q: exit %d, %q", args, code, problems)
		}
	}
}
