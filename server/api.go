package server

import (
	"encoding/json"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// maxBody bounds the body of a request in bytes; a join needs 60.
const maxBody = 4 << 10

// newAPI returns the handler of /v1 over HTTP, and its OpenAPI description.
func newAPI(n *node) (http.Handler, []byte, error) {
	mux := http.NewServeMux()
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	api := humago.New(mux, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: "roomtick", Version: "1", Description: "Matchmaking. The WebSocket behind it is described in schema/PROTOCOL.md."},
			Components: &huma.Components{
				Schemas: registry,
				SecuritySchemes: map[string]*huma.SecurityScheme{
					bearer: {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "The token of the game's login, where the server has -jwt-key."},
				},
			},
		},
		Formats:       map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{asProblem},
	})
	huma.Register(api, n.operation(registry, huma.Operation{
		OperationID: "match", Method: http.MethodPost, Path: "/v1/match", MaxBodyBytes: maxBody,
		Summary: "Hold a seat: in the best room that has one, or in a new room",
	}, "400", "401", "403", "404", "409", "413", "415", "422", "429", "500", "503"), n.matchHTTP)
	huma.Register(api, n.operation(registry, huma.Operation{
		OperationID: "rooms", Method: http.MethodGet, Path: "/v1/rooms",
		Summary: "List the public rooms",
	}, "422", "429", "503"), n.roomsHTTP)
	n.describeWatch(api, registry)
	n.describeSocket(api, registry)
	if len(n.queues.ordered) > 0 {
		n.describeTickets(api, registry)
	}
	huma.Register(api, huma.Operation{
		OperationID: "games", Method: http.MethodGet, Path: "/v1/games",
		Summary: "List the games that this server offers",
	}, n.gamesHTTP)
	n.describeRegions(api)
	dropBuiltinErrors(api.OpenAPI())
	spec, err := json.MarshalIndent(api.OpenAPI(), "", "  ")
	return mux, spec, err
}

// describeSocket adds the WebSocket, as far as HTTP goes.
func (n *node) describeSocket(api huma.API, registry huma.Registry) {
	op := n.operation(registry, huma.Operation{
		OperationID: "socket", Method: http.MethodGet, Path: "/v1/rooms/{room}/ws",
		Summary:     "Open the WebSocket of a seat",
		Description: "Subprotocols roomtick.v1 and seat.<token> or resume.<secret>. What is wrong with those is said by a close code, which a page can see.",
	}, "400", "403", "429", "503")
	text := &huma.Schema{Type: huma.TypeString}
	op.Parameters = []*huma.Param{
		{Name: "room", In: "path", Required: true, Schema: text, Description: "The room's id."},
		{Name: "Sec-WebSocket-Protocol", In: "header", Required: true, Schema: text, Description: "The subprotocols."},
	}
	op.Responses["101"] = &huma.Response{Description: "From here on schema/PROTOCOL.md says how it goes"}
	api.OpenAPI().AddOperation(&op)
}

// bearer names the security scheme.
const bearer = "login"

// operation adds the problems with which it may answer, and whether it asks who one is.
func (n *node) operation(registry huma.Registry, op huma.Operation, problems ...string) huma.Operation {
	op.Responses = make(map[string]*huma.Response)
	for _, status := range problems {
		op.Responses[status] = problemResponse(registry)
	}
	if op.Method != http.MethodGet && n.who != nil {
		op.Security = []map[string][]string{{bearer: {}}}
		if n.cfg.anonymous {
			op.Security = append(op.Security, map[string][]string{})
		}
	}
	return op
}

func problemResponse(registry huma.Registry) *huma.Response {
	return &huma.Response{
		Description: "A problem, with a code for programs and a hint for people",
		Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: registry.Schema(reflect.TypeFor[Problem](), true, "Problem")}},
	}
}
