package server

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/http/pprof"
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// newAdmin returns the handler of the admin listener. Health and readiness are for
// anybody who reaches it; the rest asks for the token if there is one.
func newAdmin(n *node) http.Handler {
	closed := http.NewServeMux()
	closed.Handle("GET /metrics", promhttp.HandlerFor(newRegistry(n), promhttp.HandlerOpts{}))
	closed.HandleFunc("GET /debug/pprof/", pprof.Index)
	closed.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	closed.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	closed.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	closed.HandleFunc("GET /debug/pprof/trace", pprof.Trace)

	closed.HandleFunc("GET /cost", adminCost(n))
	closed.HandleFunc("GET /v1/rooms", adminRooms(n))
	closed.HandleFunc("GET /v1/results", adminResults(n))
	closed.HandleFunc("GET /v1/results/{id}", adminResult(n))
	closed.HandleFunc("DELETE /v1/results/{id}", adminDropResult(n))
	closed.HandleFunc("GET /v1/rooms/{room}/trace", adminTrace(n))
	closed.HandleFunc("GET /v1/rooms/{room}/players", adminPlayers(n))
	closed.HandleFunc("POST /v1/rooms/{room}/lock", adminLock(n, true))
	closed.HandleFunc("POST /v1/rooms/{room}/unlock", adminLock(n, false))
	closed.HandleFunc("POST /v1/players/{player}/kick", adminKick(n))
	closed.HandleFunc("GET /v1/queues", adminQueues(n))
	closed.HandleFunc("POST /v1/queues/{game}/{queue}/pause", adminQueue(n, func(s *queueStop) { s.Paused = true }))
	closed.HandleFunc("POST /v1/queues/{game}/{queue}/drain", adminQueue(n, func(s *queueStop) { s.Drained = true }))
	closed.HandleFunc("POST /v1/queues/{game}/{queue}/resume", adminQueue(n, func(s *queueStop) { *s = queueStop{} }))
	closed.HandleFunc("POST /v1/tickets/{ticket}/cancel", adminCancel(n))

	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if n.isDraining() {
			answer(w, http.StatusServiceUnavailable, "draining")
			return
		}
		if err := n.cluster.waits(); err != nil && n.cfg.clustered() {
			answer(w, http.StatusServiceUnavailable, "not part of the cluster yet: "+oneLine(err.Error()))
			return
		}
		answer(w, http.StatusOK, "ready")
	})
	// A page of another origin could post to 127.0.0.1 without reading the answer.
	mux.Handle("/", guarded(n.cfg.adminToken, http.NewCrossOriginProtection().Handler(closed)))
	return mux
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n")) // the client may be gone
}

// guarded asks for the bearer token. Without one the listener is on loopback, and the
// Host header must say so too: else a page whose name resolves to 127.0.0.1 could
// read it through a visitor's browser.
func guarded(token string, next http.Handler) http.Handler {
	want := sha256.Sum256([]byte("Bearer " + token))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if token == "" {
			if !loopback(withPort(r.Host)) {
				answer(w, http.StatusForbidden, "ask for 127.0.0.1 or localhost")
				return
			}
		} else if got := sha256.Sum256([]byte(r.Header.Get("Authorization"))); subtle.ConstantTimeCompare(got[:], want[:]) == 0 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			answer(w, http.StatusUnauthorized, "send Authorization: Bearer and the value of -admin-token")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func withPort(host string) string {
	if _, _, err := net.SplitHostPort(host); err == nil {
		return host
	}
	return net.JoinHostPort(strings.Trim(host, "[]"), "80")
}
