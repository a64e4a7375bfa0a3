package client

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/schema/bits"
	"github.com/roomtick/roomtick/sim/arena"
)

// perform plays a scenario on a fake server and returns its bot.
func perform(t *testing.T, s *fakeServer, script Scenario) *Bot {
	t.Helper()
	b := join(t, s, func(o *Options) { o.Play, o.Scenario = PlayScript, script })
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := b.Run(ctx); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAScenarioSeesActsTellsAndLeaves(t *testing.T) {
	s := newFakeServer(t)
	var ids []uint32
	hp := 0.0
	b := perform(t, s, func(ctx context.Context, b *Bot) error {
		if err := b.Input(Values{"turn": -1, "fire": true}); err != nil {
			return err
		}
		if err := b.Send("chat", nil); err != nil {
			return err
		}
		err := b.Look(ctx, func(s *State) {
			s.Each("ships", func(e Entity) {
				ids = append(ids, e.ID)
				hp = e.Number("hp")
			})
		})
		return errors.Join(err, b.Wait(ctx, 10))
	})
	if notes := b.Counters.Notes(); len(notes) > 0 {
		t.Errorf("faults: %q", notes)
	}
	if len(ids) != 20 || ids[0] != 1 || hp != 100 {
		t.Errorf("saw ships %v with %v hit points", ids, hp)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	// turn -1 in 8 bits, no thrust, fire once.
	fire, held := []byte{0xff, 2}, []byte{0xff, 0}
	if len(s.intents) < 5 || !bytes.Equal(s.intents[0], fire) || !bytes.Equal(s.intents[1], held) {
		t.Errorf("inputs % x", s.intents)
	}
	told := 0
	for _, f := range s.said {
		if f.EventSeq == 1 && len(f.Events) > 0 {
			told++
		}
	}
	if told != 1 || !s.said[len(s.said)-1].Leave {
		t.Errorf("the event was told %d times; left: %v", told, s.said[len(s.said)-1].Leave)
	}
}

func TestAScenarioThatFailsIsAFault(t *testing.T) {
	b := perform(t, newFakeServer(t), func(context.Context, *Bot) error { return errors.New("no door") })
	if b.Counters.Count(FaultScenario) != 1 || !strings.Contains(b.Counters.Notes()[0], "no door") {
		t.Errorf("notes %q", b.Counters.Notes())
	}
}

func TestAWaitingScenarioEndsWithItsBot(t *testing.T) {
	s := newFakeServer(t)
	s.closeWith = nil
	ended := errors.New("not yet")
	b := join(t, s, func(o *Options) {
		o.Play, o.Scenario = PlayScript, func(ctx context.Context, b *Bot) error {
			ended = b.Wait(context.Background(), 1<<20)
			return nil
		}
	})
	s.mu.Lock()
	s.closeWith = &schema.Goodbye{Code: schema.CloseKicked}
	s.mu.Unlock()
	if b.Run(context.Background()) == nil || !errors.Is(ended, errEnded) {
		t.Errorf("the scenario's wait ended with %v", ended)
	}
}

func TestWrongValuesSayWhatThereIs(t *testing.T) {
	s := newFakeServer(t)
	perform(t, s, func(_ context.Context, b *Bot) error {
		for want, err := range map[string]error{
			"known are turn, thrust, fire": b.Input(Values{"jump": true}),
			"does not fit":                 b.Input(Values{"turn": "left"}),
			"neither a bool nor a number":  b.Input(Values{"turn": []int{1}}),
			"known are chat":               b.Send("shots", nil),
		} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want something about %q", err, want)
			}
		}
		return nil
	})
}

func TestNamedValuesAreInputsThatTheGameTakes(t *testing.T) {
	fields := arena.Game.Descriptor().Input
	var names []string
	for i := range fields {
		names = append(names, fields[i].Name)
	}
	for _, v := range []any{nil, 0, 1, -1, 1e9, true, 0.5} {
		values := Values{}
		if v != nil {
			for _, name := range names {
				values[name] = v
			}
		}
		payload, err := values.encode(fields)
		if err != nil {
			t.Fatal(err)
		}
		if err := arena.Game.CheckInput(payload); err != nil {
			t.Errorf("%v in all of %v: %v", v, names, err)
		}
	}
}

func TestValuesComeBackAsTheyWere(t *testing.T) {
	fields := []schema.Field{
		{Name: "x", Kind: schema.KindQuantised, Bits: 7, Min: -1, Max: 1, Step: 0.02},
		{Name: "text", Kind: schema.KindString, Max: 32},
		{Name: "n", Kind: schema.KindInt, Bits: 32},
	}
	payload, err := Values{"x": 0.5, "text": "gg", "n": -5}.encode(fields)
	if err != nil {
		t.Fatal(err)
	}
	r := bits.NewReader(payload)
	x, length := r.Bits(7), r.Bits(16)
	a, b, n := r.Bits(8), r.Bits(8), int32(r.Bits(32))
	if x != 75 || length != 2 || a != 'g' || b != 'g' || n != -5 {
		t.Errorf("x %d, text of %d: %c%c, n %d", x, length, a, b, n)
	}
}

func TestEventsAreCarriedUntilTheServerHasThem(t *testing.T) {
	var q eventQueue
	for i := range 3 {
		q.add(0, []byte{byte(i)})
	}
	first, seq := q.take()
	if seq != 1 || len(first) == 0 {
		t.Fatalf("%d bytes from %d", len(first), seq)
	}
	if again, _ := q.take(); again != nil {
		t.Error("carried twice on one conn")
	}
	q.acked(2)
	q.again()
	left, seq := q.take()
	want := schema.AppendClientEvent(nil, 0, []byte{2})
	if seq != 3 || !slices.Equal(left, want) {
		t.Errorf("after a resume % x from %d, want the third event", left, seq)
	}
	for range 2 * maxEvents {
		q.add(0, nil)
	}
	if len(q.list) != maxEvents {
		t.Errorf("%d wait", len(q.list))
	}
}
