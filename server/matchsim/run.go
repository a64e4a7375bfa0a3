package matchsim

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/roomtick/roomtick/server/queue"
	"github.com/roomtick/roomtick/sim"
)

// roundEvery is how many seconds pass between two rounds of the matcher.
const roundEvery = 0.5

// columns is how many points the timeline has.
const columns = 120

// Report is what happened to a crowd.
type Report struct {
	Game    string    `json:"game"`
	Queue   sim.Queue `json:"-"`
	Name    string    `json:"queue"`
	Options Options   `json:"options"`

	Players int `json:"players"` // who came
	Matched int `json:"matched"`
	Left    int `json:"left"`    // gave up, or their ticket expired
	Waiting int `json:"waiting"` // when the simulation ended
	Matches int `json:"matches"`

	Wait     Percentiles `json:"wait"`     // seconds, of matched players
	Fairness Percentiles `json:"fairness"` // of matches, by true skill
	Apart    Percentiles `json:"apart"`    // skill between the ends of a match
	Latency  Percentiles `json:"latency"`  // milliseconds, of matched players who measured

	BySkill  []Band    `json:"bySkill"`
	ByParty  []Band    `json:"byParty"`
	Timeline []Point   `json:"timeline"`
	Crowds   []Crowd   `json:"crowds,omitempty"`
	Command  string    `json:"command"`
	RoundMS  float64   `json:"-"` // the longest round, of wall time
	outcomes []outcome // a point for each player
}

// Percentiles of a distribution.
type Percentiles struct {
	P1, P10, P50, P90, P99, Mean float64
	N                            int
}

// Band is the players of a part of the skills, or of a size of party.
type Band struct {
	Low, High float64
	Wait      Percentiles
	Fairness  Percentiles
	Left      float64 // share who left without a match
}

// Point is a moment of the simulation.
type Point struct {
	At      float64 // seconds
	Waiting int     // players
	Matched int     // players since the last point
	Wait    float64 // median of those
}

// Crowd is what another number of players would have seen.
type Crowd struct {
	Rate                    float64
	P50, P90, Fairness, Bad float64 // Bad: fairness of the worst tenth of matches
	Left                    float64 // share
}

// outcome is what became of a player.
type outcome struct {
	skill, wait, fairness float64
	party                 int
	left                  bool
}

// simulation is a run under way.
type simulation struct {
	*crowd
	report   *Report
	waiting  []*sim.Ticket
	apart    []float64
	latency  []float64
	fair     []float64
	sincePt  []float64
	regions  []string
	progress func(share float64)
}

// Run simulates a queue. progress may be nil.
func Run(game string, q *sim.Queue, o Options, progress func(share float64)) *Report {
	o = o.withDefaults(q)
	s := &simulation{crowd: newCrowd(q, o), progress: progress, report: &Report{Game: game, Queue: *q, Name: q.Name, Options: o}}
	for _, r := range o.Regions {
		s.regions = append(s.regions, r.Name)
	}
	if s.regions == nil {
		s.regions = []string{""}
	}
	next := s.gap()
	for now := roundEvery; now <= o.Seconds; now += roundEvery {
		for ; next <= now; next += s.gap() {
			t := s.ticket(next)
			s.report.Players += len(t.Members)
			s.waiting = append(s.waiting, t)
		}
		s.quit(now)
		s.round(now)
		s.point(now)
	}
	s.finish()
	return s.report
}

// gap is the time between two tickets: they come independently of each other.
func (s *simulation) gap() float64 { return s.r.ExpFloat64() * s.size() / s.o.Rate }

// quit lets go who has waited too long.
func (s *simulation) quit(now float64) {
	s.waiting = slices.DeleteFunc(s.waiting, func(t *sim.Ticket) bool {
		if now < s.quits[t.ID] {
			return false
		}
		for i := range t.Members {
			s.report.Left++
			s.report.outcomes = append(s.report.outcomes, outcome{skill: s.truth[t.Members[i].Player], wait: now - t.Since, party: len(t.Members), left: true})
		}
		return true
	})
}

func (s *simulation) round(now float64) {
	begin := time.Now()
	made := queue.Match(s.q, queue.Input{Tickets: s.waiting, Regions: s.regions}, now)
	s.report.RoundMS = max(s.report.RoundMS, float64(time.Since(begin).Microseconds())/1e3)
	gone := make(map[string]bool)
	for i := range made.Matches {
		m := &made.Matches[i].Match
		s.report.Matches++
		fair, low, high := s.fairness(m), math.Inf(1), math.Inf(-1)
		s.fair = append(s.fair, fair)
		for _, team := range m.Teams {
			for _, t := range team {
				gone[t.ID] = true
				low, high = min(low, t.Skill().Mu), max(high, t.Skill().Mu)
				s.seat(t, m.Region, now, fair)
			}
		}
		s.apart = append(s.apart, high-low)
	}
	s.waiting = slices.DeleteFunc(s.waiting, func(t *sim.Ticket) bool { return gone[t.ID] })
}

