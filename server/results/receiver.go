package results

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Receiver takes results. It is asked one at a time.
type Receiver interface {
	// Name is what logs, metrics and the admin list call it.
	Name() string

	// Deliver offers a result, for the attempt-th time since the process started.
	Deliver(ctx context.Context, id string, body []byte, attempt int) Answer
}

// Verdict is what became of an attempt.
type Verdict uint8

// The verdicts. Only Accepted ends the attempts.
const (
	Accepted Verdict = iota // the receiver has it
	Refused                 // the receiver does not like this one: others go on
	Failed                  // this one or the receiver is broken: others show which
	Away                    // nobody was reached, or asked to be left alone: all wait
	verdicts
)

// String is the verdict as metrics say it.
func (v Verdict) String() string {
	return [...]string{"accepted", "refused", "failed", "away"}[v]
}

// Answer is what a receiver said.
type Answer struct {
	Verdict Verdict
	After   time.Duration // do not come back sooner; 0: whenever
	Err     error         // why it was not accepted
}

// Func is a Receiver in this process: nil accepts the result, an error has it sent again.
// It may see a result more than once, each time with the same ID. A panic is an error.
type Func func(ctx context.Context, r Result) error

// Name implements Receiver.
func (Func) Name() string { return "function" }

// Deliver implements Receiver.
func (f Func) Deliver(ctx context.Context, _ string, body []byte, _ int) Answer {
	var r Result
	if err := json.Unmarshal(body, &r); err != nil {
		return Answer{Verdict: Refused, Err: fmt.Errorf("read a result: %w", err)}
	}
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	if err := f.call(ctx, r); err != nil {
		return Answer{Verdict: Failed, Err: err}
	}
	return Answer{}
}

func (f Func) call(ctx context.Context, r Result) (err error) {
	returned := false
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("the function panicked: %v", value)
		} else if !returned { // runtime.Goexit ends this goroutine all the same
			err = errors.New("the function ended its goroutine")
		}
	}()
	err = f(ctx, r)
	returned = true
	return err
}
