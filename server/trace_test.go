package server

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// recorded asks the admin listener for a trace and splits it at the end of its header.
func recorded(t *testing.T, url string) (head traceHeader, frames []byte, end string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s, %v: %s", resp.Status, err, body)
	}
	line, frames, _ := bytes.Cut(body, []byte("\n"))
	if err := json.Unmarshal(line, &head); err != nil {
		t.Fatal(err)
	}
	return head, frames, resp.Trailer.Get(recordingEnd)
}

func (s *running) onlyRoom(t *testing.T) string {
	t.Helper()
	_, text := get(t, s.admin+"/v1/rooms")
	var rooms []roomInfo
	if err := json.Unmarshal([]byte(text), &rooms); err != nil || len(rooms) != 1 {
		t.Fatalf("%v: %s", err, text)
	}
	return rooms[0].Room
}

func TestTheAdminStreamsATraceOfARunningRoom(t *testing.T) {
	s := startPool(t, "-bots", "2")
	head, frames, end := recorded(t, s.admin+"/v1/rooms/"+s.onlyRoom(t)+"/trace?ticks=25&slots=3")
	if head.TickRate != 50 || head.Entities != 3 || len(head.Fields) != 1 || head.Fields[0].Name != "laps" {
		t.Errorf("header %+v", head)
	}
	if end != recordingComplete || len(frames) != 25*3*4 {
		t.Fatalf("%q after %d bytes, want 25 frames of 3 numbers", end, len(frames))
	}
	for i := 0; i < len(frames); i += 12 {
		absent := string(frames[i+8:][:4]) == "\x00\x00\x00\x80" // two swim
		if !absent || i > 0 && frames[i] != frames[i-12]+1 {
			t.Fatalf("frame %d is % x after % x", i/12, frames[i:][:12], frames[max(i-12, 0):][:12])
		}
	}
}

func TestARecordingThatCannotBeMadeSaysWhy(t *testing.T) {
	s := startPool(t, "-bots", "2")
	room := s.admin + "/v1/rooms/" + s.onlyRoom(t) + "/trace"
	for _, c := range []struct {
		url, want string
		status    int
	}{
		{s.admin + "/v1/rooms/none/trace", "no such room", 404},
		{room + "?table=boats", "no such table", 404},
		{room + "?ticks=x", "whole numbers", 400},
		{room + "?ticks=9999999", "at most", 400},
		{room + "?ticks=0", "1 or more", 400},
		{room + "?slots=-1", "at most", 400},
		{s.url + "/v1/rooms/" + s.onlyRoom(t) + "/trace", "", 404},
	} {
		if status, text := get(t, c.url); status != c.status || !strings.Contains(text, c.want) {
			t.Errorf("%s: %d %s; want %d %s", c.url, status, text, c.status, c.want)
		}
	}
	_, _, end := recorded(t, room+"?ticks=10&slots=2")
	if end != recordingComplete {
		t.Errorf("two entities in two slots: %q", end)
	}
	resp, err := http.Get(room + "?ticks=10&slots=1")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, _ := io.ReadAll(resp.Body); len(body) != 0 || !strings.Contains(resp.Trailer.Get(recordingEnd), "more entities") {
		t.Errorf("two entities in one slot: %q, %d bytes", resp.Trailer.Get(recordingEnd), len(body))
	}
}

func TestADrainingServerEndsARecording(t *testing.T) {
	s := startPool(t, "-bots", "2")
	resp, err := http.Get(s.admin + "/v1/rooms/" + s.onlyRoom(t) + "/trace?ticks=100000")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	s.stop()
	_, _ = io.Copy(io.Discard, resp.Body)
	if end := resp.Trailer.Get(recordingEnd); !strings.Contains(end, "ended") {
		t.Errorf("the recording says %q", end)
	}
}