// seat notes what a ticket got.
func (s *simulation) seat(t *sim.Ticket, region string, now, fair float64) {
	for i := range t.Members {
		e := &t.Members[i]
		s.report.Matched++
		s.sincePt = append(s.sincePt, now-t.Since)
		if ms, ok := e.Latencies[region]; ok {
			s.latency = append(s.latency, ms)
		}
		s.report.outcomes = append(s.report.outcomes, outcome{skill: s.truth[e.Player], wait: now - t.Since, fairness: fair, party: len(t.Members)})
	}
}

// point adds a moment to the timeline when one is due.
func (s *simulation) point(now float64) {
	due := s.o.Seconds * float64(len(s.report.Timeline)+1) / columns
	if now < due {
		return
	}
	p := Point{At: now, Matched: len(s.sincePt)}
	for _, t := range s.waiting {
		p.Waiting += len(t.Members)
	}
	if p.Matched > 0 {
		p.Wait = percentilesOf(s.sincePt).P50
	}
	s.sincePt = s.sincePt[:0]
	s.report.Timeline = append(s.report.Timeline, p)
	if s.progress != nil {
		s.progress(now / s.o.Seconds)
	}
}

func (s *simulation) finish() {
	r := s.report
	for _, t := range s.waiting {
		r.Waiting += len(t.Members)
	}
	var waits []float64
	for _, p := range r.outcomes {
		if !p.left {
			waits = append(waits, p.wait)
		}
	}
	r.Wait, r.Fairness, r.Apart, r.Latency = percentilesOf(waits), percentilesOf(s.fair), percentilesOf(s.apart), percentilesOf(s.latency)
	r.BySkill = s.bySkill()
	for size := range s.o.Parties {
		b := bandOf(r.outcomes, func(p outcome) bool { return p.party == size+1 })
		b.Low, b.High = float64(size+1), float64(size+1)
		r.ByParty = append(r.ByParty, b)
	}
}

// skillBands is how many parts of equal width the skills are cut into, two and a half
// standard deviations to both sides; the outer ones hold the rest.
const skillBands = 15

func (s *simulation) bySkill() []Band {
	var list []Band
	from, width := s.o.Mean-2.5*s.o.Spread, 5*s.o.Spread/skillBands
	for i := range skillBands {
		low, high := from+float64(i)*width, from+float64(i+1)*width
		b := bandOf(s.report.outcomes, func(p outcome) bool {
			return (p.skill >= low || i == 0) && (p.skill < high || i == skillBands-1)
		})
		b.Low, b.High = low, high
		list = append(list, b)
	}
	return list
}

func bandOf(all []outcome, in func(outcome) bool) Band {
	var waits, fair []float64
	left := 0
	for _, p := range all {
		switch {
		case !in(p):
		case p.left:
			left++
		default:
			waits, fair = append(waits, p.wait), append(fair, p.fairness)
		}
	}
	b := Band{Wait: percentilesOf(waits), Fairness: percentilesOf(fair)}
	if n := left + len(waits); n > 0 {
		b.Left = float64(left) / float64(n)
	}
	return b
}

func percentilesOf(values []float64) Percentiles {
	if len(values) == 0 {
		return Percentiles{}
	}
	sorted := slices.Clone(values)
	slices.SortFunc(sorted, cmp.Compare)
	at := func(p float64) float64 { return sorted[min(len(sorted)-1, int(p*float64(len(sorted))))] }
	sum := 0.0
	for _, v := range sorted {
		sum += v
	}
	return Percentiles{P1: at(0.01), P10: at(0.1), P50: at(0.5), P90: at(0.9), P99: at(0.99), Mean: sum / float64(len(sorted)), N: len(sorted)}
}

// crowdFactors are how many times the players the sweep tries.
var crowdFactors = [...]float64{0.0625, 0.125, 0.25, 0.5, 1, 2, 4, 8}

// Sweep runs the same queue with fewer and with more players: how large a crowd it needs.
func Sweep(game string, q *sim.Queue, o Options, progress func(share float64)) []Crowd {
	o = o.withDefaults(q)
	var list []Crowd
	for i, factor := range crowdFactors {
		one := o
		one.Rate *= factor
		if factor > 1 { // as many players are enough
			one.Seconds = max(min(o.Seconds, 300), o.Seconds/factor)
		}
		r := Run(game, q, one, nil)
		list = append(list, Crowd{
			Rate: one.Rate, P50: r.Wait.P50, P90: r.Wait.P90, Fairness: r.Fairness.P50, Bad: r.Fairness.P10,
			Left: float64(r.Left) / float64(max(r.Players, 1)),
		})
		if progress != nil {
			progress(float64(i+1) / float64(len(crowdFactors)))
		}
	}
	return list
}
