package client

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// notesOf plays a scenario that goes wrong and returns what its bot was faulted for.
func notesOf(t *testing.T, script Scenario) string {
	t.Helper()
	b := perform(t, newFakeServer(t), script)
	if b.Counters.Count(FaultScenario) != 1 {
		t.Errorf("%d faults of the scenario", b.Counters.Count(FaultScenario))
	}
	return strings.Join(b.Counters.Notes(), "|")
}

// crash stands for a mistake deep in a scenario.
func crash(list []int) int { return list[3] }

func TestAPanickingScenarioFailsItsBotAndSaysWhere(t *testing.T) {
	notes := notesOf(t, func(context.Context, *Bot) error {
		crash([]int{1, 2})
		return nil
	})
	for _, want := range []string{"the scenario panicked", "index out of range [3] with length 2", "client.crash (script_test.go:", "called by"} {
		if !strings.Contains(notes, want) {
			t.Errorf("no %q in %q", want, notes)
		}
	}
	if strings.Contains(notes, "perform") || strings.Contains(notes, "0x") {
		t.Errorf("more than the scenario's own calls: %q", notes)
	}
}

func TestAPanicWhileLookingIsTheScenarios(t *testing.T) {
	notes := notesOf(t, func(ctx context.Context, b *Bot) error {
		return b.Look(ctx, func(*State) { crash(nil) })
	})
	if !strings.Contains(notes, "the scenario panicked") || !strings.Contains(notes, "client.crash (script_test.go:") {
		t.Errorf("%q", notes)
	}
}

func TestAScenarioThatEndsItsGoroutineIsAFault(t *testing.T) {
	notes := notesOf(t, func(context.Context, *Bot) error {
		runtime.Goexit()
		return nil
	})
	if !strings.Contains(notes, "ended its goroutine") {
		t.Errorf("%q", notes)
	}
}

func TestNamesThatTheGameDoesNotHaveAreAnErrorThatListsThem(t *testing.T) {
	for want, see := range map[string]func(s *State){
		`there is no table "ship"; known are ships`:                func(s *State) { s.Each("ship", func(Entity) { t.Error("a ship") }) },
		`there is no field "z" in ships; known are x, hp`:          func(s *State) { s.Each("ships", func(e Entity) { e.Number("z") }) },
		`there is no field "name" in ships; known are x, hp`:       func(s *State) { s.Each("ships", func(e Entity) { e.Text("name") }) },
		`ships.hp is of kind Uint: Text reads single strings`:      func(s *State) { s.Each("ships", func(e Entity) { e.Text("hp") }) },
		`there is no table "rock"; known are ships` + "\n" + `the`: func(s *State) { s.Each("rock", nil); s.Each("tree", nil) },
	} {
		notes := notesOf(t, func(ctx context.Context, b *Bot) error { return b.Look(ctx, see) })
		if strings.Count(notes, want) != 1 {
			t.Errorf("%q, want %q once", notes, want)
		}
	}
}

func TestAScenarioThatDoesNotReturnIsNotWaitedForForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, err := Options{URL: "http://fake", Game: "fake", Play: PlayScript, Script: "sleepy"}.withDefaults()
		if err == nil || !strings.Contains(err.Error(), "no scenario is given") {
			t.Errorf("without a scenario: %v", err)
		}
		release := make(chan struct{})
		o.Scenario = func(context.Context, *Bot) error { <-release; return nil }
		b := newBot(o)
		wait, begun := b.script(), time.Now()
		b.quit()
		wait()
		if notes := strings.Join(b.Counters.Notes(), "|"); !strings.Contains(notes, "sleepy did not return within 5s") || time.Since(begun) != scenarioGrace {
			t.Errorf("after %v: %q", time.Since(begun), notes)
		}
		close(release)
	})
}
