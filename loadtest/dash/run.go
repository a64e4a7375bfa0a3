package dash

import (
	"context"
	"fmt"
	"io"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/roomtick/roomtick/loadtest/report"
)

// every is how often the picture is drawn anew: the figures change once a second.
const every = time.Second

// Options are what Run needs.
type Options struct {
	In  io.Reader // a terminal: the keys
	Out io.Writer // a terminal: the picture

	// Live returns the newest figures. It is called from Run's goroutine.
	Live func() report.Live

	// End is called, from Run's goroutine, when the user asks for the end of the run by
	// q or ctrl-c. The picture stays until the context ends.
	End func()
}

// Run shows the run until ctx ends, and leaves the last picture on the terminal. It must
// only be called if In and Out are terminals. Colours are left out where the environment
// asks for none.
func Run(ctx context.Context, o Options) error {
	m := &model{options: o, width: 80, live: o.Live()}
	p := tea.NewProgram(m, tea.WithInput(o.In), tea.WithOutput(o.Out), tea.WithoutSignalHandler())
	stop := context.AfterFunc(ctx, func() { p.Send(over{}) })
	defer stop()
	if _, err := p.Run(); err != nil {
		return fmt.Errorf("dashboard: %w", err)
	}
	return nil
}

// over is sent when the run has ended, beat when the picture is to be drawn anew.
type (
	over struct{}
	beat struct{}
)

// model is the state of the picture. Owned by bubbletea's loop.
type model struct {
	options Options
	width   int
	live    report.Live
	ending  bool // the user has asked for the end
	over    bool
}

func (m *model) Init() tea.Cmd { return next() }

func next() tea.Cmd {
	return tea.Tick(every, func(time.Time) tea.Msg { return beat{} })
}

func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width = msg.Width
	case tea.KeyPressMsg:
		if key := msg.String(); (key == "q" || key == "ctrl+c") && !m.ending {
			m.ending = true
			m.options.End()
		}
	case beat:
		m.live = m.options.Live()
		return m, next()
	case over:
		m.live = m.options.Live()
		m.over = true
		return m, tea.Quit
	}
	return m, nil
}

func (m *model) View() tea.View {
	p := Colours()
	text := View(&m.live, m.width, p)
	switch {
	case m.over:
	case m.ending:
		text += p.Dim.Render("ending; the report follows") + "\n"
	default:
		text += p.Dim.Render("q ends the run early and still reports") + "\n"
	}
	return tea.NewView(text)
}
