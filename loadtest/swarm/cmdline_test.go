package swarm

import (
	"flag"
	"strings"
	"testing"
	"time"
)

func TestAMistakeInAFlagIsOneLineWithAnExample(t *testing.T) {
	for args, want := range map[string]string{
		"-hold soon":  `-hold: "soon": write it like -hold 10s`,
		"-hold":       `-hold: no value: write it like -hold 10s`,
		"-loud=maybe": `-loud: invalid boolean value "maybe": write it like -loud`,
		"-bots 1e3":   `-bots: "1e3": write it like -bots 100`,
		"-swarm 3":    `there is no flag -swarm; fly -h lists them`,
		"-at":         `-at: no value: write it like -at '50%@20s'`,
	} {
		flags := flag.NewFlagSet("fly", flag.ExitOnError)
		flags.Duration("hold", time.Second, "for so long, such as `10s`")
		flags.Int("bots", 1, "so many, such as `100`")
		flags.Bool("loud", false, "say more")
		flags.String("at", "", "as in `50%@20s`")
		var stderr strings.Builder
		code, done := ParseFlags(flags, strings.Fields(args), &stderr)
		if code != exitUsage || !done || stderr.String() != want+"\n" {
			t.Errorf("%q: exit code %d, done %v, %q; want %q", args, code, done, stderr.String(), want)
		}
	}
}

func TestEveryFlagHasAnExampleThatItTakes(t *testing.T) {
	var s settings
	var w words
	flags := flag.NewFlagSet("loadtest", flag.ContinueOnError)
	s.define(flags, &w, &registered)
	flags.VisitAll(func(f *flag.Flag) {
		word, _ := flag.UnquoteUsage(f)
		if word == "string" || word == "int" || word == "uint" || word == "duration" || word == "value" {
			t.Errorf("-%s has no example", f.Name)
		} else if err := f.Value.Set(word); err != nil {
			t.Errorf("-%s does not take its example: %v", f.Name, err)
		}
	})
}
