package room

import "fmt"

// What makes a saving worth telling. What a trial foretells is up to 5 points of the
// field's bytes too much and 18 too little (a test of package delta).
const (
	worthOfField = 0.10
	worthOfAll   = 0.01
)

// hints says in words where a coarser step would save, the dearest field first. For each
// it names the finest step that saves a quarter of the field's bytes, or else the one
// that saves most.
func (s *Spending) hints() []string {
	var hints []string
	for i := range s.Fields {
		f := &s.Fields[i]
		best := -1
		for j, v := range f.Savings {
			if v.OfField < worthOfField || v.OfAll < worthOfAll {
				continue
			}
			if best < 0 || f.Savings[best].OfField < plenty && v.OfField > f.Savings[best].OfField {
				best = j
			}
		}
		if best >= 0 {
			hints = append(hints, f.hint(&f.Savings[best]))
		}
	}
	return hints
}

// plenty is a share of a field's bytes beyond which a still coarser step is not looked for.
const plenty = 0.25

func (f *FieldSpending) hint(v *Saving) string {
	save := fmt.Sprintf("would save about %.0f %% of its bytes, %.0f %% of all", 100*v.OfField, 100*v.OfAll)
	if f.Bits > 0 {
		return fmt.Sprintf("%s.%s with %d bits instead of %d %s", f.Table, f.Field, v.Bits, f.Bits, save)
	}
	return fmt.Sprintf("%s.%s at step %.4g instead of %.4g %s", f.Table, f.Field, v.Step, f.Step, save)
}
