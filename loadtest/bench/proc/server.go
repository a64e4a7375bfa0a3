package proc

import (
	"context"
	"strings"
	"time"
)

// Server is a running roomtick server.
type Server struct {
	*Child
	URL     string // public, its own
	metrics string
}

// StartServer runs a server program on ports of the system's choosing, with no limit on
// how fast players may join.
func StartServer(ctx context.Context, program string, args ...string) (*Server, error) {
	child, err := Start(ctx, program, append([]string{
		"-addr", "127.0.0.1:0", "-admin", "127.0.0.1:0", "-join-rate", "0",
	}, args...)...)
	if err != nil {
		return nil, err
	}
	s := &Server{Child: child}
	for s.metrics == "" {
		line, err := s.Line()
		if err != nil {
			_ = s.Stop()
			return nil, err
		}
		name, address, _ := strings.Cut(line, " ")
		switch name {
		case "play", "listen": // the second is its own, if it plays behind another
			s.URL = strings.TrimRight(strings.TrimSpace(address), "/")
		case "metrics":
			s.metrics = strings.TrimSpace(address)
		}
	}
	return s, nil
}

// Admin is the base URL of its admin listener.
func (s *Server) Admin() string { return strings.TrimSuffix(s.metrics, "/metrics") }

// Profiles is the address of the server's profiles.
func (s *Server) Profiles() string { return s.Admin() + "/debug/pprof" }

// Look is what can be known of a server at one moment.
type Look struct {
	At      time.Time
	CPU     time.Duration
	Memory  int64 // resident, bytes
	Metrics Metrics
}

// Look asks the system and the server.
func (s *Server) Look(ctx context.Context) (Look, error) {
	m, err := Scrape(ctx, s.metrics)
	if err != nil {
		return Look{}, err
	}
	memory, err := Memory(s.PID())
	if err != nil {
		return Look{}, err
	}
	cpu, err := CPU(s.PID())
	return Look{At: time.Now(), CPU: cpu, Memory: memory, Metrics: m}, err
}
