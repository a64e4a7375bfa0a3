package sim

import "math"

// Skill is how good a player is believed to be: the mean and the standard deviation of
// what is known, in the unit of the studio's rating.
type Skill struct {
	Mu    float64 `json:"mu"`
	Sigma float64 `json:"sigma"`
}

// Entrant is one player of a ticket.
type Entrant struct {
	Player     string             `json:"player"`
	Skill      Skill              `json:"skill"`
	Roles      []string           `json:"roles,omitempty"`      // that the player would take, the dearest first; empty is any
	Latencies  map[string]float64 `json:"latencies,omitempty"`  // milliseconds by region; empty is near to all
	Avoid      []string           `json:"avoid,omitempty"`      // players not to be matched with
	Properties map[string]any     `json:"properties,omitempty"` // strings, numbers and bools, for QueueRules
}

// Ticket is a party, or one player, that waits in a queue. Its members are never
// separated: they play in one team.
type Ticket struct {
	ID      string    `json:"id"`
	Since   float64   `json:"since"` // seconds on the matcher's clock
	Members []Entrant `json:"members"`
}

// Skill is the mean of its members, as uncertain as they are on average.
func (t *Ticket) Skill() Skill {
	var mu, variance float64
	for i := range t.Members {
		s := &t.Members[i].Skill
		mu += s.Mu
		variance += s.Sigma * s.Sigma
	}
	n := float64(max(len(t.Members), 1))
	return Skill{Mu: mu / n, Sigma: math.Sqrt(variance / n)}
}

// Match is who plays together.
type Match struct {
	Region string      // empty if no ticket named one
	Teams  [][]*Ticket // by team
	Now    float64     // when it was made, on the clock of Ticket.Since
}

// QueueRules decides what a Queue's numbers cannot say. The methods are pure: they depend
// on their arguments only, keep none of them, and may be called from any goroutine.
type QueueRules interface {
	// Fits reports whether two tickets may meet in a match, as mates or opponents. It must
	// not depend on their order.
	Fits(a, b *Ticket) bool
	// Quality is how good a match is, above 0 to 1; 0 refuses it. Queue.Fairness is a start.
	Quality(q *Queue, m *Match) float64
}

// Fairness is the chance of the weakest team against the strongest, 0 to 0.5, by the
// logistic curve of Elo: 1/(1+10^(d/Scale)). The distance d counts what is not known:
// it is the root of the squared difference of the means plus the variances of both. Where
// there is one team, every ticket stands for itself.
func (q *Queue) Fairness(m *Match) float64 {
	teams := m.Teams
	if len(teams) == 1 {
		teams = make([][]*Ticket, len(m.Teams[0]))
		for i := range teams {
			teams[i] = m.Teams[0][i : i+1]
		}
	}
	skills := make([]Skill, len(teams))
	for i, team := range teams {
		skills[i] = teamSkill(team)
	}
	return q.FairnessOf(skills)
}

// FairnessOf is Fairness for the means of the teams' skills, and how uncertain each mean is.
func (q *Queue) FairnessOf(teams []Skill) float64 {
	if len(teams) < 2 {
		return 0.5
	}
	low, high := Skill{Mu: math.Inf(1)}, Skill{Mu: math.Inf(-1)}
	for _, s := range teams {
		if s.Mu < low.Mu {
			low = s
		}
		if s.Mu >= high.Mu { // of equals another one than low
			high = s
		}
	}
	apart := math.Sqrt((high.Mu-low.Mu)*(high.Mu-low.Mu) + low.Sigma*low.Sigma + high.Sigma*high.Sigma)
	return 1 / (1 + math.Pow(10, apart/q.Scale))
}

// teamSkill is the mean of a team and how uncertain that mean is.
func teamSkill(team []*Ticket) Skill {
	var mu, variance, n float64
	for _, t := range team {
		for i := range t.Members {
			s := &t.Members[i].Skill
			mu += s.Mu
			variance += s.Sigma * s.Sigma
			n++
		}
	}
	n = max(n, 1)
	return Skill{Mu: mu / n, Sigma: math.Sqrt(variance) / n}
}
