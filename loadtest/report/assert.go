package report

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// operators in the order in which they are looked for: longer ones first.
var operators = [...]string{"<=", ">=", "<", ">"}

// Condition is an assertion that has been read: a figure, an operator and a limit.
type Condition struct {
	text   string
	figure Figure
	op     string
	limit  float64
}

// ParseCondition reads an assertion such as "echo.p99<150ms" or "reach>0.999". Times
// are written as 150ms or 1.5s; a bare number is in the figure's own unit.
func ParseCondition(text string) (Condition, error) {
	for _, op := range operators {
		name, limit, ok := strings.Cut(text, op)
		if !ok {
			continue
		}
		f, err := FigureOf(strings.TrimSpace(name))
		if err != nil {
			return Condition{}, err
		}
		v, err := parseLimit(strings.TrimSpace(limit), f.Unit)
		if err != nil {
			return Condition{}, fmt.Errorf("%q: %w", text, err)
		}
		return Condition{text: text, figure: f, op: op, limit: v}, nil
	}
	return Condition{}, fmt.Errorf("%q has none of < <= > >=: write it like 'echo.p99<150ms' or 'reach>0.999'", text)
}

func parseLimit(text, unit string) (float64, error) {
	if v, err := strconv.ParseFloat(text, 64); err == nil {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return 0, fmt.Errorf("the limit %q is not a number: write it like 'reach>0.999'", text)
		}
		return v, nil
	}
	if percent, ok := strings.CutSuffix(text, "%"); ok {
		if v, err := strconv.ParseFloat(percent, 64); err == nil && unit == "" && !math.IsNaN(v) && !math.IsInf(v, 0) {
			return v / 100, nil
		}
	}
	if unit == "ms" {
		if d, err := time.ParseDuration(text); err == nil {
			return float64(d) / float64(time.Millisecond), nil
		}
		return 0, errors.New("the limit is a time: write it like 150ms or 1.5s")
	}
	return 0, fmt.Errorf("the limit %q is not a number: write it like 'reach>0.999'", text)
}

// Check evaluates the condition. A figure that the run has no value of does not hold:
// an assertion on nothing has not been met.
func (c *Condition) Check(r *Report) Assertion {
	v, known := c.figure.Value(r)
	a := Assertion{Text: c.text, Value: v}
	if !known {
		a.Text += " (nothing was measured)"
		return a
	}
	switch c.op {
	case "<=":
		a.Holds = v <= c.limit
	case ">=":
		a.Holds = v >= c.limit
	case "<":
		a.Holds = v < c.limit
	case ">":
		a.Holds = v > c.limit
	}
	return a
}
