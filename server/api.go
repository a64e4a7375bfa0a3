package server

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/roomtick/roomtick/server/directory"
)

// maxBody bounds the body of a request in bytes; a join needs 60.
const maxBody = 4 << 10

// matchInput is a POST /v1/match.
type matchInput struct {
	address
	Body struct {
		Game string `json:"game" doc:"Name of the game." example:"arena"`
		Name string `json:"name,omitempty" doc:"What other players see. Cut to 24 printable characters." example:"Ada"`
		Room string `json:"room,omitempty" doc:"Join this room and no other."`

		Create   bool `json:"create,omitempty" doc:"Join a new room, made for this. Leave out room then."`
		Spectate bool `json:"spectate,omitempty" doc:"Watch, without a seat and a little behind, if the game lets anybody."`
	}
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
	}
}

// roomInfo is a room in the list.
type roomInfo struct {
	Room     string `json:"room" doc:"The room's id."`
	Game     string `json:"game"`
	Players  int    `json:"players" doc:"Seated people."`
	Bots     int    `json:"bots" doc:"Computer players."`
	Watching int    `json:"spectators" doc:"Who watch without a seat."`
	Max      int    `json:"max" doc:"Seats, computer players included."`
	Tick     uint32 `json:"tick" doc:"The tick last simulated."`
	TickRate int    `json:"tickRate" doc:"Ticks per second."`
}

// gameInfo is a game in the list: what a client that knows none needs to join one.
type gameInfo struct {
	Name       string `json:"name" doc:"What POST /v1/match and the rooms list call it." example:"arena"`
	MaxPlayers int    `json:"maxPlayers" doc:"Seats of a room, computer players included."`
	TickRate   int    `json:"tickRate" doc:"Ticks per second."`
	Bots       bool   `json:"bots" doc:"Whether it has computer players."`
}

type gamesOutput struct {
	NoStore string `header:"Cache-Control"`
	Body    struct {
		Games []gameInfo `json:"games" nullable:"false" doc:"In the order in which the server was given them."`
	}
}

type roomsInput struct {
	Game  string `query:"game" doc:"Only rooms of this game."`
	After string `query:"after" maxLength:"64" doc:"The next of an earlier answer: only rooms behind those of that."`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"1000" doc:"Rooms at most."`
}

type roomsOutput struct {
	NoStore string `header:"Cache-Control"`
	Body    struct {
		Rooms []roomInfo `json:"rooms" nullable:"false" doc:"Ordered by id."`
		Next  string     `json:"next,omitempty" doc:"There are more: ask again with this as after."`
	}
}

// newAPI returns the handler of /v1 over HTTP, and its OpenAPI description.
func newAPI(n *node) (http.Handler, []byte, error) {
	mux := http.NewServeMux()
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	api := humago.New(mux, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI:    "3.1.0",
			Info:       &huma.Info{Title: "roomtick", Version: "1", Description: "Matchmaking. The WebSocket behind it is described in schema/PROTOCOL.md."},
			Components: &huma.Components{Schemas: registry},
		},
		Formats:       map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{asProblem},
	})
	wrong := func(codes ...string) map[string]*huma.Response {
		answers := make(map[string]*huma.Response)
		for _, code := range codes {
			answers[code] = problemResponse(registry)
		}
		return answers
	}
	huma.Register(api, huma.Operation{
		OperationID: "match", Method: http.MethodPost, Path: "/v1/match", MaxBodyBytes: maxBody,
		Summary:   "Hold a seat: in the fullest room that has one, or in a new room",
		Responses: wrong("400", "403", "404", "409", "413", "415", "422", "429", "503"),
	}, n.matchHTTP)
	huma.Register(api, huma.Operation{
		OperationID: "rooms", Method: http.MethodGet, Path: "/v1/rooms",
		Summary:   "List the public rooms",
		Responses: wrong("422", "503"),
	}, n.roomsHTTP)
	huma.Register(api, huma.Operation{
		OperationID: "games", Method: http.MethodGet, Path: "/v1/games",
		Summary: "List the games that this server offers",
	}, n.gamesHTTP)
	dropBuiltinErrors(api.OpenAPI())
	spec, err := json.MarshalIndent(api.OpenAPI(), "", "  ")
	return mux, spec, err
}

func problemResponse(registry huma.Registry) *huma.Response {
	return &huma.Response{
		Description: "A problem, with a code for programs and a hint for people",
		Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: registry.Schema(reflect.TypeFor[Problem](), true, "Problem")}},
	}
}

// matchHTTP is POST /v1/match.
func (n *node) matchHTTP(ctx context.Context, in *matchInput) (*matchOutput, error) {
	g, err := n.match(ctx, wish{game: in.Body.Game, room: in.Body.Room, name: in.Body.Name, create: in.Body.Create, spectate: in.Body.Spectate})
	if err != nil {
		return nil, err
	}
	base := in.base
	if n.cfg.publicURL != "" {
		base = n.cfg.publicURL
	}
	out := &matchOutput{NoStore: "no-store"}
	out.Body.Room, out.Body.Token, out.Body.Expires = g.room, g.token, g.expires.UTC()
	out.Body.URL = "ws" + strings.TrimPrefix(base, "http") + "/v1/rooms/" + url.PathEscape(g.room) + "/ws"
	return out, nil
}

// roomsHTTP is GET /v1/rooms.
func (n *node) roomsHTTP(ctx context.Context, in *roomsInput) (*roomsOutput, error) {
	rooms, err := n.dir.Find(ctx, directory.Query{Game: in.Game, After: in.After, Limit: in.Limit + 1})
	if err != nil {
		return nil, n.matchProblem(err)
	}
	out := &roomsOutput{NoStore: "no-store"}
	if len(rooms) > in.Limit {
		rooms = rooms[:in.Limit]
		out.Body.Next = rooms[in.Limit-1].Room
	}
	out.Body.Rooms = make([]roomInfo, 0, len(rooms))
	for _, l := range rooms {
		if l.Node == n.id { // as of now, not as of the last renewal
			h := n.lookup(l.Room)
			if h == nil {
				continue // ended since
			}
			l = h.listing()
		}
		out.Body.Rooms = append(out.Body.Rooms, roomInfo{
			Room: l.Room, Game: l.Game, Players: l.Players, Bots: l.Bots, Watching: l.Spectators, Max: l.MaxPlayers, Tick: l.Tick, TickRate: l.TickRate,
		})
	}
	return out, nil
}

// gamesHTTP is GET /v1/games.
func (n *node) gamesHTTP(context.Context, *struct{}) (*gamesOutput, error) {
	out := &gamesOutput{NoStore: "no-store"}
	out.Body.Games = make([]gameInfo, len(n.offered))
	for i, g := range n.offered {
		cfg := g.Config()
		out.Body.Games[i] = gameInfo{Name: g.Name(), MaxPlayers: cfg.MaxPlayers, TickRate: cfg.TickRate, Bots: g.HasBrain()}
	}
	return out, nil
}
