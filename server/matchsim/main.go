package matchsim

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/roomtick/roomtick/sim"
)

// Main simulates a queue of one of the games, as the flags say, and exits: 0, 1 if it
// failed, 2 if the flags are wrong. It is the whole main of a studio's own command.
func Main(games ...*sim.Definition) {
	tty := term.IsTerminal(int(os.Stderr.Fd()))
	err := Command(os.Args[1:], os.Stdout, os.Stderr, tty, games...)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.As(err, new(usageError)):
		fmt.Fprintln(os.Stderr, "matchsim:", err)
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "matchsim:", err)
		os.Exit(1)
	}
}

type usageError struct{ error }

// Command is Main without the process. live draws progress on stderr.
func Command(args []string, stdout, stderr io.Writer, live bool, games ...*sim.Definition) error {
	var o Options
	f := flag.NewFlagSet("matchsim", flag.ContinueOnError)
	f.SetOutput(stderr)
	game := f.String("game", "", "game; empty for the first that has queues")
	name := f.String("queue", "", "queue; empty for the game's first")
	out := f.String("out", "matchsim.html", "file of the report; empty for none")
	asJSON := f.Bool("json", false, "print the report as JSON")
	sweep := f.Bool("sweep", true, "also try a sixteenth to eight times the players")
	length := f.Duration("for", 30*time.Minute, "simulated time")
	patience := f.Duration("patience", 5*time.Minute, "mean time until somebody gives up; 0: nobody does")
	parties := f.String("parties", "70,20,10", "how often tickets of 1, 2, ... players are")
	regions := f.String("regions", "", "where players live, such as eu:60,us:40; empty: nobody measures latencies")
	f.Float64Var(&o.Rate, "rate", 2, "players a second")
	f.Float64Var(&o.Mean, "mean", 0, "mean skill; 0 is that of the queue's newcomers")
	f.Float64Var(&o.Spread, "spread", 0, "standard deviation of the skills; 0 is the queue's scale")
	f.Float64Var(&o.Known, "known", 0, "how uncertain a regular's skill is; 0 is a sixth of the spread")
	f.Float64Var(&o.Fresh, "fresh", 0.1, "share of newcomers, whose skill nobody knows")
	f.Float64Var(&o.Picky, "picky", 0.5, "share of players who accept one role only")
	f.Uint64Var(&o.Seed, "seed", 1, "of the random numbers: the same gives the same report")
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return usageError{err}
	}
	var err error
	o.Seconds, o.Patience = length.Seconds(), patience.Seconds()
	if o.Fresh == 0 {
		o.Fresh = -1
	}
	if o.Parties, o.Regions, err = parseCrowd(*parties, *regions); err != nil {
		return usageError{err}
	}
	if !(o.Rate > 0) || !(o.Seconds >= 10) || f.NArg() > 0 {
		return usageError{errors.New("use a -rate above 0, 10s or more with -for, and nothing behind the flags")}
	}
	g, q, err := find(games, *game, *name)
	if err != nil {
		return usageError{err}
	}
	r := Run(g.Name(), q, o, bar(stderr, live, "playing "+q.Name))
	if *sweep {
		r.Crowds = Sweep(g.Name(), q, o, bar(stderr, live, "other crowds"))
	}
	r.Command = "matchsim " + strings.Join(args, " ")
	return r.deliver(*out, *asJSON, stdout)
}

// find returns the queue that the flags name.
func find(games []*sim.Definition, game, name string) (*sim.Definition, *sim.Queue, error) {
	var known []string
	for _, g := range games {
		if err := g.Err(); err != nil {
			return nil, nil, err
		}
		queues := g.Config().Queues
		for i := range queues {
			if (game == "" || game == g.Name()) && (name == "" || name == queues[i].Name) {
				return g, &queues[i], nil
			}
			known = append(known, g.Name()+"/"+queues[i].Name)
		}
	}
	if len(known) == 0 {
		return nil, nil, errors.New("no game has a queue; declare one in sim.Config.Queues")
	}
	return nil, nil, fmt.Errorf("no such queue; there is %s", strings.Join(known, ", "))
}

func parseCrowd(parties, regions string) (weights []float64, list []Region, err error) {
	for part := range strings.SplitSeq(parties, ",") {
		w, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil || !(w >= 0 && w < 1e9) {
			return nil, nil, fmt.Errorf("-parties %q: use numbers such as 70,20,10", parties)
		}
		weights = append(weights, w)
	}
	if !(weights[0] > 0) {
		return nil, nil, fmt.Errorf("-parties %q: somebody has to be alone", parties)
	}
	for part := range strings.SplitSeq(regions, ",") {
		name, share, _ := strings.Cut(strings.TrimSpace(part), ":")
		if name == "" {
			continue
		}
		r := Region{Name: name, Share: 1}
		if share != "" {
			if r.Share, err = strconv.ParseFloat(share, 64); err != nil || !(r.Share > 0 && r.Share < 1e9) {
				return nil, nil, fmt.Errorf("-regions %q: use names and shares such as eu:60,us:40", regions)
			}
		}
		list = append(list, r)
	}
	return weights, list, nil
}

// bar draws how far a run is; nil if nobody looks.
func bar(w io.Writer, live bool, what string) func(share float64) {
	if !live {
		return nil
	}
	const width = 40
	return func(share float64) {
		done := int(share * width)
		fmt.Fprintf(w, "\r%-18s %s%s %3.0f %%", what, strings.Repeat("█", done), strings.Repeat("░", width-done), share*100)
		if share >= 1 {
			fmt.Fprintln(w)
		}
	}
}

// deliver prints the report, and writes its page.
func (r *Report) deliver(path string, asJSON bool, stdout io.Writer) error {
	if path != "" {
		file, err := os.Create(path)
		if err != nil {
			return err
		}
		if err := errors.Join(WritePage(file, r), file.Close()); err != nil {
			return err
		}
	}
	if asJSON {
		e := json.NewEncoder(stdout)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	_, err := fmt.Fprintf(stdout, `%s/%s: %d players in %s
wait       half %s, nine of ten %s, 99 of 100 %s
fairness   the weakest team wins %.0f of 100, in the worst tenth of matches %.0f
left       %s without a match, %d wait still
`, r.Game, r.Name, r.Players, duration(r.Options.Seconds), duration(r.Wait.P50), duration(r.Wait.P90), duration(r.Wait.P99),
		100*r.Fairness.P50, 100*r.Fairness.P10, percent(r.leftShare()), r.Waiting)
	if err == nil && path != "" {
		_, err = fmt.Fprintf(stdout, "report     %s\n", path)
	}
	return err
}

func (r *Report) leftShare() float64 { return float64(r.Left) / float64(max(r.Players, 1)) }

// duration writes seconds for people.
func duration(seconds float64) string {
	switch {
	case seconds < 9.95:
		return strconv.FormatFloat(seconds, 'f', 1, 64) + " s"
	case seconds < 120:
		return strconv.FormatFloat(seconds, 'f', 0, 64) + " s"
	}
	return strconv.FormatFloat(seconds/60, 'f', 1, 64) + " min"
}

func percent(share float64) string {
	if share > 0 && share < 0.0995 {
		return strconv.FormatFloat(100*share, 'f', 1, 64) + " %"
	}
	return strconv.FormatFloat(100*share, 'f', 0, 64) + " %"
}
