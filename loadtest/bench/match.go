//go:build linux

package main

import (
	"context"
	"fmt"
	"os"

	"github.com/roomtick/roomtick/loadtest/bench/proc"
	"github.com/roomtick/roomtick/loadtest/bench/stats"
	"github.com/roomtick/roomtick/loadtest/cluster"
)

const (
	// joinRate is how many joins a second are asked for on a schedule.
	joinRate = 1000

	// joinRooms is more than the joins of a round can open: of two players, with seats that
	// nobody comes to take.
	joinRooms = "1000000"

	// joinGame is of two players, so that every second join opens a room.
	joinGame = "wander-pair-slow"

	joinNodes = 3
)

// matchSuite asks a server for seats, and three that share a Redis. The clients are in this
// process, on the same cores: the seats that a core of the server gives are what remains of
// a figure on a busy machine.
func matchSuite(ctx context.Context, b *bench) error {
	if err := b.joinsOfANode(ctx); err != nil {
		return err
	}
	if err := b.joinsWhileRoomsRun(ctx); err != nil {
		return err
	}
	return b.joinsOfACluster(ctx)
}

// joinsOfANode finds how many joins a node answers.
func (b *bench) joinsOfANode(ctx context.Context) error {
	var rate, perCore []float64
	for range b.fewRounds() {
		server, err := b.serve(ctx, "-max-rooms", joinRooms)
		if err != nil {
			return err
		}
		r, cpu, err := b.mostJoins(ctx, []*proc.Server{server}, server.URL)
		_ = server.Stop()
		if err != nil {
			return err
		}
		rate, perCore = append(rate, r), append(perCore, r/cpu)
		b.say("one node: %.0f joins a second on %.2f cores", r, cpu)
	}
	b.report.add(figure{What: "one node: joins, every second one opens a room", Unit: "a second", Value: stats.Of(rate), Held: ">= 5000"})
	b.report.add(figure{What: "one node: joins per core of the server", Unit: "a second", Value: stats.Of(perCore)})
	return nil
}

// mostJoins returns how many joins a second servers answer, and with how many cores.
func (b *bench) mostJoins(ctx context.Context, servers []*proc.Server, urls ...string) (rate, cores float64, err error) {
	j := newJoiner(joinGame, urls...)
	defer j.close()
	before, err := looks(ctx, servers)
	if err != nil {
		return 0, 0, err
	}
	if rate, err = j.most(ctx, b.opts.hold()); err != nil {
		return 0, 0, err
	}
	after, err := looks(ctx, servers)
	if err != nil {
		return 0, 0, err
	}
	for i := range after {
		cores += (after[i].CPU - before[i].CPU).Seconds() / after[i].At.Sub(before[i].At).Seconds()
	}
	return rate, cores, nil
}

func looks(ctx context.Context, servers []*proc.Server) ([]proc.Look, error) {
	all := make([]proc.Look, len(servers))
	for i, s := range servers {
		var err error
		if all[i], err = s.Look(ctx); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// joinsWhileRoomsRun measures joins on a schedule while others play.
func (b *bench) joinsWhileRoomsRun(ctx context.Context) error {
	l := load{name: "played", game: "wander", clients: min(b.opts.clients, 100), perRoom: 10, rate: 20}
	var p50, p99 []float64
	for range b.fewRounds() {
		lower, upper, err := b.scheduledJoins(ctx, l)
		if err != nil {
			return err
		}
		p50, p99 = append(p50, lower), append(p99, upper)
		b.say("%d joins a second while %d play: p50 %.2f ms, p99 %.2f ms", joinRate, l.clients, lower, upper)
	}
	name := fmt.Sprintf("%d joins a second while %d play", joinRate, l.clients)
	b.report.add(figure{What: name + ": p50", Unit: "ms", Value: stats.Of(p50)})
	b.report.add(figure{What: name + ": p99", Unit: "ms", Value: stats.Of(p99), Held: "<= 10"})
	return nil
}

func (b *bench) scheduledJoins(ctx context.Context, l load) (p50, p99 float64, err error) {
	server, err := b.serve(ctx, "-max-rooms", joinRooms)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = server.Stop() }()
	clients, err := b.clients(ctx, l, "-url", server.URL, "-game", l.game)
	if err != nil {
		return 0, 0, err
	}
	defer func() { _ = clients.Stop() }()
	if err := b.settle(ctx); err != nil {
		return 0, 0, err
	}
	j := newJoiner(joinGame, server.URL)
	defer j.close()
	took, err := j.at(ctx, joinRate, b.opts.hold())
	return quantile(took, 0.5), quantile(took, 0.99), err
}

// joinsOfACluster finds how many joins three nodes answer that share a real Redis, which
// every join asks for its seat.
func (b *bench) joinsOfACluster(ctx context.Context) error {
	var rate, p50, p99 []float64
	for range b.fewRounds() {
		r, lower, upper, err := b.clusterRound(ctx)
		if err != nil {
			return err
		}
		rate, p50, p99 = append(rate, r), append(p50, lower), append(p99, upper)
		b.say("%d nodes over Redis: %.0f joins a second; at %d a second p50 %.2f ms, p99 %.2f ms", joinNodes, r, clusterRate, lower, upper)
	}
	name := fmt.Sprintf("%d nodes over Redis: ", joinNodes)
	b.report.add(figure{What: name + "joins, every second one opens a room", Unit: "a second", Value: stats.Of(rate)})
	at := fmt.Sprintf("at %d joins a second, ", clusterRate)
	b.report.add(figure{What: name + at + "p50", Unit: "ms", Value: stats.Of(p50)})
	b.report.add(figure{What: name + at + "p99", Unit: "ms", Value: stats.Of(p99)})
	return nil
}

// clusterRate is how many joins a second a cluster is asked for on a schedule: on two cores
// that its nodes, its Redis and their clients share, as many as it can answer with ease.
const clusterRate = 200

func (b *bench) clusterRound(ctx context.Context) (rate, p50, p99 float64, err error) {
	dir, err := os.MkdirTemp(b.dir, "cluster-")
	if err != nil {
		return 0, 0, 0, err
	}
	c, err := cluster.Start(ctx, cluster.Options{
		Program: b.server, Nodes: joinNodes, Addr: "127.0.0.1:0", Dir: dir,
		Args: func(int) []string { return []string{"-max-rooms", joinRooms} },
	})
	if err != nil {
		return 0, 0, 0, err
	}
	defer func() { _ = c.Stop() }()
	var urls []string
	for _, node := range c.Nodes {
		urls = append(urls, node.URL)
	}
	j := newJoiner(joinGame, urls...)
	defer j.close()
	took, err := j.at(ctx, clusterRate, b.opts.hold())
	if err != nil {
		return 0, 0, 0, err
	}
	rate, _, err = b.mostJoins(ctx, c.Nodes, urls...)
	return rate, quantile(took, 0.5), quantile(took, 0.99), err
}
