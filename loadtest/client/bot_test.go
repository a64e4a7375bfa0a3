package client

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/roomtick/roomtick/schema"
)

func join(t *testing.T, s *fakeServer, change func(*Options)) *Bot {
	t.Helper()
	o := Options{URL: s.URL, Game: "fake", Name: "Ada", Play: PlayWander, Seed: 1}
	if change != nil {
		change(&o)
	}
	b, err := Join(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// measured takes what a bot's meter has.
func measured(b *Bot) *Measures {
	m := NewMeasures()
	b.opts.Meter.Take(m)
	return m
}

// play runs a bot for a while and checks that nothing was wrong.
func play(t *testing.T, b *Bot, d time.Duration) Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	if err := b.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if notes := b.Counters.Notes(); len(notes) > 0 {
		t.Errorf("faults: %q", notes)
	}
	return b.Result()
}

func TestABotPlaysForAsLongAsItIsTold(t *testing.T) {
	s := newFakeServer(t)
	b := join(t, s, nil)
	r := play(t, b, 1500*time.Millisecond)
	if r.Err != nil || len(r.Closes) != 0 {
		t.Errorf("ended with %v, closes %v", r.Err, r.Closes)
	}
	if r.Covered == 0 || r.Counts.Due < r.Covered {
		t.Errorf("covered %d of %d due ticks", r.Covered, r.Counts.Due)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := s.said[len(s.said)-1]; !last.Leave {
		t.Error("the last frame does not leave")
	}
	if b.Counters.Hashes.Load() == 0 {
		t.Error("no hash was sent in 1.5 seconds")
	}
	for i := 1; i < len(s.inputs); i++ {
		if int32(s.inputs[i]-s.inputs[i-1]) <= 0 {
			t.Errorf("input for tick %d after %d", s.inputs[i], s.inputs[i-1])
		}
	}
	if len(s.inputs) == 0 || s.late > len(s.inputs)/2 {
		t.Errorf("%d of %d inputs were late", s.late, len(s.inputs))
	}
}

func TestAnIdleBotOnlyAcknowledges(t *testing.T) {
	s := newFakeServer(t)
	b := join(t, s, func(o *Options) { o.Play = PlayIdle })
	play(t, b, 500*time.Millisecond)
	if b.Counters.Inputs.Load() != 0 || b.Counters.Acks.Load() == 0 {
		t.Errorf("%d inputs, %d acks", b.Counters.Inputs.Load(), b.Counters.Acks.Load())
	}
}

func TestAStalledReaderIsSilentAndJumpsWhenItWakes(t *testing.T) {
	s := newFakeServer(t)
	b := join(t, s, func(o *Options) { o.Stall = Stall{After: 100 * time.Millisecond, For: 500 * time.Millisecond} })
	play(t, b, 1200*time.Millisecond)
	if got := b.Counters.Jumped.Load(); got < 10 {
		t.Errorf("jumped over %d ticks of 25 it slept through", got)
	}
}

func TestACutBotTakesItsSeatBack(t *testing.T) {
	s := newFakeServer(t)
	b := join(t, s, func(o *Options) { o.Resume = true })
	cut := time.AfterFunc(300*time.Millisecond, b.Cut)
	defer cut.Stop()
	play(t, b, time.Second)
	if got := b.Counters.Resumes.Load(); got != 1 || measured(b).Resume.TotalCount() != 1 {
		t.Errorf("%d resumes", got)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.credentials) != 2 || s.credentials[0] != "seat.token" || s.credentials[1] != "resume.3-secret" {
		t.Errorf("credentials %q", s.credentials)
	}
	hello := schema.Hello{}
	for _, f := range s.said {
		if f.HasHello {
			hello = f.Hello
		}
	}
	if hello.Tick == 0 || hello.DescriptorHash == "" || hello.Epoch != 5 {
		t.Errorf("resumed with %+v", hello)
	}
}

func TestABotThatIsNotLetBackInIsDueTicksToTheEnd(t *testing.T) {
	s := newFakeServer(t)
	b := join(t, s, func(o *Options) { o.Resume = true })
	s.mu.Lock()
	s.gone = true
	s.mu.Unlock()
	cut := time.AfterFunc(200*time.Millisecond, b.Cut)
	defer cut.Stop()
	r := play(t, b, time.Second)
	if r.Live < time.Second || r.Counts.Due-r.Covered < 20 {
		t.Errorf("%d of %d due ticks in %v, though cut off for most of it", r.Covered, r.Counts.Due, r.Live)
	}
}

func TestACloseIsCountedByItsCode(t *testing.T) {
	s := newFakeServer(t)
	b := join(t, s, nil)
	s.mu.Lock()
	s.closeWith = &schema.Goodbye{Code: schema.CloseKicked}
	s.mu.Unlock()
	err := b.Run(context.Background())
	if err == nil || !strings.Contains(err.Error(), "4015 kicked") {
		t.Errorf("Run returned %v", err)
	}
	r := b.Result()
	if r.Closes[4015] != 1 || b.Counters.Count(FaultClose) != 1 || b.Counters.Count(FaultProtocol) != 0 {
		t.Errorf("closes %v, notes %q", r.Closes, b.Counters.Notes())
	}
}

func TestAWrongDeltaEndsTheBotWithADecodeError(t *testing.T) {
	s := newFakeServer(t)
	b := join(t, s, nil)
	s.mu.Lock()
	s.skew = 1
	s.mu.Unlock()
	if err := b.Run(context.Background()); err == nil {
		t.Error("the bot took it")
	}
	if b.Counters.Count(FaultDecode) != 1 || b.Counters.Count(FaultClose) != 0 {
		t.Errorf("notes %q", b.Counters.Notes())
	}
}

func TestJoinComesBackWhenTheServerIsBusy(t *testing.T) {
	s := newFakeServer(t)
	s.refusals = 2
	b := join(t, s, nil)
	if r := play(t, b, 100*time.Millisecond); r.Retries != 2 {
		t.Errorf("%d retries, want 2", r.Retries)
	}
}

func TestJoinSaysWhyItWasRefused(t *testing.T) {
	s := newFakeServer(t)
	_, err := Join(context.Background(), Options{URL: s.URL, Game: "chess"})
	if err == nil || !strings.Contains(err.Error(), `There is no game "chess"`) {
		t.Errorf("got %v", err)
	}
}

func TestJoinGivesUpWhenItsTimeIsOver(t *testing.T) {
	s := newFakeServer(t)
	s.refusals = 1 << 30
	_, err := Join(context.Background(), Options{URL: s.URL, Game: "fake", JoinTimeout: 200 * time.Millisecond})
	if !errors.Is(err, errBusy) {
		t.Errorf("got %v", err)
	}
}

func TestWrongOptionsAreReportedAtOnce(t *testing.T) {
	_, err := Join(context.Background(), Options{URL: "nowhere", Play: "chess", Phase: 2})
	for _, want := range []string{"url", "game", "play", "phase"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("nothing about the %s in %v", want, err)
		}
	}
}
