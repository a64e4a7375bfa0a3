package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomtick/roomtick/sim"
)

func TestPrivateRoomsAreEnteredByTheirCodeOnly(t *testing.T) {
	s := startBoard(t)
	r := s.post(t, boardBody(`"create":true,"private":true`))
	var made struct{ Room, Code string }
	if err := json.Unmarshal([]byte(r.body), &made); err != nil || cleanCode(made.Code) != made.Code || made.Code == "" {
		t.Fatalf("%s: %v", r.body, err)
	}
	if _, list := get(t, s.url+"/v1/rooms"); strings.Contains(list, made.Room) {
		t.Error("it is in the list")
	}
	if s.joinBoard(t, ``).Room == made.Room {
		t.Error("a stranger was sent there")
	}
	wantProblem(t, s.post(t, boardBody(`"room":"`+made.Room+`"`)), 404, "unknown-room")
	written := strings.ToLower(made.Code[:3] + "-" + made.Code[3:])
	if b := s.joinBoard(t, `"code":"`+written+`"`); b.Room != made.Room {
		t.Error("the code led elsewhere")
	}
	wantProblem(t, s.post(t, `{"game":"pool","code":"`+made.Code+`"}`), 404, "no-entry")
}

// What a code opens must not be learned from the answer or from its time.
func TestCodesThatOpenNothingAreAnsweredAlike(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTestNode(t, config{maxRooms: 100})
		private := func(p plan, taken int) wish {
			p.game, p.private = poolGame, true
			w := wishFor(poolGame, "Ada")
			w.create, w.made = true, p
			var code string
			for range taken {
				g, err := n.match(t.Context(), w)
				if err != nil {
					t.Fatal(err)
				}
				if g.code != "" {
					code = g.code
				}
				w = wishFor(poolGame, "Ada")
				w.code, w.password = code, p.password
			}
			return w
		}
		full := private(plan{}, 4)
		forbidden := private(plan{password: "sesame"}, 1)
		forbidden.password = "guess"
		locked := private(plan{}, 1)
		if err := n.codes[locked.code].room.Lock(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		absent, junk := wishFor(poolGame, "Ada"), wishFor(poolGame, "Ada")
		absent.code, junk.code = "000000", "not a code at all"
		answers := make(map[string]bool)
		for name, w := range map[string]wish{"full": full, "forbidden": forbidden, "locked": locked, "absent": absent, "junk": junk} {
			start := time.Now()
			_, err := n.match(t.Context(), w)
			var p *Problem
			if !errors.As(err, &p) || p.Code != "no-entry" {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if took := time.Since(start); took != codeAnswer {
				t.Errorf("%s: answered after %v", name, took)
			}
			answers[fmt.Sprintf("%+v %v", *p, p.GetHeaders())] = true
		}
		if len(answers) != 1 {
			t.Errorf("%d different answers: %v", len(answers), answers)
		}
	})
}

func TestOfAThousandJoinsOfARoomAsManyWinAsThereAreSeats(t *testing.T) {
	ten := sim.Define[pool](sim.Config{Name: "ten", TickRate: 50, MaxPlayers: 10})
	s := start(t, []*sim.Definition{ten}, "-max-rooms", "1")
	first := decode(t, s.post(t, `{"game":"ten","create":true}`).body)
	var won, full atomic.Int32
	var wg sync.WaitGroup
	turns := make(chan struct{}, 200) // sockets at once
	for range 1000 {
		wg.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			switch r := s.post(t, `{"game":"ten","room":"`+first.Room+`"}`); {
			case r.status == 200:
				won.Add(1)
			case strings.Contains(r.body, `"room-full"`):
				full.Add(1)
			default:
				t.Errorf("%d %s", r.status, r.body)
			}
		})
	}
	wg.Wait()
	if won.Load() != 9 || full.Load() != 991 {
		t.Errorf("%d won, %d were refused", won.Load(), full.Load())
	}
}

func TestWhoGuessesCodesIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTestNode(t, config{})
		body := matchBody{Game: "pool", Code: "000000"}
		guesses := 0
		for range 600 { // ten minutes
			if p := n.noteGuess(t.Context(), &body); p == nil {
				guesses++
			} else if p.Code != "too-many-guesses" {
				t.Fatal(p)
			}
			time.Sleep(time.Second)
		}
		if most := guessBurst + 600*guessRate; guesses > int(most) || guesses < int(most)-2 {
			t.Errorf("%d guesses in ten minutes", guesses)
		}
		body = matchBody{Game: "pool", Room: "x", Password: "guess"}
		if p := n.noteGuess(t.Context(), &body); p != nil {
			t.Errorf("a second has passed: %v", p)
		}
		if p := n.noteGuess(t.Context(), &body); p == nil || p.Code != "too-many-guesses" {
			t.Errorf("passwords are guessed as codes are: %v", p)
		}
	})
}

func TestCodesAreReadAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string]string{
		"7KX0QM": "7KX0QM", "7kx-0qm": "7KX0QM", " 7kx oqm ": "7KX0QM", "iLO000": "110000",
		"": "", "7KX0Q": "", "7KX0QMM": "", "7KX0QU": "", "7KX0Qé": "", strings.Repeat("-", 30): "",
	} {
		if got := cleanCode(text); got != want {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	}
	seen := make(map[string]bool)
	for range 1000 {
		code := newCode()
		if cleanCode(code) != code {
			t.Errorf("%q is not a code", code)
		}
		seen[code] = true
	}
	if len(seen) < 999 {
		t.Errorf("%d different of 1000", len(seen))
	}
}
