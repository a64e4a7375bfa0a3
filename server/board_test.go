package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/roomtick/roomtick/server/conn/conntest"
	"github.com/roomtick/roomtick/sim"
)

// board is a game with options, which says what it plays: four seats, and a gallery.
type board struct {
	Pieces sim.Table[swimmer]
	Inputs sim.Inputs[stroke]
}

func (*board) Create(w *sim.World, options []byte) error {
	var o struct {
		Size int
		Boom bool
	}
	if len(options) > 0 {
		if err := json.Unmarshal(options, &o); err != nil {
			return err
		}
	}
	switch {
	case o.Boom:
		panic("boom")
	case o.Size > 20:
		return fmt.Errorf("size %d is too large;\nuse 20 or less", o.Size)
	case o.Size > 0:
		return w.SetProperty("size", sim.Number(float64(o.Size)))
	}
	if v, ok := w.Property("map"); ok && v == sim.Text("moon") {
		return errors.New("there is no such map as moon")
	}
	return nil
}

func (*board) Join(*sim.World, *sim.Player)  {}
func (*board) Leave(*sim.World, *sim.Player) {}

// Step reads what players press: kick locks the room, end says that the match has begun.
func (g *board) Step(w *sim.World) {
	for p := range w.Players() {
		switch in := g.Inputs.Of(p); {
		case in.Kick:
			w.SetJoinable(false)
		case in.End:
			w.SetStarted()
		}
	}
}

var boardGame = sim.Define[board](sim.Config{Name: "board", TickRate: 50, MaxPlayers: 4, MaxSpectators: 4})

func startBoard(t *testing.T, args ...string) *running {
	t.Helper()
	return start(t, []*sim.Definition{boardGame, poolGame}, args...)
}

// joinBoard holds a seat; wish is more of the body, such as `"mode":"duel"`.
func (s *running) joinBoard(t *testing.T, wish string, header ...string) reservation {
	t.Helper()
	r := s.post(t, boardBody(wish), header...)
	if r.status != http.StatusOK {
		t.Fatalf("%s: %d %s", wish, r.status, r.body)
	}
	return decode(t, r.body)
}

func boardBody(wish string) string {
	if wish != "" {
		wish = "," + wish
	}
	return `{"game":"board"` + wish + `}`
}

func TestJoinsMeetInRoomsAsTheyWished(t *testing.T) {
	s := startBoard(t)
	rooms := make(map[string]string) // by what was wished for
	for _, row := range []struct{ name, wish, same string }{
		{"plain", ``, ""},
		{"plain again", ``, "plain"},
		{"duel", `"mode":"duel"`, ""},
		{"duel again", `"mode":"duel"`, "duel"},
		{"dust", `"filter":{"map":"dust"}`, ""},
		{"dust again", `"filter":{"map":"dust"}`, "dust"},
		{"dust or ice", `"filter":{"map":{"in":["ice","dust"]}}`, "dust"},
		{"ice", `"filter":{"map":"ice"}`, ""},
		{"level 3", `"properties":{"level":3,"ranked":true},"filter":{"level":3}`, ""},
		{"level 2 to 5", `"filter":{"level":{"min":2,"max":5}}`, "level 3"},
		{"level up to 3", `"filter":{"level":{"max":3}}`, "level 3"},
		{"ranked", `"filter":{"ranked":true,"level":{"min":1}}`, "level 3"},
		{"level 9 and more", `"filter":{"level":{"min":9}}`, ""},
		{"level 9", `"filter":{"level":9}`, "level 9 and more"},
		{"size 7, by the game", `"filter":{"size":7},"options":{"size":7}`, ""},
		{"size from 5", `"filter":{"size":{"min":5}}`, "size 7, by the game"},
		{"build 1", `"build":"1","filter":{"own":true}`, ""},
		{"build 2", `"build":"2","filter":{"own":true}`, ""},
		{"build 1 again", `"build":"1","filter":{"own":true}`, "build 1"},
	} {
		rooms[row.name] = s.joinBoard(t, row.wish).Room
		for other, room := range rooms {
			if want := other == row.name || other == row.same || row.same != "" && room == rooms[row.same]; (room == rooms[row.name]) != want {
				t.Errorf("%s and %s meet: %v", row.name, other, !want)
			}
		}
	}
}

func TestTheOldestRoomComesFirstIfThatIsWished(t *testing.T) {
	s := startBoard(t)
	oldest := s.joinBoard(t, `"create":true`).Room
	fuller := s.joinBoard(t, `"create":true`).Room
	s.joinBoard(t, `"room":"`+fuller+`"`)
	if got := s.joinBoard(t, `"sort":"age"`).Room; got != oldest {
		t.Error("not the oldest")
	}
	s.joinBoard(t, `"room":"`+fuller+`"`)
	if got := s.joinBoard(t, ``).Room; got != fuller {
		t.Error("not the fullest")
	}
}

