package server

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"

	"github.com/roomtick/roomtick/server/conn/conntest"
	"github.com/roomtick/roomtick/sim"
)

// nowhere is an address at which nobody listens.
func nowhere(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestANodeStartsWithoutItsRedisAliveButNotReady(t *testing.T) {
	redis := nowhere(t)
	s := start(t, []*sim.Definition{poolOfQueues}, "-redis", "redis://"+redis, "-secret", testSecret, "-peer", "127.0.0.1:0", "-bots", "2")
	if status, body := get(t, s.admin+"/healthz"); status != http.StatusOK {
		t.Errorf("healthz: %d %s", status, body)
	}
	if status, body := get(t, s.admin+"/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(body, redis) {
		t.Errorf("readyz: %d %q", status, body)
	}
	for _, asked := range []struct{ path, body string }{
		{"/v1/match", `{"game":"pool"}`},
		{"/v1/match", `{"game":"pool","create":true,"private":true}`},
		{"/v1/tickets", duelOf("duel", 1500)},
		{"/v1/parties", `{"game":"pool"}`},
	} {
		q := queuer{s: s}
		r := q.call(t, http.MethodPost, asked.path, asked.body)
		if r.status != http.StatusServiceUnavailable || r.header.Get("Retry-After") == "" || !strings.Contains(r.body, "directory-away") {
			t.Errorf("%s %s: %d %s", asked.path, asked.body, r.status, r.body)
		}
	}
	if n := strings.Count(s.log.String(), "directory away"); n != 1 {
		t.Errorf("it is logged %d times that the directory is away", n)
	}
	// What comes there does not say whether it evicts keys.
	m := miniredis.NewMiniRedis()
	if err := m.StartAddr(redis); err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	var err error
	conntest.Poll(t, "the node ends", func() bool {
		select {
		case err = <-s.ended:
			return true
		default:
			return false
		}
	})
	if err == nil || !strings.Contains(err.Error(), "-redis: ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("it ends with %v", err)
	}
}
