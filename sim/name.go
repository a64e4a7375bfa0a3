package sim

import "unicode"

// wireName turns a Go name into the lower camel case that clients see: HP is hp, VX is
// vx, HPMax is hpMax, URLPath is urlPath.
func wireName(goName string) string {
	r := []rune(goName)
	run := 0
	for run < len(r) && unicode.IsUpper(r[run]) {
		run++
	}
	if run > 1 && run < len(r) && unicode.IsLower(r[run]) {
		run-- // the last capital of the run begins the next word
	}
	for i := range run {
		r[i] = unicode.ToLower(r[i])
	}
	return string(r)
}