func TestWishesThatCannotBeMetSayWhy(t *testing.T) {
	s := startBoard(t, "-region", "eu", "-build", "7")
	locked := s.joinBoard(t, `"create":true,"password":"sesame"`).Room
	long := strings.Repeat("x", 65)
	for _, row := range []struct {
		name, wish string
		status     int
		code, says string
	}{
		{"options the game refuses", `"options":{"size":21}`, 422, "options", "size 21 is too large; use 20 or less"},
		{"properties the game refuses", `"properties":{"map":"moon"}`, 422, "options", "no such map as moon"},
		{"options of another type", `"options":[]`, 422, "bad-body", "object"},
		{"a game that panics", `"options":{"boom":true}`, 500, "internal", ""},
		{"long property", `"properties":{"map":"` + long + `"}`, 422, "bad-body", "properties.map"},
		{"nested property", `"properties":{"map":{}}`, 422, "bad-body", "properties.map"},
		{"bad property name", `"properties":{"a b":1}`, 422, "properties", "a b"},
		{"bad filter", `"filter":{"map":{"is":1}}`, 422, "bad-body", "filter.map"},
		{"empty set", `"filter":{"map":{"in":[]}}`, 422, "bad-wish", "filter.map"},
		{"empty bounds", `"filter":{"map":{}}`, 422, "bad-wish", "filter.map"},
		{"bad sort", `"sort":"luck"`, 422, "bad-body", "sort"},
		{"bad mode", `"mode":"Duel!"`, 422, "bad-body", "mode"},
		{"another region", `"region":"us"`, 404, "unknown-region", "eu"},
		{"another build", `"build":"6"`, 409, "other-build", "build 7"},
		{"create and room", `"create":true,"room":"x"`, 422, "bad-wish", "create"},
		{"create and code", `"create":true,"code":"x"`, 422, "bad-wish", "create"},
		{"room and code", `"room":"x","code":"x"`, 422, "bad-wish", "code"},
		{"private without create", `"private":true`, 422, "bad-wish", "create"},
		{"password without a room", `"password":"x"`, 422, "bad-wish", "password"},
		{"kept seats without identities", `"create":true,"reserve":["ada"]`, 422, "bad-wish", "jwt-key"},
		{"more kept seats than there are", `"create":true,"reserve":["a","b","c","d"]`, 422, "bad-wish", "seats"},
		{"wrong password", `"room":"` + locked + `","password":"wrong"`, 403, "wrong-password", "password"},
		{"no password", `"room":"` + locked + `"`, 403, "wrong-password", "password"},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := wantProblem(t, s.post(t, boardBody(row.wish)), row.status, row.code)
			if !strings.Contains(p.Detail+p.Hint, row.says) {
				t.Errorf("%s / %s does not say %q", p.Detail, p.Hint, row.says)
			}
		})
	}
	s.joinBoard(t, `"region":"eu","build":"7","room":"`+locked+`","password":"sesame"`)
	r := s.post(t, `{"game":"pool","options":{"size":1}}`)
	if p := wantProblem(t, r, 422, "options"); !strings.Contains(p.Detail, "takes no options") {
		t.Errorf("a game without Create: %s", p.Detail)
	}
}

func TestRoomsWithAPasswordAreNotGivenToStrangers(t *testing.T) {
	s := startBoard(t)
	locked := s.joinBoard(t, `"create":true,"password":"sesame"`).Room
	if s.joinBoard(t, ``).Room == locked {
		t.Error("a stranger came in")
	}
	_, body := get(t, s.url+"/v1/rooms?free=1")
	if !strings.Contains(body, `"password":true`) || strings.Contains(body, "sesame") {
		t.Errorf("listed as %s", body)
	}
}

func TestALockedRoomAndAMatchThatHasBegunTakeNobodyIn(t *testing.T) {
	for _, row := range []struct {
		name, wish string
		press      byte
	}{{"locked by the game", `"create":true`, kick}, {"begun, without late join", `"create":true,"lateJoin":false`, end}} {
		s := startBoard(t)
		b := s.joinBoard(t, row.wish)
		p, err := dial(t, b.URL, "seat."+b.Token)
		if err != nil {
			t.Fatal(err)
		}
		p.play(t)
		p.stroke(t, row.press)
		conntest.Poll(t, "the room is shut", func() bool {
			_, body := get(t, s.url+"/v1/rooms")
			return strings.Contains(body, `"joinable":false`)
		})
		wantProblem(t, s.post(t, boardBody(`"room":"`+b.Room+`"`)), 409, "room-locked")
		if s.joinBoard(t, ``).Room == b.Room {
			t.Errorf("%s: matchmaking sends people there", row.name)
		}
	}
}

func TestTheLastRoomsAreForThoseWhoFindNone(t *testing.T) {
	s := startBoard(t, "-max-rooms", "5")
	for range 4 {
		s.joinBoard(t, `"create":true,"password":"x"`)
	}
	wantProblem(t, s.post(t, boardBody(`"create":true`)), 503, "server-full")
	s.joinBoard(t, ``)
}
