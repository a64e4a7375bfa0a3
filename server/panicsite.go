package server

import "strings"

// What calls a game; the frames from there on are no business of its author.
const (
	simCalls  = "\ngithub.com/roomtick/roomtick/sim.(*Instance)."
	roomCalls = "\ngithub.com/roomtick/roomtick/room."
)

// panicSite finds in a stack where the game panicked: the first file that is not the
// runtime's after its panic. It is empty if there is none, as after runtime.Goexit.
func panicSite(stack string) string {
	for line := range strings.Lines(afterPanic(stack)) {
		if file, isFile := strings.CutPrefix(strings.TrimRight(line, "\n"), "\t"); isFile {
			at, _, _ := strings.Cut(file, " +0x")
			return at
		}
	}
	return ""
}

// gameStack cuts a stack down to the frames between the panic and the engine, two lines
// each; it stays whole if there is no panic in it.
func gameStack(stack string) string {
	frames := afterPanic(stack)
	if frames == "" {
		return stack
	}
	for _, engine := range []string{simCalls, roomCalls} {
		if at := strings.Index(frames, engine); at >= 0 {
			frames = frames[:at+1]
		}
	}
	return frames
}

// afterPanic returns the frames of a stack below the runtime's own.
func afterPanic(stack string) string {
	_, rest, ok := strings.Cut(stack, "/runtime/panic.go:")
	if !ok {
		return ""
	}
	_, rest, _ = strings.Cut(rest, "\n")
	for rest != "" { // a frame is two lines: function, then file
		function, after, _ := strings.Cut(rest, "\n")
		file, below, _ := strings.Cut(after, "\n")
		if !strings.HasPrefix(function, "runtime.") && !strings.Contains(file, "/src/runtime/") {
			break
		}
		rest = below
	}
	return rest
}
