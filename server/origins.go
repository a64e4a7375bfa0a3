package server

import (
	"net/http"
	"slices"

	"github.com/rs/cors"
)

// origins decides whose pages may talk to this server. One setting feeds the
// WebSocket handshake, cross-origin POSTs and CORS.
type origins struct {
	list   []string        // exact; empty means the host that the request names
	public string          // of -public-url: as browsers see this server behind a proxy
	nodes  func() []string // of the cluster: their pages open the sockets of rooms that are here
}

// allow compares exactly: another scheme, port, suffix or spelling is another origin.
func (o origins) allow(r *http.Request, origin string) bool {
	if len(o.list) > 0 {
		return slices.Contains(o.list, origin)
	}
	if o.public != "" && origin == o.public {
		return true
	}
	return origin == "http://"+r.Host || origin == "https://"+r.Host || slices.Contains(o.nodes(), origin)
}

// allowSocket reports whether r may open a WebSocket. Browsers always send Origin;
// what does not must hold a credential, so that a page cannot borrow a visitor.
func (o origins) allowSocket(r *http.Request, hasCredential bool) bool {
	switch given := r.Header.Values("Origin"); len(given) {
	case 0:
		return hasCredential
	case 1:
		return o.allow(r, given[0])
	}
	return false
}

// protect wraps the API: other origins get no CORS headers, and their POSTs are
// refused before the body is read.
func (o origins) protect(next http.Handler) (http.Handler, error) {
	csrf := http.NewCrossOriginProtection()
	trusted := o.list
	if len(trusted) == 0 && o.public != "" {
		trusted = []string{o.public}
	}
	for _, trusted := range trusted {
		if err := csrf.AddTrustedOrigin(trusted); err != nil {
			return nil, err
		}
	}
	csrf.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { crossOrigin().write(w) }))
	c := cors.New(cors.Options{
		AllowOriginVaryRequestFunc: func(r *http.Request, origin string) (bool, []string) {
			return o.allow(r, origin), nil
		},
		AllowedMethods: []string{http.MethodGet, http.MethodPost, http.MethodDelete},
		AllowedHeaders: []string{"Content-Type", "Authorization", "Idempotency-Key", "Last-Event-ID", "Ticket-Secret"},
		ExposedHeaders: []string{"Retry-After"},
		MaxAge:         600,
	})
	return c.Handler(csrf.Handler(next)), nil
}
