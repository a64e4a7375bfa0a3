package server

import (
	"runtime/debug"
	"strings"
	"testing"
)

func TestPanicSiteIsTheLineOfTheGame(t *testing.T) {
	for name, fall := range map[string]func(){
		"a panic": func() { panic("boom") },
		"an index out of range": func() {
			var list []int
			_ = list[len(t.Name())]
		},
		"a nil map": func() {
			m := map[bool]map[int]int{}
			m[true][1] = 1
		},
	} {
		at := func() (at string) {
			defer func() {
				_ = recover()
				at = panicSite(string(debug.Stack()))
			}()
			fall()
			return ""
		}()
		if !strings.Contains(at, "panicsite_test.go:") {
			t.Errorf("%s: %q", name, at)
		}
	}
	if at := panicSite("goroutine 1 [running]:\n"); at != "" {
		t.Errorf("without a panic: %q", at)
	}
}
