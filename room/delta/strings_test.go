package delta

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/roomtick/roomtick/schema"
)

func stringStream(window int) *Stream {
	return NewStream([]schema.Part{{Columns: []schema.Column{{String: true}}}}, 3, 0, window)
}

func TestAnIndexRestsUntilTheHistoryHasPassed(t *testing.T) {
	s := stringStream(4)
	s.now = ^uint32(0) - 3
	s.Begin()
	first := s.Intern(0, "Ada")
	s.Commit()
	s.Begin()
	if got := s.Intern(first, ""); got != 0 {
		t.Fatalf("the empty string is %d", got)
	}
	s.Commit()
	for tick := range 4 {
		if got := s.Intern(0, fmt.Sprint("n", tick)); got == first {
			t.Fatalf("the index is reused %d send ticks after", tick)
		}
		s.Begin()
		s.Commit()
	}
	if got := s.Intern(0, "last"); got != first {
		t.Errorf("index %d, want %d again", got, first)
	}
}

func TestATextThatIsRestingTakesUpItsIndexAgainAndIsToldAgain(t *testing.T) {
	s := stringStream(8)
	dec := NewDecoder(s.parts)
	s.Begin()
	row := s.Enter(0, 7)
	index := s.Intern(0, "Ada")
	s.Targets(0, 0)[row] = index
	s.Commit()
	s.Begin()
	s.Targets(0, 0)[row] = s.Intern(index, "")
	s.Commit()
	if err := dec.Apply(2, 1, 0, s.Keyframe()); err != nil {
		t.Fatal(err)
	}
	s.Begin()
	if got := s.Intern(0, "Ada"); got != index {
		t.Fatalf("index %d, want %d", got, index)
	}
	s.Targets(0, 0)[row] = index
	s.Commit()
	var p Prologue
	p.Reset(s.parts)
	p.Add(s)
	p.Finish()
	deltas := append(p.Whole(), s.Delta(1, &p)...)
	if err := dec.Apply(3, 1, schema.HeadPrologue, deltas); err != nil {
		t.Fatal(err)
	}
	if got := dec.Group(3).Text(index); got != "Ada" {
		t.Errorf("the client has %q", got)
	}
}

func TestTextIsMadeFitForTheWire(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                              "plain",
		"a\xffb":                             "a?b",
		strings.Repeat("x", MaxText+9):       strings.Repeat("x", MaxText),
		strings.Repeat("x", MaxText-1) + "ü": strings.Repeat("x", MaxText-1),
	} {
		got := clean(in)
		if got != want || !utf8.ValidString(got) {
			t.Errorf("clean gives %d bytes, want %d", len(got), len(want))
		}
	}
	s := stringStream(4)
	s.Begin()
	index := s.Intern(0, "a\xffb")
	if again := s.Intern(index, "a\xffb"); again != index || s.texts.entries[index].refs != 1 {
		t.Errorf("the same text is %d, then %d with %d rows", index, again, s.texts.entries[index].refs)
	}
}

func TestStringsBeyondTheLimitAreEmpty(t *testing.T) {
	s := stringStream(1)
	s.Begin()
	for i := range MaxStrings {
		if s.Intern(0, fmt.Sprint(i)) == 0 {
			t.Fatalf("string %d is refused", i)
		}
	}
	if got := s.Intern(0, "one more"); got != 0 {
		t.Errorf("index %d", got)
	}
	if got := s.Intern(5, "one more"); got != 0 || s.texts.entries[5].refs != 0 {
		t.Errorf("index %d, and the old one is kept", got)
	}
	s.Commit()
	dec := NewDecoder(s.parts)
	if err := dec.Apply(1, 1, 0, s.Keyframe()); err != nil {
		t.Fatal(err)
	}
	if got := dec.Group(3).Text(MaxStrings); got != fmt.Sprint(MaxStrings-1) {
		t.Errorf("the last string is %q", got)
	}
}

func TestAFlappingTextHoldsNoMemory(t *testing.T) {
	s := stringStream(8)
	index := int32(0)
	for i := range 10000 {
		s.Begin()
		index = s.Intern(index, [...]string{"on", "off"}[i%2])
		s.Commit()
	}
	if n := len(s.texts.entries) + len(s.texts.resting) + len(s.texts.given) + len(s.texts.free); n > 40 {
		t.Errorf("%d entries after many changes", n)
	}
}
