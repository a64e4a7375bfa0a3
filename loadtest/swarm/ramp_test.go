package swarm

import (
	"strings"
	"testing"
	"time"
)

func TestARampIsStraightBetweenItsCorners(t *testing.T) {
	r, err := parseRamp("0:0,30s:500,1m:500,90s:200")
	if err != nil {
		t.Fatal(err)
	}
	r = r.then(10 * time.Second)
	for at, want := range map[time.Duration]int{
		0: 0, 3 * time.Second: 50, 30 * time.Second: 500, 45 * time.Second: 500,
		75 * time.Second: 350, 90 * time.Second: 200, 99 * time.Second: 200, time.Hour: 200,
	} {
		if got := r.at(at); got != want {
			t.Errorf("%v: %d bots, want %d", at, got, want)
		}
	}
	if r.top() != 500 || r.full() != 30*time.Second || r.length() != 100*time.Second {
		t.Errorf("top %d at %v, over at %v", r.top(), r.full(), r.length())
	}
}

func TestARampMayStartFull(t *testing.T) {
	r := ramp{{0, 0}, {0, 20}}.then(time.Second)
	if got := r.at(0); got != 20 {
		t.Errorf("%d bots at once, want 20", got)
	}
	late, err := parseRamp("10s:5")
	if err != nil || late.at(5*time.Second) != 2 {
		t.Errorf("%v: %d bots half way to the first corner, want 2", err, late.at(5*time.Second))
	}
}

func TestWrongRampsAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"": "30s:500", "5": "30s:500", "5s": "30s:500", "5s:many": "30s:500", "-1s:5": "30s:500", "1s:-5": "30s:500",
		"5s:5,2s:5": "before", "0:0,10s:0": "no corner has a bot",
	} {
		if _, err := parseRamp(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want something about %q", text, err, want)
		}
	}
}

func TestSharesAreOfTheBots(t *testing.T) {
	for text, want := range map[string]int{"0": 0, "7": 7, "1%": 5, "50%": 250, "0.1%": 1} {
		if n, err := parseShare(text, 500); err != nil || n != want {
			t.Errorf("%q of 500: %d, %v, want %d", text, n, err, want)
		}
	}
	for _, text := range []string{"", "-1", "101%", "x%", "half"} {
		if _, err := parseShare(text, 500); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
	if v, err := parseChurn("5%/min"); err != nil || v != 0.05 {
		t.Errorf("churn %v, %v", v, err)
	}
	if s, err := parseStorm("50%@20s"); err != nil || s.Share != 0.5 || s.Second != 20 {
		t.Errorf("storm %+v, %v", s, err)
	}
}
