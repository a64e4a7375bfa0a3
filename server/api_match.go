package server

import (
	"cmp"
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// matchInput is a POST /v1/match.
type matchInput struct {
	address
	Key  string `header:"Idempotency-Key" doc:"The same request again under the same key, within 30 s, gets the same answer."`
	Body matchBody
}

// matchBody is what a client wishes for.
type matchBody struct {
	Game string `json:"game" doc:"Name of the game." example:"arena"`
	Name string `json:"name,omitempty" doc:"What other players see. Cut to 24 printable characters; the login's name comes first." example:"Ada"`

	Mode   string     `json:"mode,omitempty" pattern:"^[a-z0-9-]{1,32}$" doc:"Only rooms of this mode; left out, only those of none." example:"duel"`
	Region string     `json:"region,omitempty" pattern:"^[a-z0-9-]{1,32}$" doc:"Only rooms of this region." example:"eu"`
	Build  string     `json:"build,omitempty" maxLength:"64" doc:"Build of the client: only rooms of the same."`
	Filter filterBody `json:"filter,omitempty"`
	Sort   string     `json:"sort,omitempty" enum:"fill,age,latency" default:"fill" doc:"Which of the rooms: the fullest, the oldest, or the nearest by latencies."`

	Latencies map[string]float64 `json:"latencies,omitempty" maxProperties:"32" doc:"Milliseconds to each region, as the client has measured."`

	Room     string `json:"room,omitempty" maxLength:"64" doc:"Join this public room and no other."`
	Code     string `json:"code,omitempty" maxLength:"24" doc:"Join the private room of this code." example:"7KX0QM"`
	Password string `json:"password,omitempty" maxLength:"128" doc:"Of the room to join, or with create of the new one."`
	Spectate bool   `json:"spectate,omitempty" doc:"Watch, without a seat and a little behind, if the game lets anybody."`

	Create   bool     `json:"create,omitempty" doc:"Join a new room, made for this. Leave out room and code then."`
	Private  bool     `json:"private,omitempty" doc:"With create: the room is in no list, and entered by the code of the answer."`
	LateJoin *bool    `json:"lateJoin,omitempty" doc:"With create: false lets nobody in once the match has begun or all seats were taken."`
	Reserve  []string `json:"reserve,omitempty" maxItems:"64" doc:"With create: players by the sub of their tokens, for each of whom a seat is kept for two minutes."`

	Options    optionsBody    `json:"options,omitempty"`
	Properties propertiesBody `json:"properties,omitempty"`
}

// address is how the client reached this server, for the URL it is given back.
type address struct{ base string }

// Resolve implements huma.Resolver.
func (a *address) Resolve(ctx huma.Context) []error {
	a.base = "http://" + ctx.Host()
	if ctx.TLS() != nil {
		a.base = "https://" + ctx.Host()
	}
	return nil
}

// matchOutput is the answer to it.
type matchOutput struct {
	NoStore string `header:"Cache-Control"`
	Body    struct {
		Room    string    `json:"room" doc:"The room's id."`
		URL     string    `json:"url" doc:"Where to open the WebSocket." format:"uri"`
		Token   string    `json:"token" doc:"The seat token: offer it as the subprotocol seat.<token> beside roomtick.v1. It works once."`
		Expires time.Time `json:"expires" doc:"When the token and the seat held for it expire, about 30 s from now."`
		Code    string    `json:"code,omitempty" doc:"Of the private room that was made: for others to enter it."`
	}
}

// matchHTTP is POST /v1/match.
func (n *node) matchHTTP(ctx context.Context, in *matchInput) (*matchOutput, error) {
	w, p := n.wishOf(ctx, &in.Body)
	if p == nil {
		p = n.noteGuess(ctx, &in.Body)
	}
	if p != nil {
		return nil, p
	}
	g, err := n.match(ctx, w)
	if err != nil {
		return nil, err
	}
	out := &matchOutput{NoStore: "no-store"}
	out.Body.Room, out.Body.Token, out.Body.Expires, out.Body.Code = g.room, g.token, g.expires.UTC(), g.code
	out.Body.URL = n.socketURL(in.base, &g)
	return out, nil
}

// socketURL is where a room's WebSocket is, for a client that reached us as base: at the
// node that runs it if that has an address of its own, else at any, which pass it on.
func (n *node) socketURL(base string, g *grant) string {
	if n.cfg.publicURL != "" {
		base = n.cfg.publicURL
	}
	path := "/v1/rooms/" + url.PathEscape(g.room) + "/ws"
	if n.cfg.clustered() {
		id := cmp.Or(g.node, n.id)
		if to, known := n.cluster.node(id); known && to.Address != "" && to.Address != n.cfg.publicURL {
			base = to.Address
		} else {
			path = "/n/" + id + path
		}
	}
	return "ws" + strings.TrimPrefix(base, "http") + path
}

// wishOf reads a request.
func (n *node) wishOf(ctx context.Context, b *matchBody) (wish, *Problem) {
	game := n.games[b.Game]
	if game == nil {
		name := b.Game
		if name != "" {
			name = cleanName(name) // it is shown
		}
		return wish{}, unknownGame(name, n.known)
	}
	if p := b.contradicts(n.who != nil, game.Config().MaxPlayers-n.cfg.bots); p != nil {
		return wish{}, p
	}
	if p := checkLatencies(b.Latencies); p != nil {
		return wish{}, p
	}
	who := callerOf(ctx)
	filter, err := conditions(b.Filter)
	if err != nil {
		return wish{}, badWish(oneLine(err.Error()), `Ask for properties such as {"map": "dust", "level": {"min": 3}}.`)
	}
	props, err := properties(b.Properties)
	if err != nil {
		return wish{}, badProperties(err)
	}
	w := wish{
		search: search{game: game, mode: b.Mode, build: b.Build, filter: filter, oldest: b.Sort == "age"},
		who:    joinerOf(who, b.Name),
		room:   b.Room, code: b.Code, password: b.Password, region: b.Region, create: b.Create, spectate: b.Spectate,
		made: plan{
			private: b.Private, noLateJoin: b.LateJoin != nil && !*b.LateJoin, kept: b.Reserve,
			options: b.Options, properties: props,
		},
	}
	if b.Create {
		w.made.password = b.Password
	}
	if n.cfg.clustered() {
		w.asked = b
	}
	return w, nil
}

// noteGuess counts a code or a password against the address that sends it. Only the node that
// a client asks does so: its peers do not know from where it comes.
func (n *node) noteGuess(ctx context.Context, b *matchBody) *Problem {
	if (b.Code != "" || b.Password != "" && !b.Create) && !n.guesses.allow(callerOf(ctx).addr, time.Now()) {
		return tooManyGuesses()
	}
	return nil
}

// contradicts finds parts of a request that do not go together, or not with a room of most
// seats for people.
func (b *matchBody) contradicts(identities bool, most int) *Problem {
	switch {
	case b.Create && (b.Room != "" || b.Code != "" || b.Spectate):
		return badWish("create goes with none of room, code and spectate.", "Leave out \"create\" to join a room that is there.")
	case b.Room != "" && b.Code != "":
		return badWish("room and code name two rooms.", "Leave out one of them.")
	case !b.Create && (b.Private || b.LateJoin != nil || len(b.Reserve) > 0):
		return badWish("private, lateJoin and reserve are of a new room.", "Send \"create\": true with them.")
	case b.Password != "" && !b.Create && b.Room == "" && b.Code == "":
		return badWish("password is of one room.", "Send \"room\" or \"code\" with it, or \"create\": true for a new room.")
	case len(b.Reserve) > 0 && len(b.Reserve) > most-1:
		return badWish("reserve names more players than the room has seats beside yours.", "Name fewer.")
	case len(b.Reserve) > 0 && !identities:
		return badWish("Seats are kept for players who show who they are.", "Leave out \"reserve\"; the server's operator can set -jwt-key.")
	}
	return nil
}
