package server

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestNamesAreCleanedAndCapped(t *testing.T) {
	for given, want := range map[string]string{
		"Ada":                           "Ada",
		"  Ada \t\n Lovelace  ":         "Ada Lovelace",
		"":                              defaultName,
		" \n\x00\u200b":                 defaultName,
		"\x1b[31mred\x1b[0m":            "[31mred[0m",
		"line\r\nlevel=ERROR":           "line level=ERROR",
		"a\u202ebc":                     "abc",
		"bad\xff\xfeutf8":               "badutf8",
		"Зоя 🚀":                         "Зоя 🚀",
		strings.Repeat("x", 1<<20):      strings.Repeat("x", maxNameRunes),
		strings.Repeat("🚀", 100):        strings.Repeat("🚀", maxNameBytes/4),
		strings.Repeat("x", 23) + " yz": strings.Repeat("x", 23),
	} {
		if got := cleanName(given); got != want {
			t.Errorf("%.40q becomes %q; want %q", given, got, want)
		}
	}
}

func FuzzCleanName(f *testing.F) {
	f.Add("Ada \x1b[31m")
	f.Add(strings.Repeat("é ", 50))
	f.Fuzz(func(t *testing.T, name string) {
		got := cleanName(name)
		if got == "" || len(got) > maxNameBytes || utf8.RuneCountInString(got) > maxNameRunes || !utf8.ValidString(got) {
			t.Errorf("%q becomes %q", name, got)
		}
		for _, r := range got {
			if !unicode.IsPrint(r) {
				t.Errorf("%q keeps %q", name, r)
			}
		}
		if cleanName(got) != got {
			t.Errorf("%q becomes %q, then %q", name, got, cleanName(got))
		}
	})
}
