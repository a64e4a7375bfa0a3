package server

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/roomtick/roomtick/schema"
)

const loginKey = "the login's secret of thirty-two bytes"

// bearerOf is the header of a player whom the login knows.
func bearerOf(t *testing.T, sub string, life time.Duration) []string {
	t.Helper()
	claims := jwt.MapClaims{"sub": sub, "name": "Sir " + sub, "iss": "studio", "exp": time.Now().Add(life).Unix()}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(loginKey))
	if err != nil {
		t.Fatal(err)
	}
	return []string{"Authorization", "Bearer " + token}
}

func TestWithAKeyNobodyComesInWithoutAnIdentity(t *testing.T) {
	s := startBoard(t, "-jwt-key", loginKey, "-jwt-issuer", "studio")
	other, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"sub": "eve", "iss": "studio", "exp": time.Now().Add(time.Hour).Unix()}).SignedString([]byte("another secret of thirty-two bytes."))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name   string
		header []string
		code   string
	}{
		{"nothing", nil, "identity"},
		{"basic", []string{"Authorization", "Basic YTpi"}, "identity"},
		{"no token", []string{"Authorization", "Bearer"}, "identity"},
		{"another key's", []string{"Authorization", "Bearer " + other}, "identity"},
		{"expired", bearerOf(t, "ada", -time.Minute), "identity-expired"},
	} {
		r := s.post(t, boardBody(``), row.header...)
		p := wantProblem(t, r, 401, row.code)
		if r.header.Get("WWW-Authenticate") != "Bearer" || p.Hint == "" {
			t.Errorf("%s: %v", row.name, r.header)
		}
	}
	if status, _ := get(t, s.url+"/v1/rooms"); status != 200 {
		t.Error("the list asks who one is")
	}
	s.joinBoard(t, ``, bearerOf(t, "ada", time.Hour)...)
	if log := s.log.String(); strings.Contains(log, "Bearer") || strings.Contains(log, other) {
		t.Error("a token is in the log")
	}
}

func TestAnonymousPlayersComeInIfThatIsAllowedBadTokensNever(t *testing.T) {
	s := startBoard(t, "-jwt-key", loginKey, "-anonymous")
	s.joinBoard(t, ``)
	s.joinBoard(t, ``, bearerOf(t, "ada", time.Hour)...)
	wantProblem(t, s.post(t, boardBody(``), "Authorization", "Bearer x"), 401, "identity")
}

func TestOneAccountHasOneSeatUnderTheLoginsName(t *testing.T) {
	s := startBoard(t, "-jwt-key", loginKey)
	ada := bearerOf(t, "ada", time.Hour)
	first := s.joinBoard(t, `"name":"Queen"`, ada...)
	p, err := dial(t, first.URL, "seat."+first.Token)
	if err != nil {
		t.Fatal(err)
	}
	p.play(t)
	again := s.joinBoard(t, `"name":"Queen"`, ada...)
	q, err := dial(t, again.URL, "seat."+again.Token)
	if err != nil {
		t.Fatal(err)
	}
	q.play(t)
	wantGoodbye(t, p, schema.CloseReplaced)
	if first.Room != again.Room || q.welcome.Seat != p.welcome.Seat || q.welcome.Player != "ada" {
		t.Errorf("seat %d of %s, then %d of %s, as %s", p.welcome.Seat, first.Room, q.welcome.Seat, again.Room, q.welcome.Player)
	}
	if _, players := get(t, s.admin+"/v1/rooms/"+first.Room+"/players"); strings.TrimSpace(players) != `{"players":[{"player":"ada","name":"Sir ada","seat":0,"bot":false,"present":true}]}` {
		t.Errorf("seated: %s", players)
	}
}

func TestAConnEndsWhenItsIdentityDoesAndAFreshOneGetsTheSeatBack(t *testing.T) {
	s := startBoard(t, "-jwt-key", loginKey)
	b := s.joinBoard(t, ``, bearerOf(t, "ada", 2*time.Second)...)
	p, err := dial(t, b.URL, "seat."+b.Token)
	if err != nil {
		t.Fatal(err)
	}
	p.play(t)
	wantGoodbye(t, p, schema.CloseSessionExpired)
	wantRefused(t, b.URL, "resume."+p.welcome.Secret, schema.CloseSessionExpired)
	again := s.joinBoard(t, `"room":"`+b.Room+`"`, bearerOf(t, "ada", time.Hour)...)
	q, err := dial(t, again.URL, "seat."+again.Token)
	if err != nil {
		t.Fatal(err)
	}
	q.play(t)
	if q.welcome.Seat != p.welcome.Seat {
		t.Errorf("seat %d, then %d", p.welcome.Seat, q.welcome.Seat)
	}
}

