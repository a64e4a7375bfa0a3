package schema

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"strconv"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/frames.json instead of comparing with it")

const goldenPath = "testdata/frames.json"

// golden is one frame of testdata/frames.json, which the TypeScript tests read too.
type golden struct {
	Name  string         `json:"name"`
	Side  string         `json:"side"` // who sends it: client or server
	Hex   string         `json:"hex"`  // the whole message
	Frame map[string]any `json:"frame"`
}

func TestFramesAreTheGoldenBytes(t *testing.T) {
	got, err := json.MarshalIndent(goldenFrames(), "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile(goldenPath, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(goldenPath)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from what the builder writes; if the wire was meant to change, run with -update", goldenPath)
	}
}

func TestGoldenBytesParseToWhatWasBuilt(t *testing.T) {
	b, err := os.ReadFile(goldenPath)
	if err != nil {
		t.Fatal(err)
	}
	var frames []golden
	if err := json.Unmarshal(b, &frames); err != nil {
		t.Fatal(err)
	}
	next := 0
	message := func(side, name string) []byte {
		g := frames[next]
		next++
		raw, err := hex.DecodeString(g.Hex)
		if err != nil || g.Side != side || g.Name != name {
			t.Fatalf("frame %d is %s %q, want %s %q (%v)", next, g.Side, g.Name, side, name, err)
		}
		return raw
	}
	for _, s := range sampleServerFrames() {
		var f ServerFrame
		if err := ParseServerFrame(message("server", s.name), &f); err != nil || !reflect.DeepEqual(f, s.frame) {
			t.Errorf("server %q: %v\n got %+v\nwant %+v", s.name, err, f, s.frame)
		}
	}
	for _, s := range sampleClientFrames() {
		var f ClientFrame
		if err := ParseClientFrame(message("client", s.name), &f); err != nil || !reflect.DeepEqual(f, s.frame) {
			t.Errorf("client %q: %v\n got %+v\nwant %+v", s.name, err, f, s.frame)
		}
	}
	if next != len(frames) {
		t.Errorf("%d golden frames, %d samples", len(frames), next)
	}
}

func goldenFrames() []golden {
	var out []golden
	b := NewBuilder(0)
	for _, s := range sampleServerFrames() {
		out = append(out, golden{s.name, "server", hex.EncodeToString(b.ServerFrame(&s.frame)), serverJSON(&s.frame)})
	}
	for _, s := range sampleClientFrames() {
		out = append(out, golden{s.name, "client", hex.EncodeToString(b.ClientFrame(&s.frame)), clientJSON(&s.frame)})
	}
	return out
}

// serverJSON holds the parts that f has. 64-bit numbers are decimal strings, bytes hex.
func serverJSON(f *ServerFrame) map[string]any {
	m := map[string]any{}
	if f.HasSnapshot {
		s := f.Snapshot
		m["snapshot"] = map[string]any{
			"tick": s.Tick, "inputAck": s.InputAck, "inputHealth": s.InputHealth, "flags": s.Flags,
		}
	}
	if f.HasEventAck {
		m["eventAck"] = f.EventAck
	}
	if f.Deltas != nil {
		m["deltas"] = hex.EncodeToString(f.Deltas)
	}
	if f.Events != nil {
		m["events"], m["eventSeq"] = hex.EncodeToString(f.Events), f.EventSeq
		m["eventRecords"] = serverEventsJSON(f.Events)
	}
	if f.HasClock {
		m["clock"] = map[string]any{"received": f.Clock.Received, "replied": f.Clock.Replied, "sent": f.Clock.Sent}
	}
	if f.Welcome != nil {
		m["welcome"] = welcomeJSON(f.Welcome)
	}
	if g := f.Goodbye; g != nil {
		m["goodbye"] = map[string]any{
			"code": g.Code, "reason": g.Reason, "hint": g.Hint, "retryMs": g.RetryMS, "reconnect": g.Reconnect,
		}
	}
	return m
}

func serverEventsJSON(b []byte) []map[string]any {
	var out []map[string]any
	_ = ReadServerEvents(b, func(age, typ uint32, payload []byte) error {
		out = append(out, map[string]any{"age": age, "type": typ, "payload": hex.EncodeToString(payload)})
		return nil
	})
	return out
}

func welcomeJSON(w *Welcome) map[string]any {
	m := map[string]any{
		"room": w.Room, "seat": w.Seat, "player": w.Player, "epoch": strconv.FormatUint(w.Epoch, 10),
		"secret": w.Secret, "tick": w.Tick, "tickRate": w.TickRate, "sendEvery": w.SendEvery, "resumed": w.Resumed,
		"seatTimeoutMs": w.SeatTimeoutMS, "eventAck": w.EventAck, "eventsDropped": w.EventsDropped,
		"descriptorHash": w.DescriptorHash,
	}
	if w.Descriptor != nil {
		m["descriptor"] = w.Descriptor
	}
	return m
}

func clientJSON(f *ClientFrame) map[string]any {
	m := map[string]any{}
	if f.HasState {
		m["state"] = map[string]any{"ack": f.State.Ack, "view": f.State.View, "eventAck": f.State.EventAck}
	}
	if f.Inputs != nil {
		m["inputs"] = hex.EncodeToString(f.Inputs)
	}
	if f.Events != nil {
		m["events"], m["eventSeq"] = hex.EncodeToString(f.Events), f.EventSeq
	}
	for _, h := range f.Hashes[:f.HashCount] {
		list, _ := m["hashes"].([]any)
		m["hashes"] = append(list, map[string]any{"group": h.Group, "tick": h.Tick, "hash": h.Hash})
	}
	if f.HasClock {
		m["clockSent"] = f.ClockSent
	}
	if f.HasRate {
		m["rateHz"] = f.RateHz
	}
	if h := f.Hello; f.HasHello {
		m["hello"] = map[string]any{
			"sdk": h.SDK, "descriptorHash": h.DescriptorHash, "epoch": strconv.FormatUint(h.Epoch, 10),
			"tick": h.Tick, "eventAck": h.EventAck,
		}
	}
	if f.Leave {
		m["leave"] = true
	}
	return m
}
