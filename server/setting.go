package server

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// origin says where a setting's value came from.
type origin string

const (
	fromDefault origin = "default"
	fromEnv     origin = "env"
	fromFlag    origin = "flag"
)

// setting is one thing an operator can set, by flag or by ROOMTICK_ variable. As a
// flag.Value it takes every text and remembers what is wrong with it, so that all
// mistakes are reported at once.
type setting struct {
	name   string
	usage  string
	parse  func(text string) error // stores the value
	text   string                  // as given, or the default's
	secret bool                    // never printed
	toggle bool                    // -name alone is true
	origin origin
	source origin // what Set is being called for
	wrong  error
}

// Set implements flag.Value.
func (s *setting) Set(text string) error {
	s.text, s.origin = text, s.source
	if s.wrong = s.parse(text); s.wrong != nil {
		s.wrong = fmt.Errorf("%s: %w", s.where(), s.wrong)
	}
	return nil
}

// String implements flag.Value.
func (s *setting) String() string { return s.text }

// IsBoolFlag is what package flag asks whether a flag may come without a value.
func (s *setting) IsBoolFlag() bool { return s.toggle }

// where names the setting as the operator wrote it.
func (s *setting) where() string {
	if s.origin == fromEnv {
		return s.variable() + "=" + s.shown()
	}
	return "-" + s.name + " " + s.shown()
}

// variable is the environment variable of the setting: ROOMTICK_MAX_ROOMS for -max-rooms.
func (s *setting) variable() string { return variablePrefix + envName(s.name) }

const variablePrefix = "ROOMTICK_"

func envName(flag string) string { return strings.ToUpper(strings.ReplaceAll(flag, "-", "_")) }

// shown is the value as it may appear on a screen.
func (s *setting) shown() string {
	switch {
	case s.secret && s.text != "":
		return "(hidden)"
	case s.text == "":
		return `""`
	}
	return s.text
}

// settings are all of them, in the order in which they are printed.
type settings []*setting

// named returns one of them, nil if none has the name.
func (all settings) named(name string) *setting {
	for _, s := range all {
		if s.name == name {
			return s
		}
	}
	return nil
}

// parse reads flags and variables; flags win. It returns every mistake, and
// flag.ErrHelp alone if help was asked for.
func (all settings) parse(args, env []string) (mistakes []error) {
	fs := flag.NewFlagSet("roomtick", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	for _, s := range all {
		s.origin, s.source = fromDefault, fromFlag
		fs.Var(s, s.name, s.usage)
	}
	mistakes = all.readFlags(fs, args)
	if len(mistakes) == 1 && errors.Is(mistakes[0], flag.ErrHelp) {
		return mistakes
	}
	all.readVariables(env)
	for _, s := range all {
		if s.wrong != nil {
			mistakes = append(mistakes, s.wrong)
		}
	}
	return mistakes
}

// readFlags goes on behind each mistake, so that it sees them all.
func (all settings) readFlags(fs *flag.FlagSet, args []string) (mistakes []error) {
	for {
		err := fs.Parse(args)
		if errors.Is(err, flag.ErrHelp) {
			return []error{err}
		}
		args = fs.Args()
		if name, unknown := strings.CutPrefix(fmt.Sprint(err), "flag provided but not defined: -"); unknown {
			mistakes = append(mistakes, all.unknown(name))
			if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
				args = args[1:] // its value
			}
		} else if err != nil {
			mistakes = append(mistakes, fmt.Errorf("%w; run with -help for the list", err))
		} else if len(args) > 0 {
			mistakes = append(mistakes, fmt.Errorf("unexpected %q; settings are given as -name value", args[0]))
			args = args[1:]
		}
		if len(args) == 0 {
			return mistakes
		}
	}
}

// unknown says that no setting has that name, and which one may be meant.
func (all settings) unknown(name string) error {
	nearest, least := "", len(name)/2+1 // further away it is another word
	for _, s := range append(slices.Clone(all), &setting{name: printFlag}) {
		if d := distance(name, s.name); d < least {
			nearest, least = s.name, d
		}
	}
	if nearest == "" {
		return fmt.Errorf("unknown setting -%s; run with -help for the list", name)
	}
	return fmt.Errorf("unknown setting -%s; did you mean -%s?", name, nearest)
}

// distance is how many bytes must be added, removed or changed to make b of a
// (Levenshtein's).
func distance(a, b string) int {
	row := make([]int, len(b)+1) // of the part of a so far to each start of b
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := corner
			if a[i] != b[j] {
				change++
			}
			corner = row[j+1]
			row[j+1] = min(change, corner+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// readVariables sets what no flag has set. Variables of other names are left alone:
// Kubernetes sets ROOMTICK_PORT and the like for a service called roomtick.
func (all settings) readVariables(env []string) {
	values := make(map[string]string, len(env))
	for _, entry := range env {
		name, value, _ := strings.Cut(entry, "=")
		values[name] = value
	}
	for _, s := range all {
		if value, ok := values[s.variable()]; ok && s.origin != fromFlag {
			s.source = fromEnv
			_ = s.Set(value) // remembers its mistake
		}
	}
}

// print lists value and origin of every setting.
func (all settings) print(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0) // Flush reports what any write said
	_, _ = fmt.Fprintln(tw, "SETTING\tVALUE\tORIGIN\tVARIABLE")
	for _, s := range all {
		_, _ = fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", s.name, s.shown(), s.origin, s.variable())
	}
	return tw.Flush()
}

// help lists what can be set.
func (all settings) help(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0) // Flush reports what any write said
	_, _ = fmt.Fprint(tw, "usage: [serve] [-name value]...\n\nEvery setting is also read from the variable shown; the flag wins.\n\n")
	for _, s := range all {
		_, _ = fmt.Fprintf(tw, "  -%s %s\t%s\t%s\n", s.name, s.shown(), s.variable(), s.usage)
	}
	_, _ = fmt.Fprintf(tw, "  -%s\t\tprint every setting, its value and where it came from, and exit\n", printFlag)
	return tw.Flush()
}