func TestKeptSeatsAreForThoseWhoProveTheirName(t *testing.T) {
	s := startBoard(t, "-jwt-key", loginKey)
	b := s.joinBoard(t, `"create":true,"reserve":["bob","cem"]`, bearerOf(t, "ada", time.Hour)...)
	room := `"room":"` + b.Room + `"`
	s.joinBoard(t, room, bearerOf(t, "dan", time.Hour)...)
	wantProblem(t, s.post(t, boardBody(room), bearerOf(t, "eve", time.Hour)...), 409, "room-full")
	s.joinBoard(t, room, bearerOf(t, "bob", time.Hour)...)
	s.joinBoard(t, room, bearerOf(t, "cem", time.Hour)...)
}

func TestOneAccountIsLimitedWhateverItsAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTestNode(t, config{joinRate: 1e6})
		n.cfg.anonymous = true
		served := 0
		serve := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served++ })
		routes := []http.Handler{n.identify(serve), n.identify(serve)}
		who, err := verifierFor(loginKey)
		if err != nil {
			t.Fatal(err)
		}
		n.who = who
		token := bearerOf(t, "ada", time.Hour)
		for i := range 200 {
			w := request(routes[i%2], "POST", "/v1/match", fmt.Sprintf("10.0.%d.1:1", i), token...)
			if i >= accountBurst && w.Code != http.StatusTooManyRequests {
				t.Fatalf("request %d: %d", i, w.Code)
			}
		}
		if served != accountBurst {
			t.Errorf("%d served at once", served)
		}
		time.Sleep(time.Second)
		for i := range 10 {
			request(routes[i%2], "POST", "/v1/match", "10.1.0.1:1", token...)
		}
		if served != accountBurst+accountRate {
			t.Errorf("%d served after a second", served)
		}
	})
}

func TestTheOperatorSendsPlayersAway(t *testing.T) {
	s := startBoard(t, "-jwt-key", loginKey)
	ada := bearerOf(t, "ada", time.Hour)
	b := s.joinBoard(t, ``, ada...)
	p, err := dial(t, b.URL, "seat."+b.Token)
	if err != nil {
		t.Fatal(err)
	}
	p.play(t)
	steer := func(path string, header ...string) reply {
		t.Helper()
		req, err := http.NewRequest(http.MethodPost, s.admin+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		return do(t, req)
	}
	if r := steer("/v1/players/ada/kick?seconds=60", "Origin", "https://evil.example"); r.status != http.StatusForbidden {
		t.Errorf("another origin's page steers: %d", r.status)
	}
	if r := steer("/v1/players/ada/kick?seconds=-1"); r.status != http.StatusBadRequest {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := steer("/v1/players/ada/kick?seconds=60&reason=be%20kind"); r.status != 200 || strings.TrimSpace(r.body) != `{"rooms":1}` {
		t.Errorf("%d %s", r.status, r.body)
	}
	if goodbye, _ := p.Drain(); goodbye == nil || goodbye.Code != schema.CloseKicked || goodbye.Reason != "be kind" {
		t.Errorf("goodbye %+v", goodbye)
	}
	wantRefused(t, b.URL, "resume."+p.welcome.Secret, schema.CloseResumeRefused)
	if r := s.post(t, boardBody(``), ada...); wantProblem(t, r, 403, "banned").Hint == "" || r.header.Get("Retry-After") == "" {
		t.Error("no word of when to come back")
	}
	if r := steer("/v1/rooms/" + b.Room + "/lock"); r.status != 200 {
		t.Errorf("lock: %d %s", r.status, r.body)
	}
	wantProblem(t, s.post(t, boardBody(`"room":"`+b.Room+`"`), bearerOf(t, "bob", time.Hour)...), 409, "room-locked")
	if r := steer("/v1/rooms/" + b.Room + "/unlock"); r.status != 200 {
		t.Errorf("unlock: %d %s", r.status, r.body)
	}
	s.joinBoard(t, `"room":"`+b.Room+`"`, bearerOf(t, "bob", time.Hour)...)
	if r := steer("/v1/rooms/nowhere/lock"); r.status != http.StatusNotFound {
		t.Errorf("lock of no room: %d", r.status)
	}
}

func TestBansEndAndTheirNumberIsBounded(t *testing.T) {
	var b bans
	now := time.Unix(1000, 0)
	b.add(banRecord{Player: "ada"}, now.Add(time.Minute))
	if b.left("ada", now.Add(59*time.Second)) != time.Second || b.left("ada", now.Add(time.Minute)) != 0 || b.left("bob", now) != 0 {
		t.Error("a minute's ban does not last a minute")
	}
	for i := range maxBans + 10 {
		b.add(banRecord{Player: fmt.Sprint(i)}, now.Add(time.Duration(i+1)*time.Hour))
	}
	if len(b.until) != maxBans || b.left("0", now) != 0 || b.left(fmt.Sprint(maxBans), now) == 0 {
		t.Errorf("%d bans", len(b.until))
	}
}
