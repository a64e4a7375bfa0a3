package swarm

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/roomtick/roomtick/loadtest/report"
)

// ramp says how many bots are wanted when: straight lines between corners, the first
// at time 0.
type ramp []corner

type corner struct {
	at   time.Duration
	bots int
}

// parseRamp reads "0:0,30s:500,2m:500".
func parseRamp(text string) (ramp, error) {
	var r ramp
	for word := range strings.SplitSeq(text, ",") {
		when, many, ok := strings.Cut(strings.TrimSpace(word), ":")
		at, err := time.ParseDuration(when)
		n, err2 := strconv.Atoi(many)
		if !ok || err != nil || err2 != nil || at < 0 || n < 0 {
			return nil, fmt.Errorf("corner %q: write it like 30s:500, a time and how many bots", word)
		}
		if len(r) > 0 && at < r[len(r)-1].at {
			return nil, fmt.Errorf("corner %q: it comes before the corner before it: write the earlier one first, as in 0:0,30s:500,2m:500", word)
		}
		if len(r) > 0 && at == r[len(r)-1].at {
			return nil, fmt.Errorf("corner %q: there is one at that time already: write a jump like 30s:500,30.1s:50", word)
		}
		if len(r) == 0 && at > 0 {
			r = append(r, corner{0, 0})
		}
		r = append(r, corner{at, n})
	}
	if r.top() == 0 {
		return nil, errors.New("no corner has a bot: write it like 0:0,30s:500,2m:500")
	}
	return r, nil
}

// then holds the last count for a while.
func (r ramp) then(hold time.Duration) ramp {
	last := r[len(r)-1]
	if hold <= 0 {
		return r
	}
	return append(r, corner{last.at + hold, last.bots})
}

// length is the time of the last corner.
func (r ramp) length() time.Duration {
	if len(r) == 0 {
		return 0
	}
	return r[len(r)-1].at
}

// top is the most bots at once.
func (r ramp) top() int {
	n := 0
	for _, c := range r {
		n = max(n, c.bots)
	}
	return n
}

// full is when the count is at its top first.
func (r ramp) full() time.Duration {
	top := r.top()
	for _, c := range r {
		if c.bots == top {
			return c.at
		}
	}
	return 0
}

// at returns how many bots are wanted.
func (r ramp) at(t time.Duration) int {
	n := 0
	for i, c := range r {
		if c.at <= t {
			n = c.bots
			continue
		}
		if i > 0 {
			before := r[i-1]
			share := float64(t-before.at) / float64(c.at-before.at)
			n = before.bots + int(share*float64(c.bots-before.bots))
		}
		break
	}
	return n
}

func (r ramp) legs() []report.RampLeg {
	legs := make([]report.RampLeg, len(r))
	for i, c := range r {
		legs[i] = report.RampLeg{Second: c.at.Seconds(), Bots: c.bots}
	}
	return legs
}

// parseShare reads "1%" as a share of n, or a number as it is.
func parseShare(text string, n int) (int, error) {
	if percent, ok := strings.CutSuffix(text, "%"); ok {
		v, err := strconv.ParseFloat(percent, 64)
		if err != nil || !(v >= 0 && v <= 100) { // NaN is in no range
			return 0, fmt.Errorf("%q: use a number, or a share like 1%%", text)
		}
		return int(float64(n)*v/100 + 0.5), nil
	}
	v, err := strconv.Atoi(text)
	if err != nil || v < 0 {
		return 0, fmt.Errorf("%q: use a number, or a share like 1%%", text)
	}
	return v, nil
}

// parseChurn reads "5%/min" as 0.05.
func parseChurn(text string) (float64, error) {
	if text == "0" {
		return 0, nil
	}
	percent, ok := strings.CutSuffix(text, "%/min")
	v, err := strconv.ParseFloat(percent, 64)
	if !ok || err != nil || !(v >= 0) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("%q: write it like 5%%/min", text)
	}
	return v / 100, nil
}

// parseStorm reads "50%@20s".
func parseStorm(text string) (report.Storm, error) {
	share, when, ok := strings.Cut(text, "%@")
	v, err := strconv.ParseFloat(share, 64)
	at, err2 := time.ParseDuration(when)
	if !ok || err != nil || err2 != nil || !(v > 0 && v <= 100) || at < 0 {
		return report.Storm{}, fmt.Errorf("%q: write it like 50%%@20s", text)
	}
	return report.Storm{Second: at.Seconds(), Share: v / 100}, nil
}
