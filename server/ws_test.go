package server

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/server/conn/conntest"
	"github.com/roomtick/roomtick/server/directory"
)

// testSecret lets a test sign what only the server may.
const testSecret = "0123456789abcdef0123456789abcdef"

func TestSocketChecksTheOriginBeforeTheUpgrade(t *testing.T) {
	s := startPool(t)
	host := strings.TrimPrefix(s.url, "http://")
	_, port, _ := strings.Cut(host, ":")
	rows := []struct {
		name, origin string
		allowed      bool
	}{
		{"its own", "http://" + host, true},
		{"its own behind TLS", "https://" + host, true},
		{"another host", "http://evil.example", false},
		{"null", "null", false},
		{"suffix", "http://" + host + ".evil.example", false},
		{"prefix", "http://evil" + host, false},
		{"another port", "http://127.0.0.1:1", false},
		{"no port", "http://127.0.0.1", false},
		{"case", "HTTP://" + host, false},
		{"another scheme", "ftp://" + host, false},
		{"user in front", "http://a@" + host, false},
		{"path behind", "http://" + host + "/", false},
		{"another name of this machine", "http://localhost:" + port, false},
		{"empty", "", false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			b := s.match(t, "Ada")
			sock, err := conntest.Dial(b.URL, http.Header{"Origin": {row.origin}}, schema.Subprotocol, "seat."+b.Token)
			if err == nil {
				sock.Close()
			}
			wantUpgrade(t, err, row.allowed, http.StatusForbidden)
		})
	}
}

// wantUpgrade expects the handshake to succeed, or to be answered with status.
func wantUpgrade(t *testing.T, err error, allowed bool, status int) {
	t.Helper()
	var refused *conntest.HandshakeError
	switch {
	case allowed && err != nil:
		t.Errorf("refused: %v", err)
	case !allowed && (!errors.As(err, &refused) || refused.Status != status):
		t.Errorf("got %v; want %d before the upgrade", err, status)
	case !allowed && !strings.Contains(string(refused.Body), `"hint"`):
		t.Errorf("no cure in %s", refused.Body)
	}
}

func TestOriginsSettingIsTheOneListForSocketPostAndCORS(t *testing.T) {
	const page = "https://page.example"
	s := startPool(t, "-origins", page+", https://other.example:8443")
	b := s.match(t, "Ada")
	for origin, allowed := range map[string]bool{page: true, "https://other.example:8443": true, s.url: false, page + ".evil": false} {
		sock, err := conntest.Dial(b.URL, http.Header{"Origin": {origin}}, schema.Subprotocol, "seat."+b.Token)
		if err == nil {
			sock.Close()
		}
		wantUpgrade(t, err, allowed, http.StatusForbidden)
	}
	r := s.post(t, `{"game":"pool"}`, "Origin", page, "Sec-Fetch-Site", "cross-site")
	if r.status != http.StatusOK || r.header.Get("Access-Control-Allow-Origin") != page {
		t.Errorf("POST from the page: %d, allowed origin %q", r.status, r.header.Get("Access-Control-Allow-Origin"))
	}
	req, _ := http.NewRequest(http.MethodOptions, s.url+"/v1/match", nil)
	req.Header.Set("Origin", "https://evil.example")
	req.Header.Set("Access-Control-Request-Method", "POST")
	if got := do(t, req).header.Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("preflight of another origin allows %q", got)
	}
}

func TestSocketWithoutOriginNeedsACredential(t *testing.T) {
	s := startPool(t)
	b := s.match(t, "Ada")
	_, err := conntest.Dial(b.URL, nil, schema.Subprotocol)
	wantUpgrade(t, err, false, http.StatusForbidden)
	_, err = conntest.Dial(b.URL, nil, schema.Subprotocol, "seat.", "resume.")
	wantUpgrade(t, err, false, http.StatusForbidden)
	_, err = conntest.Dial(b.URL, nil, "seat."+b.Token)
	wantUpgrade(t, err, false, http.StatusBadRequest)
	_, err = conntest.Dial(b.URL, http.Header{"Origin": {s.url, s.url}}, schema.Subprotocol, "seat."+b.Token)
	wantUpgrade(t, err, false, http.StatusForbidden)

	sock, err := conntest.Dial(b.URL, http.Header{"Origin": {s.url}}, schema.Subprotocol)
	if err != nil {
		t.Fatal(err)
	}
	defer sock.Close()
	wantGoodbye(t, &player{Socket: sock}, schema.CloseTokenInvalid)
}

