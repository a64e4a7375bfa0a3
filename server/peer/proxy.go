package peer

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"
)

// Pattern is what Proxy.Handler answers to: a room's socket, by way of any node.
const Pattern = "GET /n/{node}/v1/rooms/{room}/ws"

// clientHeader tells a peer who the request is for: the address of the player's side.
const clientHeader = "Roomtick-Client"

// dialTimeout bounds how long a peer may take to answer a conn. It is near, or it is gone.
const dialTimeout = time.Second

// ErrUnknownNode is a node that the cluster does not know, or knows no more.
var ErrUnknownNode = errors.New("peer: unknown node")

// Proxy passes the sockets of players on to the nodes that have their rooms, so that one
// public address is enough for a cluster.
type Proxy struct {
	Keys    *Keys
	Address func(ctx context.Context, node string) (string, error) // host:port for peers, or ErrUnknownNode
	Failed  func(w http.ResponseWriter, err error)                 // answers for a peer that cannot be reached
	Cut     context.Context                                        // ends the conns that pass through here
	Log     *slog.Logger
}

// Handler returns what answers to Pattern. Only sockets of rooms pass: everything else any
// node answers itself.
func (p *Proxy) Handler() http.Handler {
	passing := &httputil.ReverseProxy{
		Rewrite:   p.rewrite,
		Transport: p.transport(),
		ErrorLog:  slog.NewLogLogger(p.Log.Handler(), slog.LevelDebug),
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			p.Log.Debug("peer not reached", "node", r.PathValue("node"), "cause", err)
			p.Failed(w, err)
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		address, err := p.Address(r.Context(), r.PathValue("node"))
		if err != nil {
			p.Failed(w, err)
			return
		}
		ctx, done := context.WithCancel(context.WithValue(r.Context(), addressKey{}, address))
		defer done()
		defer context.AfterFunc(p.Cut, done)()
		passing.ServeHTTP(w, r.WithContext(ctx))
	})
}

// addressKey is where Handler leaves the peer's address for rewrite.
type addressKey struct{}

// rewrite turns a player's request into one to the peer, with the path that it knows.
func (p *Proxy) rewrite(r *httputil.ProxyRequest) {
	address, _ := r.In.Context().Value(addressKey{}).(string)
	room := r.In.PathValue("room")
	r.Out.URL = &url.URL{
		Scheme: "http", Host: address,
		Path: "/v1/rooms/" + room + "/ws", RawPath: "/v1/rooms/" + url.PathEscape(room) + "/ws",
		RawQuery: r.In.URL.RawQuery,
	}
	r.Out.Host = r.In.Host // origins are compared with it
	r.Out.Header.Set(clientHeader, clientOf(r.In))
	p.Keys.Sign(r.Out, nil, time.Now())
}

// clientOf is the address of whoever is on the other side of a request, without a port.
func clientOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

func (p *Proxy) transport() http.RoundTripper {
	return &http.Transport{
		DialContext:           (&net.Dialer{Timeout: dialTimeout}).DialContext,
		ResponseHeaderTimeout: 5 * time.Second, // of a handshake, behind the owner's own limits
		DisableCompression:    true,
		DisableKeepAlives:     true, // a socket uses its conn up
	}
}
