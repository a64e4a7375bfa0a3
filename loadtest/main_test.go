package main

import (
	"net"
	"strings"
	"testing"
)

// The bench's workload is loaded like any other game: its server is examples/wander.
func TestTheGamesOfThisRepositoryAreRegistered(t *testing.T) {
	names := make(map[string]bool)
	for _, g := range options().Games {
		names[g.Name()] = true
	}
	if !names["arena"] || !names["wander"] || !names["wander-herd"] {
		t.Errorf("registered are %v", names)
	}
}

func TestWithoutAServerTheGameMustBeNamed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + l.Addr().String()
	_ = l.Close()
	code, _, problems := command("-url", address, "-hold", "1s")
	if code != exitUsage || !strings.Contains(problems, "as in -game arena") || !strings.Contains(problems, "does not answer") {
		t.Errorf("exit %d, %q", code, problems)
	}
}
