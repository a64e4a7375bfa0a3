package server

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/server/conn/conntest"
	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/sim"
)

func TestStoppingSaysGoodbyeWithARetryHintToEveryPlayer(t *testing.T) {
	s := startPool(t)
	var players []*player
	for range 6 { // two rooms
		players = append(players, s.join(t, "Ada"))
	}
	late := s.match(t, "Bob")
	silent, err := conntest.Dial(late.URL, nil, schema.Subprotocol, "seat."+late.Token) // never says hello
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	s.stop()
	retries := make(map[uint32]bool)
	for _, p := range players {
		goodbye := wantGoodbye(t, p, schema.CloseRestart)
		if goodbye == nil {
			continue
		}
		if !goodbye.Reconnect || goodbye.RetryMS < uint32(retryLeast.Milliseconds()) || goodbye.RetryMS > uint32(retryMost.Milliseconds()) {
			t.Errorf("goodbye %+v", goodbye)
		}
		retries[goodbye.RetryMS] = true
	}
	if len(retries) < 2 {
		t.Errorf("every room comes back at the same time: %v", retries)
	}
	if err := <-s.ended; err != nil {
		t.Errorf("Run returned %v", err)
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://")); err == nil {
		t.Error("still listening")
	}
}

// stuckGame's step blocks until the test lets it go.
type stuckGame struct {
	Swimmers sim.Table[swimmer]
	Inputs   sim.Inputs[stroke]
}

// A game holds plain data only, so its gates are here.
var (
	stepping  = make(chan struct{}) // closed by the first step
	mayReturn = make(chan struct{}) // closed by the test
	enterStep = sync.OnceFunc(func() { close(stepping) })
)

func (*stuckGame) Join(*sim.World, *sim.Player)  {}
func (*stuckGame) Leave(*sim.World, *sim.Player) {}
func (*stuckGame) Step(*sim.World)               { enterStep(); <-mayReturn }

func TestStuckRoomDelaysTheEndNoLongerThanTheLimit(t *testing.T) {
	game := sim.Define[stuckGame](sim.Config{Name: "stuck", TickRate: 50, MaxPlayers: 4})
	log := slog.New(slog.DiscardHandler)
	n := newNode(&config{maxRooms: 1, seatTimeout: time.Minute}, []*sim.Definition{game}, directory.NewMemory(leaseTime), log)
	h, err := n.open(t.Context(), plan{game: game, keep: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		close(mayReturn)
		n.running.Wait()
		<-h.room.Done()
	}()
	<-stepping
	start := time.Now()
	if err := n.shutdown(log, nil); !errors.Is(err, errStuck) {
		t.Errorf("shutdown returned %v", err)
	}
	if took := time.Since(start); took < goodbyeTimeout {
		t.Errorf("gave the room only %v", took)
	}
}

func TestSlowHandshakesAreCutOffAfterThreeSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := conntest.NewPipe()
		srv := newHTTP(http.NotFoundHandler(), publicWrite, slog.New(slog.DiscardHandler))
		go srv.Serve(l)
		start := time.Now()
		var wg sync.WaitGroup
		for range 300 {
			c, err := l.Dial()
			if err != nil {
				t.Fatal(err)
			}
			wg.Go(func() {
				_, _ = io.Copy(io.Discard, c) // an answer, and the end
				if took := time.Since(start); took != readHeaderTimeout {
					t.Errorf("cut off after %v", took)
				}
				c.Close()
			})
			wg.Go(func() {
				for _, b := range []byte("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ") {
					time.Sleep(100 * time.Millisecond)
					if _, err := c.Write([]byte{b}); err != nil {
						return
					}
				}
			})
		}
		wg.Wait()
		srv.Close()
	})
}
