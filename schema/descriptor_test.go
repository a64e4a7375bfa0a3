package schema

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// describe shows a column as one line: name, then what is not zero.
func describe(c Column) string {
	s := fmt.Sprintf("%s f%d", c.Name, c.Field)
	if c.Component > 0 {
		s += fmt.Sprintf(" c%d", c.Component)
	}
	if c.Linear {
		s += fmt.Sprintf(" linear tolerance=%d q=%d", c.Tolerance, c.Q)
	}
	if c.Wrap > 0 {
		s += fmt.Sprintf(" wrap=%d", c.Wrap)
	}
	if c.String {
		s += " string"
	}
	if c.Once {
		s += " once"
	}
	return s
}

func TestPartsAreThePublicAndOwnerColumnsInFieldOrder(t *testing.T) {
	want := []string{
		"table 0",
		"ships.x f0 linear tolerance=7 q=15",
		"ships.angle f1 linear tolerance=8 q=17 wrap=16384",
		"ships.hp f2 linear tolerance=0 q=1",
		"ships.score f3 linear tolerance=0 q=1", "ships.score f3 c1 linear tolerance=0 q=1",
		"ships.name f4 string once",
		"ships.spin f6", "ships.spin f6 c1 linear tolerance=8 q=17",
		"ships.spin f6 c2 linear tolerance=8 q=17", "ships.spin f6 c3 linear tolerance=8 q=17",
		"ships.heat.0 f7 linear tolerance=0 q=1", "ships.heat.1 f7 linear tolerance=0 q=1", "ships.heat.2 f7 linear tolerance=0 q=1",
		"ships.shielded f8",
		"table 0 owner",
		"ships.ammo f5 linear tolerance=0 q=1",
		"table 1",
		"match.phase f0 linear tolerance=0 q=1",
	}
	var got []string
	for _, p := range sampleDescriptor().Parts() {
		head := fmt.Sprintf("table %d", p.Table)
		if p.Owner {
			head += " owner"
		}
		got = append(got, head)
		for _, c := range p.Columns {
			got = append(got, describe(c))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestEveryTableHasAnOwnerPartAndASingleOnlyForOwnerFields(t *testing.T) {
	owned := []Field{{Kind: KindBool, Flags: FlagOwner}}
	d := Descriptor{Tables: []TableType{{Name: "t"}, {Name: "s", Single: true}, {Name: "o", Single: true, Fields: owned}}}
	var got []string
	for _, p := range d.Parts() {
		got = append(got, fmt.Sprint(d.Tables[p.Table].Name, " ", p.Owner, " ", len(p.Columns)))
	}
	if want := []string{"t false 0", "t true 0", "s false 0", "o false 0", "o true 1"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestOwnerPartsAreInPlayersGroupsOnly(t *testing.T) {
	for kind := range uint8(5) {
		public, owner := Part{}, Part{Owner: true}
		if !public.In(kind) || owner.In(kind) != (kind == 3) {
			t.Errorf("kind %d: public %t, owner %t", kind, public.In(kind), owner.In(kind))
		}
	}
}

func TestArrayElementsAreNumbered(t *testing.T) {
	d := Descriptor{Tables: []TableType{{Name: "t", Fields: []Field{{Name: "a", Kind: KindFloat, Bits: 64, Count: 2}}}}}
	var got []int
	for _, c := range d.Parts()[0].Columns {
		got = append(got, c.Element, c.Component)
	}
	if want := []int{0, 0, 0, 1, 1, 0, 1, 1}; !slices.Equal(got, want) {
		t.Errorf("elements and components are %v, want %v", got, want)
	}
}
