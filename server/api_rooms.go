package server

import (
	"context"
	"encoding/json"
	"time"

	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/sim"
)

// roomInfo is a room in the list.
type roomInfo struct {
	Room       string         `json:"room" doc:"The room's id."`
	Game       string         `json:"game"`
	Mode       string         `json:"mode,omitempty"`
	Region     string         `json:"region,omitempty"`
	Build      string         `json:"build,omitempty" doc:"Of the clients that fit; left out, any do."`
	Players    int            `json:"players" doc:"Seated people."`
	Bots       int            `json:"bots" doc:"Computer players."`
	Reserved   int            `json:"reserved" doc:"Seats held for people on their way."`
	Watching   int            `json:"spectators" doc:"Who watch without a seat."`
	Max        int            `json:"max" doc:"Seats, computer players included."`
	Tick       uint32         `json:"tick" doc:"The tick last simulated."`
	TickRate   int            `json:"tickRate" doc:"Ticks per second."`
	Created    time.Time      `json:"created"`
	Joinable   bool           `json:"joinable" doc:"Whether it takes people in, if there is a seat."`
	Password   bool           `json:"password" doc:"Whether it asks for a password."`
	Properties propertiesBody `json:"properties,omitempty"`
}

func infoOf(l *directory.Listing) roomInfo {
	return roomInfo{
		Room: l.Room, Game: l.Game, Mode: l.Mode, Region: l.Region, Build: l.Build,
		Players: l.Players, Bots: l.Bots, Reserved: l.Reserved, Watching: l.Spectators, Max: l.MaxPlayers,
		Tick: l.Tick, TickRate: l.TickRate, Created: l.Created.UTC(), Joinable: !l.Locked, Password: l.Password,
		Properties: propertiesBody(l.Properties),
	}
}

// RoomsQuery is what the list and its changes can be asked for. Package huma reads embedded
// structs only if they are exported.
type RoomsQuery struct {
	Game   string `query:"game" doc:"Only rooms of this game."`
	Mode   string `query:"mode" doc:"Only rooms of this mode."`
	Region string `query:"region" doc:"Only rooms of this region."`
	Build  string `query:"build" doc:"Only rooms of this build."`
	Free   int    `query:"free" minimum:"0" maximum:"65535" doc:"Only rooms that take so many people in."`
	Filter string `query:"filter" maxLength:"2048" doc:"As the filter of a join, in JSON." example:"{\"map\":\"dust\"}"`
}

// find reads it.
func (q *RoomsQuery) find() (directory.Query, *Problem) {
	filter, err := queryFilter(q.Filter)
	if err != nil {
		return directory.Query{}, badQuery(422, oneLine(err.Error()))
	}
	return directory.Query{Game: q.Game, Mode: q.Mode, Region: q.Region, Build: q.Build, Free: q.Free, Filter: filter}, nil
}

type roomsInput struct {
	RoomsQuery
	Sort      string `query:"sort" enum:"room,fill,age,latency" default:"room" doc:"By id, the fullest first, the oldest first, or the nearest by latencies first."`
	Latencies string `query:"latencies" maxLength:"1024" doc:"Milliseconds to each region in JSON, for sort=latency." example:"{\"eu\":20}"`
	After     string `query:"after" maxLength:"64" doc:"The next of an earlier answer: only rooms behind those of that. For sort=room."`
	Limit     int    `query:"limit" minimum:"1" maximum:"1000" default:"1000" doc:"Rooms at most."`
}

type roomsOutput struct {
	NoStore string `header:"Cache-Control"`
	Body    struct {
		Rooms []roomInfo `json:"rooms" nullable:"false" doc:"In the order asked for."`
		Next  string     `json:"next,omitempty" doc:"There are more: ask again with this as after."`
	}
}

// sortOf names the directory's orders.
func sortOf(name string) directory.Sort {
	switch name {
	case "fill":
		return directory.ByFill
	case "age":
		return directory.ByAge
	case "latency":
		return directory.ByLatency
	}
	return directory.ByRoom
}

// roomsHTTP is GET /v1/rooms.
func (n *node) roomsHTTP(ctx context.Context, in *roomsInput) (*roomsOutput, error) {
	q, p := in.find()
	if p != nil {
		return nil, p
	}
	q.Sort, q.After, q.Limit = sortOf(in.Sort), in.After, in.Limit+1
	if in.Latencies != "" && json.Unmarshal([]byte(in.Latencies), &q.Latencies) != nil {
		return nil, badQuery(422, `latencies: not JSON such as {"eu":20}`)
	}
	rooms, err := n.dir.Find(ctx, q)
	if err != nil {
		return nil, n.matchProblem(err)
	}
	out := &roomsOutput{NoStore: "no-store"}
	if len(rooms) > in.Limit {
		rooms = rooms[:in.Limit]
		if q.Sort == directory.ByRoom {
			out.Body.Next = rooms[in.Limit-1].Room
		}
	}
	out.Body.Rooms = make([]roomInfo, 0, len(rooms))
	for i := range rooms {
		if n.refresh(&rooms[i]) {
			out.Body.Rooms = append(out.Body.Rooms, infoOf(&rooms[i]))
		}
	}
	return out, nil
}

// gameInfo is a game in the list: what a client that knows none needs to join one.
type gameInfo struct {
	Name       string `json:"name" doc:"What POST /v1/match and the rooms list call it." example:"arena"`
	MaxPlayers int    `json:"maxPlayers" doc:"Seats of a room, computer players included."`
	TickRate   int    `json:"tickRate" doc:"Ticks per second."`
	Bots       bool   `json:"bots" doc:"Whether it has computer players."`

	Queues []offeredQueue `json:"queues,omitempty" doc:"What players may wait for with POST /v1/tickets."`
}

// offeredQueue is a queue of a game.
type offeredQueue struct {
	Name     string   `json:"name" example:"ranked"`
	Teams    int      `json:"teams" doc:"1: everybody for themselves."`
	TeamSize int      `json:"teamSize" doc:"Players of a team."`
	MaxParty int      `json:"maxParty" doc:"Players who may queue together."`
	Roles    []string `json:"roles,omitempty" doc:"That a player may ask for."`
	Accept   float64  `json:"accept,omitempty" doc:"Seconds in which everybody has to accept a match; left out, nobody is asked."`
}

func queuesOffered(g *sim.Definition) []offeredQueue {
	var list []offeredQueue
	for _, q := range g.Config().Queues {
		o := offeredQueue{Name: q.Name, Teams: q.Teams, TeamSize: q.TeamSize, MaxParty: q.MaxParty, Accept: q.Accept}
		for _, r := range q.Roles {
			o.Roles = append(o.Roles, r.Name)
		}
		list = append(list, o)
	}
	return list
}

type gamesOutput struct {
	NoStore string `header:"Cache-Control"`
	Body    struct {
		Games []gameInfo `json:"games" nullable:"false" doc:"In the order in which the server was given them."`
	}
}

// gamesHTTP is GET /v1/games.
func (n *node) gamesHTTP(context.Context, *struct{}) (*gamesOutput, error) {
	out := &gamesOutput{NoStore: "no-store"}
	out.Body.Games = make([]gameInfo, len(n.offered))
	for i, g := range n.offered {
		cfg := g.Config()
		out.Body.Games[i] = gameInfo{Name: g.Name(), MaxPlayers: cfg.MaxPlayers, TickRate: cfg.TickRate, Bots: g.HasBrain(), Queues: queuesOffered(g)}
	}
	return out, nil
}
