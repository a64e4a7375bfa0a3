package impair

import (
	"strings"
	"testing"
	"time"
)

func TestAProfileIsWrittenAsItIsRead(t *testing.T) {
	text := "rtt=80ms,jitter=20ms,bw=256kbit,stall=1%,blackout=10s@30s"
	p, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	want := Profile{
		RTT: 80 * time.Millisecond, Jitter: 20 * time.Millisecond, Bandwidth: 256_000, Stall: 0.01,
		Blackout: 10 * time.Second, BlackoutAt: 30 * time.Second,
	}
	if p != want || p.String() != text {
		t.Errorf("%+v, written %q", p, p.String())
	}
	for _, text := range []string{"", "rtt=1ms", "bw=1500kbit", "bw=2Mbit", "bw=7bit", "stall=0.25%", "blackout=1s@0s"} {
		p, err := Parse(text)
		if err != nil || p.String() != text {
			t.Errorf("%q: written %q, %v", text, p.String(), err)
		}
		if p.None() != (text == "") {
			t.Errorf("%q: none is %v", text, p.None())
		}
	}
	if p, err := Parse(" rtt=80ms , bw=1.5Mbit "); err != nil || p.Bandwidth != 1_500_000 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestAWrongProfileSaysWhichKeyAndHowToWriteIt(t *testing.T) {
	for text, want := range map[string]string{
		"rtt":              "write it like rtt=80ms",
		"rtt=80":           "write it like rtt=80ms",
		"rtt=-1ms":         "rtt",
		"jitter=wide":      "write it like jitter=20ms",
		"bw=256":           "write it like bw=256kbit",
		"bw=0kbit":         "bw",
		"bw=NaNkbit":       "bw",
		"bw=-1Mbit":        "bw",
		"stall=2":          "0% to 50%",
		"stall=NaN%":       "stall",
		"stall=some":       "write it like stall=1%",
		"blackout=10s":     "write it like blackout=10s@30s",
		"blackout=x@30s":   "blackout=10s@30s",
		"loss=1%":          "there are rtt, jitter, bw, stall and blackout",
		"rtt=1ms,rtt=2ms":  "twice",
		"rtt=1,jitter=1ms": "rtt",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want something about %q", text, err, want)
		}
	}
}

func TestAllMistakesAreReportedAtOnce(t *testing.T) {
	_, err := Parse("rtt=fast,bw=much,loss=1%")
	for _, want := range []string{"rtt", "bw", "loss"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}
