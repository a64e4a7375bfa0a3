package room

import (
	"slices"
	"testing"
)

func TestHintsNameTheFinestStepThatSavesPlenty(t *testing.T) {
	s := Spending{Fields: []FieldSpending{
		{Table: "ships", Field: "x", Step: 0.01, Savings: []Saving{
			{Step: 0.02, OfField: 0.12, OfAll: 0.06}, {Step: 0.05, OfField: 0.31, OfAll: 0.155}, {Step: 0.1, OfField: 0.44, OfAll: 0.22},
		}},
		{Table: "ships", Field: "angle", Bits: 10, Savings: []Saving{{Bits: 9, OfField: 0.11, OfAll: 0.02}, {Bits: 8, OfField: 0.22, OfAll: 0.04}}},
		{Table: "ships", Field: "y", Step: 1, Savings: []Saving{{Step: 2, OfField: 0.09, OfAll: 0.05}}},
		{Table: "rocks", Field: "x", Step: 1, Savings: []Saving{{Step: 2, OfField: 0.5, OfAll: 0.001}}},
		{Table: "rocks", Field: "hp"},
	}}
	want := []string{
		"ships.x at step 0.05 instead of 0.01 would save about 31 % of its bytes, 16 % of all",
		"ships.angle with 8 bits instead of 10 would save about 22 % of its bytes, 4 % of all",
	}
	if got := s.hints(); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
