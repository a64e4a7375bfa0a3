package dash

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/roomtick/roomtick/loadtest/report"
)

func TestQAndControlCEndTheRunOnceAndThePictureStays(t *testing.T) {
	for _, key := range []tea.KeyPressMsg{{Code: 'q', Text: "q"}, {Code: 'c', Mod: tea.ModCtrl}} {
		ends := 0
		m := &model{width: 80, options: Options{
			Live: func() report.Live { return *calm() },
			End:  func() { ends++ },
		}}
		for range 2 {
			if _, cmd := m.Update(key); cmd != nil {
				t.Errorf("%v: the dashboard does something else, too", key)
			}
		}
		if ends != 1 {
			t.Errorf("%v: the run was ended %d times", key, ends)
		}
		if !strings.Contains(m.View().Content, "report follows") {
			t.Errorf("%v: nothing says that the run is ending", key)
		}
	}
}

func TestOtherKeysDoNothing(t *testing.T) {
	m := &model{options: Options{End: func() { t.Error("the run was ended") }}}
	for _, key := range []tea.KeyPressMsg{{Code: 'x', Text: "x"}, {Code: 'c', Text: "c"}, {Code: tea.KeyEnter}} {
		m.Update(key)
	}
}

func TestThePictureFollowsTheFiguresAndTheWidth(t *testing.T) {
	asked := 0
	m := &model{width: 80, options: Options{Live: func() report.Live { asked++; return *calm() }}}
	m.Update(tea.WindowSizeMsg{Width: 50, Height: 20})
	if _, cmd := m.Update(beat{}); cmd == nil || asked != 1 || m.width != 50 {
		t.Errorf("asked %d times, %d wide, next beat %v", asked, m.width, cmd)
	}
	if !strings.Contains(m.View().Content, "q ends the run early") {
		t.Error("nothing says how to end the run")
	}
}

func TestTheLastPictureIsLeftWhenTheRunIsOver(t *testing.T) {
	m := &model{width: 80, options: Options{Live: func() report.Live { return *calm() }}}
	_, cmd := m.Update(over{})
	if cmd == nil {
		t.Fatal("it goes on")
	}
	if _, quits := cmd().(tea.QuitMsg); !quits {
		t.Error("it goes on")
	}
	if text := m.View().Content; !strings.Contains(text, "echo p99") || strings.Contains(text, "q ends") {
		t.Errorf("the last picture is\n%s", text)
	}
}
