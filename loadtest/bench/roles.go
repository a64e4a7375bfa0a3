//go:build linux

package main

import (
	"context"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/roomtick/roomtick/loadtest/bench/bare"
	"github.com/roomtick/roomtick/loadtest/bench/drive"
	"github.com/roomtick/roomtick/sim/wander"
)

// runBare is the process of the bare server.
func runBare(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	var cfg bare.Config
	flags := flag.NewFlagSet("bench bare", flag.ContinueOnError)
	flags.IntVar(&cfg.Rooms, "rooms", 1, "ticking one after the other, spread over the period")
	flags.IntVar(&cfg.PerRoom, "per-room", 50, "sockets")
	flags.IntVar(&cfg.Rate, "rate", 20, "ticks a second")
	flags.IntVar(&cfg.Frame, "frame", 200, "bytes of a frame's payload")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if cfg.Rooms < 1 || cfg.PerRoom < 1 || cfg.Rate < 1 {
		return fmt.Errorf("%w: -rooms, -per-room and -rate must be 1 or more", errUsage)
	}
	return bare.Run(ctx, cfg, in, out)
}

// runDrive is the process of the clients.
func runDrive(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	var cfg drive.Config
	flags := flag.NewFlagSet("bench drive", flag.ContinueOnError)
	flags.StringVar(&cfg.URL, "url", "", "the server to join, such as http://127.0.0.1:8080")
	flags.StringVar(&cfg.Game, "game", "wander", "the game to join there")
	flags.StringVar(&cfg.Raw, "raw", "", "instead of -url: host:port of a bare server")
	flags.IntVar(&cfg.Clients, "clients", 50, "how many")
	flags.IntVar(&cfg.Stalled, "stalled", 0, "how many of them never read")
	flags.Float64Var(&cfg.Slow, "slow", 0, "share of its stream that one more client reads, 0 to 1")
	flags.DurationVar(&cfg.SlowIn, "slow-in", 0, "how long that client reads everything first")
	flags.IntVar(&cfg.Joiners, "joiners", fewJoiners, "how many of them join at a time")
	flags.DurationVar(&cfg.JoinTime, "join-time", 2*time.Minute, "in which all of them must be in")
	flags.IntVar(&cfg.Shards, "shards", runtime.GOMAXPROCS(0), "goroutines that read")
	flags.DurationVar(&cfg.Poll, "poll", 2*time.Millisecond, "how long they sleep between two looks at their sockets")
	input := flags.String("input", "", "payload of every input, in hexadecimal; default zeros of the game's length")
	if err := flags.Parse(args); err != nil {
		return err
	}
	cfg.Input = make([]byte, inputSize(cfg.Game))
	if *input != "" {
		payload, err := hex.DecodeString(*input)
		if err != nil {
			return fmt.Errorf("%w: -input: %w", errUsage, err)
		}
		cfg.Input = payload
	}
	return drive.Run(ctx, cfg, in, out)
}

// inputSize is that of a game of sim/wander; other games need -input.
func inputSize(game string) int {
	if g := wander.Game(game); g != nil {
		return g.InputSize()
	}
	return 1
}
