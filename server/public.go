package server

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/roomtick/roomtick/server/peer"

	clientjs "github.com/roomtick/roomtick/client-js"
)

// newPublic returns the handler of the public listener: page, SDK, matchmaking and
// the WebSocket. What it does not know is 404; the admin's paths are among that.
func newPublic(n *node) (http.Handler, error) {
	api, spec, err := newAPI(n)
	if err != nil {
		return nil, fmt.Errorf("api: %w", err)
	}
	dist, err := fs.Sub(clientjs.Dist, "dist")
	if err != nil {
		return nil, fmt.Errorf("page and SDK: %w", err)
	}
	site, err := newWeb(dist, n.origins)
	if err != nil {
		return nil, err
	}
	page := http.Handler(site)
	if n.cfg.web != "" {
		page = &folder{dir: n.cfg.web, policy: site.policy, rest: site}
	}
	allowed := n.allowedOrigins()
	mux := http.NewServeMux()
	once := newIdempotency(n.dir, seatTokenLife) // an older answer's token would not open anything
	mux.Handle("POST /v1/match", limitAddresses(newJoinLimiter(n.cfg.joinRate), n.identify(once.wrap(api))))
	mux.Handle("GET /v1/games", api)
	mux.Handle("GET /v1/regions", api)
	mux.Handle("GET "+pingPath, api)
	mux.Handle("GET /v1/rooms", limitAddresses(newJoinLimiter(n.cfg.joinRate), api))
	if len(n.queues.ordered) > 0 {
		n.handleTickets(mux, once.wrap(api), api)
	}
	mux.Handle("GET /v1/rooms/watch", limitAddresses(newJoinLimiter(n.cfg.joinRate), n.watchRooms()))
	mux.Handle("GET /v1/rooms/{room}/ws", limitAddresses(newJoinLimiter(n.cfg.joinRate), n.socket(allowed)))
	mux.Handle(peer.Pattern, limitAddresses(newJoinLimiter(n.cfg.joinRate), n.passOn(n.socket(allowed))))
	mux.HandleFunc("/v1/", unknownPath)
	mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/openapi+json")
		_, _ = w.Write(spec) // the client may be gone
	})
	mux.Handle("/", page)
	handler, err := allowed.protect(mux)
	if err != nil {
		return nil, fmt.Errorf("origins: %w", err)
	}
	return n.cfg.proxies.wrap(secured(handler)), nil
}

// newPeer returns the handler of the listener for other nodes, which sign what they ask.
func newPeer(n *node) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST "+peerMatchPath, http.HandlerFunc(n.matchForPeer))
	mux.Handle("POST "+peerSeatsPath, http.HandlerFunc(n.seatsForPeer))
	mux.Handle("POST "+peerLeavePath, http.HandlerFunc(n.leaveForPeer))
	mux.Handle("GET /v1/rooms/{room}/ws", n.socket(n.allowedOrigins()))
	return n.cluster.keys.Accept(mux)
}

func (n *node) allowedOrigins() origins {
	return origins{list: n.cfg.origins, public: originOf(n.cfg.publicURL), nodes: n.origins}
}

// origins are those of this node and of the others that have an address of their own. A
// page of one goes to another when its room is there.
func (n *node) origins() []string {
	var all []string
	add := func(address string) {
		if o := originOf(address); o != "" && !strings.ContainsAny(o, ";,") && !slices.Contains(all, o) {
			all = append(all, o)
		}
	}
	add(n.cfg.publicURL)
	for _, to := range n.cluster.all() {
		add(to.Address)
	}
	return all
}

// originOf is the scheme and host of a URL that parseConfig has accepted.
func originOf(publicURL string) string {
	u, err := url.Parse(publicURL)
	if err != nil || publicURL == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// unknownPath answers for all of /v1 that nothing else does.
func unknownPath(w http.ResponseWriter, r *http.Request) {
	p := r.URL.Path
	switch {
	case p == "/v1/match", p == "/v1/tickets", p == "/v1/parties", p == "/v1/parties/join",
		strings.HasPrefix(p, "/v1/tickets/") && (strings.HasSuffix(p, "/accept") || strings.HasSuffix(p, "/decline")):
		w.Header().Set("Allow", http.MethodPost)
	case strings.HasPrefix(p, "/v1/tickets/") && strings.HasSuffix(p, "/events"):
		w.Header().Set("Allow", http.MethodGet)
	case strings.HasPrefix(p, "/v1/tickets/"), strings.HasPrefix(p, "/v1/parties/"):
		w.Header().Set("Allow", http.MethodGet+", "+http.MethodDelete)
	case p == "/v1/games", p == "/v1/regions", p == pingPath, p == "/v1/rooms", p == "/v1/rooms/watch", strings.HasPrefix(p, "/v1/rooms/") && strings.HasSuffix(p, "/ws"):
		w.Header().Set("Allow", http.MethodGet)
	default:
		notFound().write(w)
		return
	}
	wrongMethod().write(w)
}
