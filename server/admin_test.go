package server

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAdminPathsAreUnknownToThePublicListener(t *testing.T) {
	s := startPool(t)
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/debug/pprof/", "/debug/pprof/heap", "/debug/vars", "/admin"} {
		if status, _ := get(t, s.url+path); status != http.StatusNotFound {
			t.Errorf("public %s answers %d", path, status)
		}
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/debug/pprof/", "/debug/pprof/goroutine?debug=1"} {
		if status, _ := get(t, s.admin+path); status != http.StatusOK {
			t.Errorf("admin %s answers %d", path, status)
		}
	}
}

func TestMetricsCountTicksFramesAndConns(t *testing.T) {
	s := startPool(t)
	p := s.join(t, "Ada")
	for range 10 {
		p.play(t)
	}
	_, metrics := get(t, s.admin+"/metrics")
	for _, want := range []string{
		"roomtick_conns 1\n", "roomtick_rooms 1\n", "roomtick_players 1\n", "roomtick_joins_total 1\n",
		"roomtick_tick_seconds_count", "roomtick_tick_lateness_seconds_bucket", "go_goroutines", "process_resident_memory_bytes",
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("no %q", want)
		}
	}
	for _, never := range []string{"roomtick_ticks_total 0\n", "roomtick_frames_total 0\n", "roomtick_conn_bytes_out_total 0\n", "roomtick_conn_frames_in_total 0\n"} {
		if strings.Contains(metrics, never) {
			t.Errorf("still %q", never)
		}
	}
	wantRefused(t, s.ws+"/v1/rooms/x/ws", "seat.x", 4003)
	if _, metrics := get(t, s.admin+"/metrics"); !strings.Contains(metrics, `roomtick_conns_closed_total{code="token-invalid"} 1`) {
		t.Error("the refused conn is not counted by its code")
	}
}

func TestReadinessEndsWithDrainingHealthDoesNot(t *testing.T) {
	n := newTestNode(t, config{})
	h := newAdmin(n)
	ask := func(path string) int {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+path, nil))
		return w.Code
	}
	if ask("/readyz") != 200 || ask("/healthz") != 200 {
		t.Error("not ready before draining")
	}
	n.drain()
	if ask("/readyz") != 503 || ask("/healthz") != 200 {
		t.Errorf("draining: ready %d, healthy %d", ask("/readyz"), ask("/healthz"))
	}
}

func TestAdminAsksForItsTokenOrALoopbackName(t *testing.T) {
	const secret = "0123456789abcdef"
	rows := []struct {
		name, token, host, authorization string
		status                           int
	}{
		{"loopback", "", "127.0.0.1:8081", "", 200},
		{"loopback by name", "", "localhost:8081", "", 200},
		{"loopback without a port", "", "[::1]", "", 200},
		{"a name that resolves to loopback", "", "evil.example:8081", "", 403},
		{"right token from anywhere", secret, "admin.example", "Bearer " + secret, 200},
		{"no token", secret, "127.0.0.1:8081", "", 401},
		{"wrong token", secret, "127.0.0.1:8081", "Bearer " + secret[1:] + "0", 401},
		{"token without its scheme", secret, "127.0.0.1:8081", secret, 401},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			h := newAdmin(newTestNode(t, config{adminToken: row.token}))
			for path, want := range map[string]int{"/metrics": row.status, "/debug/pprof/": row.status, "/healthz": 200} {
				r := httptest.NewRequest(http.MethodGet, path, nil)
				r.Host = row.host
				if row.authorization != "" {
					r.Header.Set("Authorization", row.authorization)
				}
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if w.Code != want {
					t.Errorf("%s answers %d; want %d", path, w.Code, want)
				}
			}
		})
	}
}
