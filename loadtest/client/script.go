package client

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// errGoexit is the end of a scenario that called runtime.Goexit, as t.FailNow does.
var errGoexit = errors.New("ended its goroutine instead of returning")

// script runs the scenario, if there is one, until the returned wait has been called,
// which waits for it, but not for ever.
func (b *Bot) script() (wait func()) {
	if b.opts.Scenario == nil {
		return func() {}
	}
	done := make(chan struct{})
	go func() { defer close(done); b.perform() }()
	return func() {
		timer := time.NewTimer(scenarioGrace)
		defer timer.Stop()
		select {
		case <-done:
		case <-timer.C:
			_ = b.Counters.fault(FaultScenario, "%s did not return within %v of its bot's end: have it watch its ctx", b.opts.Script, scenarioGrace)
		}
	}
}

// perform runs the scenario, after which the bot leaves. What the scenario does wrong is
// the bot's fault alone.
func (b *Bot) perform() {
	err := errGoexit // what is left if the scenario does not return
	defer b.quit()
	defer func() {
		if v := recover(); v != nil {
			err = newPanic(v)
		}
		var panicked *panicError
		switch {
		case errors.As(err, &panicked) || errors.Is(err, errGoexit):
			_ = b.Counters.fault(FaultScenario, "%s %w", b.opts.Script, err)
		case err != nil && b.playing.Err() == nil:
			_ = b.Counters.fault(FaultScenario, "%s: %w", b.opts.Script, err)
		}
	}()
	err = b.opts.Scenario(b.playing, b)
}

// panicError is a panic of a scenario, and where it was.
type panicError struct {
	value any
	stack string
}

func (e *panicError) Error() string { return fmt.Sprintf("panicked: %v, at %s", e.value, e.stack) }

// maxStack bounds the calls that are told of a panic, so that they fit a report.
const maxStack = 8

// newPanic notes where a panic came from, in one line without addresses, so that the same
// panic of many bots reads the same. Call it from the deferred function that recovered.
func newPanic(v any) *panicError {
	if again, ok := v.(*panicError); ok {
		return again // see panicked elsewhere
	}
	var pcs [4 * maxStack]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs[:])])
	var calls []string
	for beyond := false; len(calls) < maxStack; {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.gopanic":
			beyond = true
		case !beyond || strings.HasPrefix(f.Function, "runtime."):
		case strings.HasSuffix(f.Function, "client.(*Bot).perform") || strings.HasSuffix(f.Function, "client.(*look).serve"):
			more = false
		default:
			calls = append(calls, fmt.Sprintf("%s (%s:%d)", filepath.Base(f.Function), filepath.Base(f.File), f.Line))
		}
		if !more {
			break
		}
	}
	return &panicError{value: v, stack: strings.Join(calls, ", called by ")}
}
