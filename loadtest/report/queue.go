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
	Ways       []Way     `json:"ways"`        // the waits by how the bots learned of the match
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

// Way is the waits of tickets whose bots learned in one way what became of them.
type Way struct {
	Updates string    `json:"updates"` // events or polls
	WaitMS  Quantiles `json:"wait_ms"`
}

// queueFigures are known of runs whose bots queued.
func queueFigures() []Figure {
	of := func(name, unit string, higher bool, value func(q *Queue) (float64, bool)) Figure {
		return Figure{Name: name, Unit: unit, Higher: higher, Value: func(r *Report) (float64, bool) {
			if r.Queue == nil {
				return 0, false
			}
			return value(r.Queue)
		}}
	}
	return []Figure{
		of("wait.p50", "ms", false, func(q *Queue) (float64, bool) { return q.WaitMS.P50, q.WaitMS.N > 0 }),
		of("wait.p99", "ms", false, func(q *Queue) (float64, bool) { return q.WaitMS.P99, q.WaitMS.N > 0 }),
		of("matched", "", true, func(q *Queue) (float64, bool) { return float64(q.Matched), true }),
		of("fairness", "", true, func(q *Queue) (float64, bool) { return q.Fairness.P50, q.Fairness.N > 0 }),
	}
}
