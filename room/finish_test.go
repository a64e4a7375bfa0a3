package room

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomtick/roomtick/schema"
)

// desk takes the results of rooms.
type desk struct {
	got   []Outcome
	saved chan struct{}
}

func newDesk() *desk { return &desk{saved: make(chan struct{})} }

func (d *desk) take(o Outcome) <-chan struct{} {
	d.got = append(d.got, o)
	return d.saved
}

func TestPlayersHearThatTheMatchIsOverOnceItsResultIsSaved(t *testing.T) {
	d := newDesk()
	inBubble(t, Config{Game: dramaGame, Options: []byte("finish"), Finished: d.take}, func(r *Room) {
		d.saved = make(chan struct{}) // of this bubble
		a, b := newTab(t, r, "Ada"), newTab(t, r, "Bob")
		watch(r, 20, a, b)
		if len(d.got) != 1 {
			t.Fatalf("the result was handed over %d times", len(d.got))
		}
		o := d.got[0]
		if o.Room != "test-room" || o.Epoch != 7 || o.Game != "drama" || o.Tick != 10 || string(o.Result) != `{"winner":"Ada"}` || o.Err != nil {
			t.Errorf("the outcome is %+v", o)
		}
		if len(o.Players) != 2 || o.Players[0].Name != "Ada" || o.Players[1].Seat != 1 || !o.Players[1].InTeam || o.Players[1].Team != 1 {
			t.Errorf("the players are %+v", o.Players)
		}
		if a.conn.closed() != 0 || r.Info().Tick != 10 {
			t.Errorf("before the result is saved the player was told %d, at tick %d", a.conn.closed(), r.Info().Tick)
		}
		if _, err := r.Reserve(context.Background(), Reservation{Nonce: "n", Expires: time.Now().Add(time.Minute)}); !errors.Is(err, ErrEnded) {
			t.Errorf("a seat of a finished match: %v", err)
		}
		close(d.saved)
		<-r.Done()
		if a.conn.closed() != schema.CloseRoomGone || b.conn.closed() != schema.CloseKicked {
			t.Errorf("closed with %d and %d", a.conn.closed(), b.conn.closed())
		}
	})
}

func TestPlayersAreNotToldThatAResultIsSavedThatIsNot(t *testing.T) {
	for name, stop := range map[string]bool{"the store hangs": false, "the node stops": true} {
		synctest.Test(t, func(t *testing.T) {
			d := newDesk()
			r, err := New(Config{Game: dramaGame, ID: "x", Options: []byte("finish"), Finished: d.take})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			go r.Run(ctx)
			a, b := newTab(t, r, "Ada"), newTab(t, r, "Bob")
			watch(r, 20, a, b)
			if stop {
				cancel()
			}
			start := time.Now()
			<-r.Done()
			if took := time.Since(start); !stop && took > saveTimeout {
				t.Errorf("%s: the player waited %v more", name, took)
			}
			if bye := a.conn.bye(t); a.conn.closed() != schema.CloseRoomFailed || bye.Reason != unsaved {
				t.Errorf("%s: closed with %d, %q", name, a.conn.closed(), bye.Reason)
			}
		})
	}
}

func TestRoomsHandOverWhatTheyCan(t *testing.T) {
	for _, row := range []struct {
		plot  string
		want  string
		close schema.CloseCode
	}{
		{"finish", `1 {"winner":"Ada"} <nil>`, schema.CloseRoomGone},
		{"no result", "1  sim: result: json: unsupported type: chan int", schema.CloseRoomGone},
		{"end", "0", schema.CloseRoomGone},
		{"panic", "0", schema.CloseRoomFailed}, // a step that did not end has no result
	} {
		d := newDesk()
		inBubble(t, Config{Game: dramaGame, Options: []byte(row.plot), Finished: d.take}, func(r *Room) {
			d.saved = make(chan struct{})
			close(d.saved)
			a := newTab(t, r, "Ada")
			newTab(t, r, "Bob")
			<-r.Done()
			got := fmt.Sprint(len(d.got))
			for _, o := range d.got {
				got += fmt.Sprintf(" %s %v", o.Result, o.Err)
			}
			if got != row.want || a.conn.closed() != row.close {
				t.Errorf("%s: got %s, closed with %d; want %s and %d", row.plot, got, a.conn.closed(), row.want, row.close)
			}
		})
	}
}

func TestResultsGivenBetweenTwoTicksSurviveTheEndOfTheRoom(t *testing.T) {
	d := newDesk()
	inBubble(t, Config{Game: dramaGame, Finished: d.take}, func(r *Room) {
		d.saved = make(chan struct{})
		close(d.saved)
		a := newTab(t, r, "Ada")
		ticks(r, 3)
		inside(t, r, func() {
			r.sim.World().Finish("from a hook")
			r.end(schema.CloseRestart)
		})
		<-r.Done()
		if len(d.got) != 1 || string(d.got[0].Result) != `"from a hook"` || a.conn.closed() != schema.CloseRestart {
			t.Errorf("got %+v, closed with %d", d.got, a.conn.closed())
		}
	})
}
