package swarm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// gameTimeout bounds the questions before the run.
const gameTimeout = 5 * time.Second

// findGame asks the server which games it has. Joining will tell whether it is there.
func (s *settings) findGame(ctx context.Context, o *Options) error {
	names, err := games(ctx, s.url)
	var answered *statusError
	switch {
	case errors.As(err, &answered):
		return fmt.Errorf("the server at -url %s was asked which games it has, and %w: is it a roomtick server's public address?", s.url, err)
	case err != nil && s.game == "" && len(o.Games) == 1:
		s.game = o.Games[0].Name()
	case err != nil && s.game == "":
		return fmt.Errorf("name the game, as in -game %s: the server at -url %s was asked and does not answer: %w", o.example(), s.url, err)
	case err == nil && s.game == "" && len(names) == 1:
		s.game = names[0]
	case err == nil && s.game == "":
		return fmt.Errorf("name one of the server's games: %s", strings.Join(names, ", "))
	case err == nil && !slices.Contains(names, s.game):
		return fmt.Errorf("the server has no game %q; its games are %s", s.game, strings.Join(names, ", "))
	}
	for _, g := range o.Games {
		if g.Name() == s.game {
			s.definition = g
		}
	}
	return nil
}

// example is a game to name in an example.
func (o *Options) example() string {
	if len(o.Games) == 0 {
		return "mygame"
	}
	return o.Games[0].Name()
}

// findMetrics asks whether -admin is what it should be. A server that does not answer is
// the run's failure.
func (s *settings) findMetrics(ctx context.Context) error {
	if len(addresses(s.admin)) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, gameTimeout)
	defer cancel()
	_, err := allMetrics(ctx, http.DefaultClient, addresses(s.admin))
	var answered *statusError
	if errors.As(err, &answered) || errors.Is(err, errNoMetrics) {
		return err
	}
	return nil
}

// games asks a server which games it offers.
func games(ctx context.Context, base string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, gameTimeout)
	defer cancel()
	text, err := fetch(ctx, http.DefaultClient, strings.TrimRight(base, "/")+"/v1/games")
	if err != nil {
		return nil, err
	}
	var answer struct {
		Games []struct {
			Name string `json:"name"`
		} `json:"games"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, fmt.Errorf("answered something else: %w", err)
	}
	names := make(map[string]bool)
	for _, g := range answer.Games {
		names[g.Name] = true
	}
	return slices.Sorted(maps.Keys(names)), nil
}

// maxPage bounds what is read of a page; a server's metrics are some tens of kilobytes.
const maxPage = 4 << 20

// fetch gets a page.
func fetch(ctx context.Context, c *http.Client, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	resp, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, &statusError{resp.Status}
	}
	return io.ReadAll(io.LimitReader(resp.Body, maxPage))
}

// statusError is an answer other than 200.
type statusError struct{ status string }

func (e *statusError) Error() string { return "answered " + e.status }
