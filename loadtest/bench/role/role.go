// Package role is how the bench talks with the processes it starts of itself: lines of
// JSON on their standard output, an empty line on their standard input for each look at
// their counters, and the end of that input for the end of the process.
package role

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
)

// Hello is the first line: the process has done what it was started for.
type Hello struct {
	Addr   string `json:"addr,omitempty"`   // where it listens
	Joined int    `json:"joined,omitempty"` // players it has seated
	Error  string `json:"error,omitempty"`  // it has not, and ends
}

// Say writes one line.
func Say(out io.Writer, v any) error { return json.NewEncoder(out).Encode(v) }

// Answer writes look's result for each line of in, until in or ctx ends.
func Answer(ctx context.Context, in io.Reader, out io.Writer, look func() any) error {
	asked := make(chan struct{})
	done := make(chan struct{})
	defer close(done)
	go func() {
		defer close(asked)
		for lines := bufio.NewScanner(in); lines.Scan(); {
			select {
			case asked <- struct{}{}:
			case <-done:
				return
			}
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case _, ok := <-asked:
			if !ok {
				return nil
			}
			if err := Say(out, look()); err != nil {
				return err
			}
		}
	}
}
