package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roomtick/roomtick/loadtest/trace"
)

func savedTrace(t *testing.T, frames ...[]int32) string {
	t.Helper()
	var buf bytes.Buffer
	tr := trace.Trace{Header: trace.Header{TickRate: 60, Entities: 2, Fields: []trace.Field{{Name: "x", Unit: 1}}}, Frames: frames}
	if err := tr.Write(&buf); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "small.trace")
	if err := os.WriteFile(path, buf.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCodecPrintsAndWritesTheFigures(t *testing.T) {
	path := savedTrace(t, []int32{5, 7}, []int32{6, 7}, []int32{6, 9})
	file := filepath.Join(t.TempDir(), "out.json")
	code, text, errs := command("codec", "-trace", path, "-json", file)
	if code != exitOK || !strings.Contains(text, "mean 4.0, p50 4, p99 4") {
		t.Fatalf("exit %d\n%s%s", code, text, errs)
	}
	saved, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	code, text, _ = command("codec", "-trace", path, "-json", "-")
	for _, data := range []string{string(saved), text} {
		var got struct {
			BytesPerFrame map[string]float64
			Keyframes     map[string]float64
			Fields        map[string]map[string]float64
		}
		if err := json.Unmarshal([]byte(data), &got); err != nil || code != exitOK {
			t.Fatalf("exit %d, %v:\n%s", code, err, data)
		}
		if got.BytesPerFrame["mean"] != 4 || got.Keyframes["bytes"] != 7 || got.Fields["x"]["bitsPerEntity"] != 3.5 {
			t.Errorf("%s", data)
		}
	}
}

func TestCodecHintsAtCoarserSteps(t *testing.T) {
	tr := trace.Trace{Header: trace.Header{TickRate: 60, Entities: 1, Fields: []trace.Field{{Name: "x", Unit: 0.001, Step: 0.01}}}}
	for i := range 30 {
		tr.Frames = append(tr.Frames, []int32{int32(5000 * math.Sin(float64(i)))})
	}
	path := filepath.Join(t.TempDir(), "x.trace")
	if err := saveTrace(&tr, path); err != nil {
		t.Fatal(err)
	}
	code, text, errs := command("codec", "-trace", path, "-hints")
	if code != exitOK || !strings.Contains(text, "x at step 0.02 instead of 0.01 would save ") || !strings.Contains(text, "%, at 0.05 save ") {
		t.Errorf("exit %d\n%s%s", code, text, errs)
	}
	_, text, _ = command("codec", "-trace", path, "-hints", "-json", "-")
	var got struct {
		Hints []struct {
			Field                               string
			Step, Coarser, BytesPerFrame, Saves float64
		}
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil || len(got.Hints) != 3 || got.Hints[2].Coarser != 0.1 || got.Hints[2].Saves <= 0 {
		t.Errorf("%v: %+v", err, got)
	}
	if _, text, _ = command("codec", "-trace", path, "-json", "-"); strings.Contains(text, "hints") {
		t.Errorf("hints that nobody asked for:\n%s", text)
	}
}

func TestCodecSaysWhatIsWrong(t *testing.T) {
	path := savedTrace(t, []int32{5, 7}, []int32{6, 7}, []int32{6, 9})
	data, _ := os.ReadFile(path)
	short := filepath.Join(t.TempDir(), "short.trace")
	if err := os.WriteFile(short, data[:len(data)-1], 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"", exitUsage, "-trace FILE"},
		{"-trace " + path + " -send 25", exitUsage, "must divide"},
		{"-trace " + path + " -speed 25", exitUsage, "speed"},
		{"-trace nowhere", exitFailed, "nowhere"},
		{"-trace " + short, exitFailed, "frame 2 has 7 of 8 bytes"},
		{"-trace " + path + " -send 20", exitFailed, "1 frames are sent"},
		{"-trace " + path + " -json /nowhere/x", exitFailed, "/nowhere/x"},
	} {
		code, _, errs := command(append([]string{"codec"}, strings.Fields(c.args)...)...)
		if code != c.code || !strings.Contains(errs, c.want) {
			t.Errorf("%s: exit %d, %q; want %d, %q", c.args, code, errs, c.code, c.want)
		}
	}
}
