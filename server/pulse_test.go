package server

import (
	"runtime"
	"strings"
	"testing"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/server/conn"
)

func TestPlayersPlayResumeAndAreSentAwayHoweverConnsAreRun(t *testing.T) {
	for _, how := range []string{"auto", "pair"} {
		t.Run(how, func(t *testing.T) {
			s := startPool(t, "-conn", how)
			ada, bob := s.join(t, "Ada"), s.join(t, "Bob")
			if pair := inStack("conn.(*Conn).writeLoop"); pair != (how == "pair" || !conn.CanPulse) {
				t.Errorf("a goroutine waits to write: %v", pair)
			}
			for range 20 {
				ada.stroke(t, kick)
				bob.play(t)
			}
			secret := ada.welcome.Secret
			ada.Close()
			again, err := dial(t, s.ws+"/v1/rooms/"+ada.welcome.Room+"/ws", "resume."+secret)
			if err != nil {
				t.Fatal(err)
			}
			again.play(t)
			if again.welcome.Seat != ada.welcome.Seat || !again.welcome.Resumed {
				t.Errorf("came back as %+v", again.welcome)
			}
			s.stop()
			for _, p := range []*player{again, bob} {
				if bye := wantGoodbye(t, p, schema.CloseRestart); bye != nil && bye.RetryMS == 0 {
					t.Error("no hint when to come back")
				}
			}
		})
	}
}

// running1 reports whether some goroutine is in a function of that name.
func inStack(name string) bool {
	stacks := make([]byte, 1<<20)
	return strings.Contains(string(stacks[:runtime.Stack(stacks, true)]), name)
}
