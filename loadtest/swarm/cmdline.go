package swarm

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// ParseFlags reads a command's flags. If the command is over with that, done is true and
// code its exit code: after -h, which prints the flags, or after a mistake, told in one
// line with an example. Examples are the words in backquotes of the flags' usage.
func ParseFlags(flags *flag.FlagSet, args []string, stderr io.Writer) (code int, done bool) {
	usage := flags.Usage
	flags.Init(flags.Name(), flag.ContinueOnError)
	flags.SetOutput(io.Discard) // package flag adds every flag there is to a mistake
	flags.Usage = func() {}
	err := flags.Parse(args)
	flags.SetOutput(stderr)
	flags.Usage = usage
	switch {
	case err == nil:
		return exitOK, false
	case errors.Is(err, flag.ErrHelp):
		usage()
		return exitOK, true
	}
	_, _ = fmt.Fprintln(stderr, mistake(flags, err))
	return exitUsage, true
}

// mistake says what is wrong with a flag and how to write it. Package flag names the flag
// in the text of its error only.
func mistake(flags *flag.FlagSet, err error) string {
	text := err.Error()
	_, name, _ := strings.Cut(text, " -")
	if strings.HasPrefix(text, "invalid") {
		_, name, _ = strings.Cut(text, " for flag -")
		if _, after, ok := strings.Cut(text, " for -"); ok { // booleans
			name = after
		}
		name, _, _ = strings.Cut(name, ":")
	} else if _, after, ok := strings.Cut(text, ": -"); ok {
		name = after
	}
	f := flags.Lookup(name)
	if f == nil {
		return fmt.Sprintf("there is no flag -%s; %s -h lists them", name, flags.Name())
	}
	text, _, _ = strings.Cut(text, " for ")
	if !strings.HasPrefix(text, "invalid") {
		text = "no value"
	}
	return fmt.Sprintf("-%s: %s: write it like %s", name, strings.Replace(text, "invalid value ", "", 1), example(f))
}

// example is a flag as one would write it.
func example(f *flag.Flag) string {
	word, _ := flag.UnquoteUsage(f)
	if strings.ContainsAny(word, "%<> ") {
		word = "'" + word + "'"
	}
	return strings.TrimSpace("-" + f.Name + " " + word)
}
