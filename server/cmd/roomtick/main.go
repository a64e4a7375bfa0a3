// Command roomtick is the developer's tool for the games of this repository. For games of
// your own, call matchsim.Main with them in a main of yours.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"

	"golang.org/x/term"

	"github.com/roomtick/roomtick/server/matchsim"
	"github.com/roomtick/roomtick/sim/arena"
)

const usage = `usage: roomtick matchsim [flags]
  matchsim   play a crowd against the rules of a queue, and draw who waits and how even it gets
`

func main() {
	if len(os.Args) < 2 || os.Args[1] != "matchsim" {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	err := matchsim.Command(os.Args[2:], os.Stdout, os.Stderr, term.IsTerminal(int(os.Stderr.Fd())), arena.Game)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "roomtick matchsim:", err)
		os.Exit(1)
	}
}
