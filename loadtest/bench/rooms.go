//go:build linux

package main

import (
	"context"
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/roomtick/roomtick/loadtest/bench/stats"
)

// spareFiles is what a server or its clients have open beside the sockets of those who
// are in: listeners, and the joins under way, of which each takes a few.
const spareFiles = 3 * manyJoiners

// roomsHeld is for how many rooms the design has a limit.
const roomsHeld = 10000

// roomsSuite fills many small rooms that tick slowly.
func roomsSuite(ctx context.Context, b *bench) error {
	rooms := b.opts.rooms
	if can := openFiles(2*rooms+spareFiles) - spareFiles; can < 2*rooms {
		b.say("this process may open no more than %d files: %d rooms instead of %d", can+spareFiles, can/2, rooms)
		rooms = can / 2
	}
	l, s, err := b.fillRooms(ctx, rooms)
	if err != nil && ctx.Err() == nil {
		fewer := rooms * 6 / 10
		b.say("%d rooms are too many for this machine and their clients: %v; %d instead", rooms, err, fewer)
		rooms = fewer
		l, s, err = b.fillRooms(ctx, rooms)
	}
	if err != nil {
		return err
	}
	invalid := "" // memory is what it is
	one := func(what, unit, held string, v float64) {
		b.report.add(figure{What: l.name + ": " + what, Unit: unit, Value: stats.Of([]float64{v}), Held: held, Invalid: invalid})
	}
	m := s.after.Metrics
	one("memory of the process", "MB", "<= 1000 for 10,000", float64(s.after.Memory)/1e6)
	if rooms < roomsHeld {
		room := float64(s.after.Memory-s.idle.Memory) / float64(rooms)
		one("10,000 of them, each as much as one of these", "MB", "<= 1000", (float64(s.idle.Memory)+roomsHeld*room)/1e6)
	}
	one("of it a room's heap, not collected yet included", "KB", "", m["go_memstats_heap_inuse_bytes"]/1e3/float64(rooms))
	one("of it a room's stacks", "KB", "", m["go_memstats_stack_inuse_bytes"]/1e3/float64(rooms))
	one("open files a player", "", "1", m["process_open_fds"]/float64(l.clients))
	invalid = s.invalid()
	one("the server's CPU", "cores", "", s.cpu.Seconds()/s.elapsed.Seconds())
	one("reach", "of the ticks due", "> 0.999", s.reach(l))
	one("p99 of the lateness", "ms", "", 1e3*s.added.Quantile("roomtick_tick_lateness_seconds", "", 0.99))
	return nil
}

// fillRooms runs a server of so many rooms, with both players in each.
func (b *bench) fillRooms(ctx context.Context, rooms int) (load, sample, error) {
	l := load{name: fmt.Sprintf("%d rooms of 2 at 2 Hz", rooms), game: "wander-pair-slow", clients: 2 * rooms, perRoom: 2, rate: 2,
		drive: []string{"-joiners", strconv.Itoa(manyJoiners)}}
	s, err := b.roomtick(ctx, l, nil)
	return l, s, err
}

// openFiles raises the limit of open files to want, which the processes started from
// here inherit, and returns what it is then.
func openFiles(want int) int {
	var now unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &now) != nil {
		return want // not known: let it fail where it is needed
	}
	if now.Cur < uint64(want) {
		raised := unix.Rlimit{Cur: uint64(want), Max: max(now.Max, uint64(want))}
		if unix.Setrlimit(unix.RLIMIT_NOFILE, &raised) == nil {
			return want
		}
	}
	return int(min(now.Cur, uint64(want)))
}
