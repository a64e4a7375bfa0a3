package client

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"
)

// Scenario is a player by script: it runs beside the bot from its first snapshot on,
// in a goroutine of its own, and acts through the bot's methods. The bot leaves when
// it returns; an error that is not ctx's counts as a fault, and so do a panic, which ends
// this bot alone, and not returning within scenarioGrace of the end of ctx.
type Scenario func(ctx context.Context, b *Bot) error

// scenarioGrace is how long a scenario may take to return once its bot is to leave, or
// has ended. After that it is left to itself.
const scenarioGrace = 5 * time.Second

// errEnded is returned to a scenario whose bot is no longer in its room.
var errEnded = errors.New("the bot has ended")

// Input sets the bot's input until the next call: the fields that values names, the
// others zero. It is sent with every tick from then on; edge fields once.
func (b *Bot) Input(values Values) error {
	desc := b.described.Load()
	payload, err := values.encode(desc.Input)
	if err != nil {
		return fmt.Errorf("input: %w", err)
	}
	b.out.think(payload)
	return nil
}

// Send tells the game an event, by the name that clients know ("say"). It arrives
// exactly once, in order. The server takes 20 a second.
func (b *Bot) Send(name string, values Values) error {
	desc := b.described.Load()
	var known []string
	for i := range desc.Events {
		e := &desc.Events[i]
		if !e.FromClient {
			continue
		}
		if e.Name != name {
			known = append(known, e.Name)
			continue
		}
		payload, err := values.encode(e.Fields)
		if err != nil {
			return fmt.Errorf("send %s: %w", name, err)
		}
		return b.out.tell(uint32(i), payload)
	}
	return fmt.Errorf("send: there is no event %q from clients; known are %s", name, strings.Join(known, ", "))
}

// Wait returns once so many more ticks have come, or with an error if the bot or ctx
// ends first.
func (b *Bot) Wait(ctx context.Context, ticks int) error {
	var until uint32
	started := false
	for {
		reached := false
		err := b.Look(ctx, func(s *State) {
			if !started {
				started, until = true, s.Tick()+uint32(ticks)
			}
			reached = int32(s.Tick()-until) >= 0
		})
		if err != nil || reached {
			return err
		}
	}
}

// Look calls see with what the bot sees, right after its next snapshot. see must be
// quick: the bot reads nothing meanwhile. Names that see asked for and that the game does
// not have are an error.
func (b *Bot) Look(ctx context.Context, see func(*State)) error {
	l := &look{see: see, done: make(chan struct{})}
	select {
	case b.looks <- l:
	case <-ctx.Done():
		return ctx.Err()
	case <-b.playing.Done():
		return errEnded
	}
	select {
	case <-l.done:
		return l.result()
	case <-ctx.Done():
	case <-b.playing.Done():
	}
	if l.taken.CompareAndSwap(false, true) {
		return errors.Join(ctx.Err(), errEnded)
	}
	<-l.done // under way
	return l.result()
}

// Leave gives the seat up and ends the bot.
func (b *Bot) Leave() { b.quit() }

// look is a call of Look that waits for a snapshot.
type look struct {
	see   func(*State)
	taken atomic.Bool // by the read goroutine, or given up by Look
	done  chan struct{}

	// Written before done is closed, read after.
	err   error
	panic *panicError // of see
}

// result ends Look: a panic of see goes on where see was made.
func (l *look) result() error {
	if l.panic != nil {
		panic(l.panic)
	}
	return l.err
}

// serve answers the scenario, if it waits. Called by the read goroutine.
func (v *view) serve() {
	select {
	case l := <-v.bot.looks:
		if l.taken.CompareAndSwap(false, true) {
			l.serve(&State{view: v})
		}
	default:
	}
}

// serve keeps a panic of see from the read goroutine.
func (l *look) serve(s *State) {
	defer close(l.done)
	defer func() {
		if v := recover(); v != nil {
			l.panic = newPanic(v)
		}
	}()
	l.see(s)
	if len(s.errs) > 0 {
		l.err = fmt.Errorf("look: %w", errors.Join(s.errs...))
	}
}
