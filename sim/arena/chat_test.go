package arena

import (
	"strings"
	"testing"
)

func TestChatIsCleaned(t *testing.T) {
	for text, want := range map[string]string{
		"hello":                "hello",
		"  two\twords\n":       "twowords",
		"a\x1b[31mb\u202ec":    "a[31mbc",
		" \n\t ":               "",
		"":                     "",
		"\u2028x\u2066y\u200f": "xy",
		"żółw 🚀":               "żółw 🚀",
	} {
		if got := clean(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	g := duel(t)
	say(g, 1, " hi ")
	say(g, 0, "\n")
	g.Step()
	if names := sent(g); len(names) != 1 || names[0] != "lines" {
		t.Errorf("events %v, want one line", names)
	}
	say(g, 0, strings.Repeat("x", 121))
	g.Step()
	if names := sent(g); len(names) != 0 {
		t.Errorf("a line of 121 bytes gave %v", names)
	}
}
