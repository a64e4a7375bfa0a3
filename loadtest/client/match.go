package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

// Reservation is a seat to be taken: the answer of POST /v1/match, or of a ticket that is
// matched.
type Reservation struct {
	Room  string `json:"room"`
	URL   string `json:"url"` // of the socket
	Token string `json:"token"`
}

// match asks for a seat, unless the bot has one already. It tries again while the server
// answers 429 or 503 and ctx lasts; retries is how often it did.
func match(ctx context.Context, o *Options) (b Reservation, retries int, err error) {
	if o.Reservation != nil {
		return *o.Reservation, 0, nil
	}
	asked := map[string]any{"game": o.Game, "name": o.Name}
	if o.Room != "" {
		asked["room"] = o.Room
	}
	if o.Create {
		asked["create"] = true
	}
	r := request{what: "match", method: http.MethodPost, path: "/v1/match", body: asked}
	retries, err = r.send(ctx, o, &b)
	if err == nil {
		b.URL, err = socketURL(o.URL, b.URL)
	}
	return b, retries, err
}

// socketURL resolves the URL of a reservation against the server's, with a WebSocket
// scheme.
func socketURL(server, given string) (string, error) {
	base, err := url.Parse(server)
	if err != nil {
		return "", err
	}
	ref, err := url.Parse(given)
	if err != nil || given == "" {
		return "", fmt.Errorf("match: answered with url %q", given)
	}
	u := base.ResolveReference(ref)
	switch u.Scheme {
	case "http":
		u.Scheme = "ws"
	case "https":
		u.Scheme = "wss"
	}
	return u.String(), nil
}