func TestSeatTokensThatProveNothingAreRefused(t *testing.T) {
	s := startPool(t, "-secret", testSecret)
	b, other := s.match(t, "Ada"), s.match(t, "Bob")
	ours := signer{key: []byte(testSecret)}
	c, err := ours.verify(b.Token, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(*claims)) string {
		changed := c
		change(&changed)
		return "seat." + ours.sign(changed)
	}
	elsewhere := s.ws + "/v1/rooms/NOSUCHROOM/ws"
	for _, row := range []struct {
		name, url, credential string
		code                  schema.CloseCode
	}{
		{"tampered", b.URL, "seat." + b.Token[:40] + "AAAA" + b.Token[44:], schema.CloseTokenInvalid},
		{"another key", b.URL, "seat." + signer{key: []byte("x")}.sign(c), schema.CloseTokenInvalid},
		{"token of another node", b.URL, with(func(c *claims) { c.Node = "other" }), schema.CloseTokenInvalid},
		{"token of another room", elsewhere, "seat." + other.Token, schema.CloseTokenInvalid},
		{"expired", b.URL, with(func(c *claims) { c.Expires = time.Now().Add(-time.Second) }), schema.CloseTokenExpired},
		{"nonce never reserved", b.URL, with(func(c *claims) { c.Nonce = "other" }), schema.CloseTokenExpired},
		{"seat out of range", b.URL, with(func(c *claims) { c.Seat = 60000 }), schema.CloseTokenUsed},
		{"room that has ended", elsewhere, with(func(c *claims) { c.Room = "NOSUCHROOM" }), schema.CloseRoomGone},
		{"epoch the room has not reached", b.URL, with(func(c *claims) { c.EpochFloor++ }), schema.CloseRoomGone},
		{"resume with a guess", b.URL, "resume.0-AAAAAAAAAAAAAAAAAAAAAAAAAA", schema.CloseResumeRefused},
	} {
		t.Run(row.name, func(t *testing.T) { wantRefused(t, row.url, row.credential, row.code) })
	}
}

// Who knows no credential learns nothing about which rooms exist.
func TestAbsentAndForbiddenRoomsAnswerAlike(t *testing.T) {
	s := startPool(t)
	b := s.match(t, "Ada")
	for _, url := range []string{b.URL, s.ws + "/v1/rooms/AAAAAAAAAAAAAAAAAAAAAAAAAA/ws"} {
		wantRefused(t, url, "seat.guess", schema.CloseTokenInvalid)
		wantRefused(t, url, "resume.0-guess", schema.CloseResumeRefused)
	}
}

func TestOfAHundredUsesOfOneTokenExactlyOneWins(t *testing.T) {
	s := startPool(t)
	b := s.match(t, "Ada")
	var won, used atomic.Int64
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			p, err := dial(t, b.URL, "seat."+b.Token)
			if err != nil {
				t.Error(err)
				return
			}
			var f schema.ServerFrame
			msg, err := p.Next()
			if err != nil || schema.ParseServerFrame(msg, &f) != nil {
				t.Errorf("first frame: %v", err)
				return
			}
			switch {
			case f.Welcome != nil:
				won.Add(1)
			case f.Goodbye != nil && f.Goodbye.Code == schema.CloseTokenUsed:
				used.Add(1)
			default:
				t.Errorf("first frame %+v", f)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 || used.Load() != 99 {
		t.Errorf("%d won, %d were told that the token is used", won.Load(), used.Load())
	}
}

func TestCutPlayerResumesTheSameSeat(t *testing.T) {
	s := startPool(t)
	first := s.join(t, "Ada")
	other := s.join(t, "Bob")
	url := s.ws + "/v1/rooms/" + first.welcome.Room + "/ws"
	first.Close() // no close frame

	second, err := dial(t, url, "resume."+first.welcome.Secret)
	if err != nil {
		t.Fatal(err)
	}
	second.play(t)
	if w := second.welcome; !w.Resumed || w.Seat != first.welcome.Seat || w.Player != first.welcome.Player || w.Epoch != first.welcome.Epoch {
		t.Errorf("first %+v, then %+v", first.welcome, w)
	}
	if second.welcome.Secret == first.welcome.Secret {
		t.Error("the secret was not rotated")
	}

	// The reply with the new secret may get lost: the old one works until the new one is used.
	third, err := dial(t, url, "resume."+second.welcome.Secret)
	if err != nil {
		t.Fatal(err)
	}
	third.play(t)
	wantRefused(t, url, "resume."+first.welcome.Secret, schema.CloseResumeRefused)
	if goodbye, _ := second.Drain(); goodbye == nil || goodbye.Code != schema.CloseReplaced {
		t.Errorf("the conn that was replaced got %+v", goodbye)
	}
	other.play(t) // undisturbed
}

func TestCredentialsNeverReachLogOrMetrics(t *testing.T) {
	s := startPool(t)
	b := s.match(t, "Ada")
	p, err := dial(t, b.URL, "seat."+b.Token)
	if err != nil {
		t.Fatal(err)
	}
	p.play(t)
	wantRefused(t, b.URL, "seat."+b.Token, schema.CloseTokenUsed)
	wantRefused(t, b.URL, "seat."+b.Token[:60], schema.CloseTokenInvalid)
	p.Close()
	conntest.Poll(t, "the cut is logged", func() bool { return strings.Contains(s.log.String(), "conn ended") })
	_, metrics := get(t, s.admin+"/metrics")
	for _, secret := range []string{b.Token, b.Token[:60], p.welcome.Secret, p.welcome.Secret[5:], p.welcome.Player, b.Room} {
		if strings.Contains(metrics, secret) {
			t.Errorf("metrics hold %q", secret)
		}
		if secret != b.Room && secret != p.welcome.Player && strings.Contains(s.log.String()+s.out.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

func TestDrainingRefusesNewSockets(t *testing.T) {
	s := startPool(t)
	b := s.match(t, "Ada")
	n := newNode(&config{}, nil, directory.NewMemory(leaseTime), newLog("text", s.log))
	n.drain()
	if n.startPlaying() {
		t.Error("a draining node takes a conn")
	}
	s.stop()
	if err := <-s.ended; err != nil {
		t.Error(err)
	}
	if _, err := dial(t, b.URL, "seat."+b.Token); err == nil {
		t.Error("a stopped server takes a conn")
	}
}
