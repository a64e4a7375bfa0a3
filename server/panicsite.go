package server

import "strings"

// panicSite finds in a stack where the game panicked: the first file that is not the
// runtime's after its panic. It is empty if there is none, as after runtime.Goexit.
func panicSite(stack string) string {
	_, after, ok := strings.Cut(stack, "/runtime/panic.go:")
	if !ok {
		return ""
	}
	for line := range strings.Lines(after) {
		file, isFile := strings.CutPrefix(strings.TrimRight(line, "\n"), "\t")
		if isFile && !strings.Contains(file, "/src/runtime/") {
			at, _, _ := strings.Cut(file, " +0x")
			return at
		}
	}
	return ""
}
