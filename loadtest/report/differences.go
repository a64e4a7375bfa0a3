package report

import (
	"fmt"
	"strings"
)

// Difference is something that was not the same in two runs, but for what they measured.
type Difference struct{ Name, A, B string }

// Differences lists how two runs were set up differently: by flags, program, machine.
// Where and when they ran, and files they wrote, are none.
func Differences(a, b *Report) []Difference {
	var all []Difference
	as, bs := a.setup(), b.setup()
	for i := range as {
		if as[i].value != bs[i].value {
			all = append(all, Difference{as[i].name, as[i].value, bs[i].value})
		}
	}
	return all
}

// setting is one thing that could have been another way.
type setting struct{ name, value string }

// setup lists every setting of a run, always in the same order.
func (r *Report) setup() []setting {
	c, s := &r.Config, &r.Software
	var ramp, storms []string
	for _, leg := range c.Ramp {
		ramp = append(ramp, fmt.Sprintf("%gs:%d", leg.Second, leg.Bots))
	}
	for _, storm := range c.Storms {
		storms = append(storms, fmt.Sprintf("%g%%@%gs", 100*storm.Share, storm.Second))
	}
	text := func(v any) string { return fmt.Sprint(v) }
	metrics := "read"
	if r.Server == nil {
		metrics = "not known"
	}
	return []setting{
		{"game", c.Game},
		{"-play", c.Play},
		{"-think-every", text(c.Think)},
		{"-decode", map[bool]string{true: "on", false: "off"}[c.Decode]},
		{"-ramp", strings.Join(ramp, ",")},
		{"-churn", fmt.Sprintf("%g%%/min", 100*c.Churn)},
		{"-rooms", text(c.Rooms)},
		{"-per-room", text(c.PerRoom)},
		{"-stalled", text(c.Stalled)},
		{"-stall-for", fmt.Sprintf("%gs", c.StallFor)},
		{"-cut", text(c.Cut)},
		{"-storm", strings.Join(storms, " ")},
		{"-net", c.Net},
		{"-seed", text(c.Seed)},
		{"server's metrics", metrics},
		{"protocol", s.Protocol},
		{"program", s.Revision + map[bool]string{true: " with changes", false: ""}[s.Modified]},
		{"Go", s.Go},
		{"system", s.OS + "/" + s.Arch},
		{"CPU", s.CPU},
		{"cores", text(s.Cores)},
		{"GOMAXPROCS", text(s.GOMAXPROCS)},
	}
}
