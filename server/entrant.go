package server

import (
	"context"
	"crypto/rand"
	"math"
	"slices"

	"github.com/roomtick/roomtick/sim"
)

// skillBody is a skill as a client says it.
type skillBody struct {
	Mu    float64 `json:"mu" doc:"The mean of what is known." example:"1500"`
	Sigma float64 `json:"sigma,omitempty" minimum:"0" doc:"How uncertain that is: a standard deviation."`
}

// PlayerWish is what a player says for a queue. Package huma reads embedded structs only if
// they are exported.
type PlayerWish struct {
	Name      string             `json:"name,omitempty" doc:"What other players see. Cut to 24 printable characters; the login's name comes first." example:"Ada"`
	Roles     []string           `json:"roles,omitempty" maxItems:"6" doc:"That the player would take, the dearest first; left out, any."`
	Latencies map[string]float64 `json:"latencies,omitempty" maxProperties:"32" doc:"Milliseconds to each region, as the client has measured."`
	Avoid     []string           `json:"avoid,omitempty" maxItems:"32" doc:"Players, by the sub of their tokens, not to be matched with."`
	Skill     *skillBody         `json:"skill,omitempty" doc:"Only where nobody is asked who they are; else it is the login's claim skill."`
	Extra     propertiesBody     `json:"properties,omitempty" doc:"What the game's own rules look at."`
}

// entrant is who asks, as a member of a ticket or a party, and their secret, if they need
// one.
func (n *node) entrant(who caller, w *PlayerWish) (partyMember, string, *Problem) {
	j := joinerOf(who, w.Name)
	m := partyMember{
		Entrant: sim.Entrant{Player: j.id, Roles: w.Roles, Latencies: w.Latencies, Avoid: w.Avoid},
		Seat:    seatRecord{Name: j.name, Until: millis(j.until)},
	}
	if p := checkLatencies(w.Latencies); p != nil {
		return m, "", p
	}
	props, err := properties(w.Extra)
	if err != nil {
		return m, "", badProperties(err)
	}
	m.Entrant.Properties = propertiesOf(props)
	switch {
	case who.id != nil && who.id.Skill != nil:
		m.Known, m.Entrant.Skill = true, sim.Skill{Mu: who.id.Skill.Mean, Sigma: who.id.Skill.Deviation}
	case n.who == nil && w.Skill != nil:
		m.Known, m.Entrant.Skill = true, sim.Skill{Mu: w.Skill.Mu, Sigma: w.Skill.Sigma}
	}
	if math.Abs(m.Entrant.Skill.Mu) > 1e6 || m.Entrant.Skill.Sigma > 1e6 {
		return m, "", badWish("The skill is beyond a million.", "Send another.")
	}
	secret := ""
	if who.id == nil {
		secret = rand.Text()
		m.Seat.Secret = hashSecret(secret)
	}
	return m, secret, nil
}

func checkLatencies(all map[string]float64) *Problem {
	for _, ms := range all {
		if !(ms >= 0 && ms < 1e5) {
			return badWish("latencies are milliseconds.", "Measure them anew.")
		}
	}
	return nil
}

// checkTicket finds what of a ticket its queue does not take.
func (n *node) checkTicket(ctx context.Context, l *waitline, r *ticketRecord) *Problem {
	if len(r.Seats) > l.queue.MaxParty {
		return partyTooLarge(l.queue.Name, l.queue.MaxParty)
	}
	for i := range r.Ticket.Members {
		for _, role := range r.Ticket.Members[i].Roles {
			if !slices.ContainsFunc(l.queue.Roles, func(known sim.Role) bool { return known.Name == role }) {
				return badWish("The queue has no such role.", "Leave out \"roles\", or use those of GET /v1/games.")
			}
		}
	}
	full, others := l.othersOf(&r.Ticket)
	if full {
		return queueFull(l.queue.Name)
	}
	for _, id := range others {
		// This node's copy is up to a beat old: who has just left a queue may enter it again.
		if _, other, err := n.readTicket(ctx, id); err == nil && other.waits() {
			return alreadyWaiting(id)
		}
	}
	return nil
}

// othersOf tells whether the queue is full, and with which tickets members of t wait already.
func (l *waitline) othersOf(t *sim.Ticket) (full bool, others []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range t.Members {
		if id := l.players[t.Members[i].Player]; id != "" {
			others = append(others, id)
		}
	}
	return len(l.tickets) >= maxTickets, others
}

// maxTickets bounds a queue: what a round may take, twice.
const maxTickets = 200_000
