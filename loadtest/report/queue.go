package report

// Queue is what the bots of a matchmaking queue have seen. Tickets of parties count once.
type Queue struct {
	Name       string    `json:"name"`
	Tickets    int64     `json:"tickets"`   // made
	Matched    int64     `json:"matched"`   // of the tickets
	Cancelled  int64     `json:"cancelled"` // because a member declined
	Expired    int64     `json:"expired"`
	Withdrawn  int64     `json:"withdrawn"` // by the end of the run
	Declined   int64     `json:"declined"`  // answers to ready checks
	Accepted   int64     `json:"accepted"`
	Matches    int       `json:"matches"`     // that began with a full team each
	Fills      int       `json:"fills"`       // into rooms that others had left
	WaitMS     Quantiles `json:"wait_ms"`     // of the tickets matched, request to answer
	EstimateMS Quantiles `json:"estimate_ms"` // how far the first estimate was off, either way
	Fairness   Spread    `json:"fairness"`    // of the matches, by the server's word: at best 0.5
	Bands      []Band    `json:"bands"`       // the waits by skill, the lowest first
}

// Spread is how the values of something lie.
type Spread struct {
	Least float64 `json:"least"`
	P10   float64 `json:"p10"`
	P50   float64 `json:"p50"`
	N     int     `json:"n"`
}

// Band is the waits of tickets of like skill.
type Band struct {
	Skill  string    `json:"skill"` // for people
	WaitMS Quantiles `json:"wait_ms"`
}
