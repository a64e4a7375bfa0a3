package server

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/roomtick/roomtick/server/conn/conntest"
	"github.com/roomtick/roomtick/sim"
)

func TestAPanicIsOneRecordAndTheGamesFramesBelowIt(t *testing.T) {
	s := startPool(t, "-log", "text")
	s.join(t, "Ada").stroke(t, boom)
	conntest.Poll(t, "the panic is logged", func() bool { return strings.Contains(s.log.String(), "harness_test.go:") })
	s.stop()
	<-s.ended
	log := s.log.String()
	if strings.Contains(log, "room ended") || strings.Contains(log, "<nil>") {
		t.Errorf("the room's end is told twice, or without a cause:\n%s", log)
	}
	_, record, ok := strings.Cut(log, "level=ERROR")
	if !ok || strings.Contains(record, "level=ERROR") {
		t.Fatalf("want one error:\n%s", log)
	}
	first, below, _ := strings.Cut(record, "\n")
	if len(first) > 400 || !strings.Contains(first, `panic="boom of Ada"`) || !strings.Contains(first, "harness_test.go:") {
		t.Errorf("the record is %s", first)
	}
	frames, _, _ := strings.Cut(below, "\ntime=")
	if n := strings.Count(frames, "\n") + 1; n > 8 || !strings.Contains(frames, "server.(*pool).Step(") || strings.Contains(frames, "runtime.") {
		t.Errorf("%d lines below it, want the game's frames:\n%s", n, frames)
	}
	for line := range strings.Lines(frames) {
		if !strings.HasPrefix(line, "    ") {
			t.Errorf("%q looks like a record", line)
		}
	}
}

func TestARoomThatEndsWellHasNoCause(t *testing.T) {
	s := start(t, []*sim.Definition{poolGame}, "-log", "text")
	s.join(t, "Ada").stroke(t, end)
	conntest.Poll(t, "the end is logged", func() bool { return strings.Contains(s.log.String(), "room ended") })
	if log := s.log.String(); strings.Contains(log, "cause=") {
		t.Errorf("a cause of nothing:\n%s", log)
	}
}

func TestJSONKeepsTheWholeStackInItsRecord(t *testing.T) {
	var b bytes.Buffer
	newLog("json", &b).Error("x", stackKey, "goroutine 1\nmain.f()\n\tf.go:1 +0x1\n")
	var got map[string]string
	if err := json.Unmarshal(b.Bytes(), &got); err != nil || got[stackKey] != "goroutine 1\nmain.f()\n\tf.go:1 +0x1\n" {
		t.Errorf("%v, %q", err, b.String())
	}
}

func TestAttributesAndGroupsReachTheTextLog(t *testing.T) {
	var b bytes.Buffer
	log := newLog("text", &b).With("room", "r1").WithGroup("g")
	log.Info("hello", "n", 1, slog.String(stackKey, "goroutine 1\nmain.f()\n"))
	_, got, _ := strings.Cut(b.String(), " level")
	if want := "=INFO msg=hello room=r1 g.n=1\n    goroutine 1\n    main.f()\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
