package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/roomtick/roomtick/room"
	"github.com/roomtick/roomtick/server/results"
)

const (
	// flushTimeout is what a shutdown waits for results on their way: those of the last
	// moment, which are lost with the process if they are in memory.
	flushTimeout = time.Second

	// resultsPage is how many waiting results the admin is shown at once.
	resultsPage = 100
)

// openResults starts what takes the results of matches, nil if nobody wants them.
func openResults(n *node, fn ResultFunc) (*results.Service, error) {
	cfg, log := n.cfg, n.log
	var to []results.Receiver
	if cfg.resultsURL != "" {
		to = append(to, results.NewWebhook(cfg.resultsURL, cfg.resultsKeys...))
	}
	if fn != nil {
		to = append(to, results.Func(fn))
	}
	switch {
	case cfg.data != "":
		store, err := results.OpenJournal(filepath.Join(cfg.data, "results"), log)
		if err != nil {
			return nil, fmt.Errorf("-data %s: %w", cfg.data, err)
		}
		return results.New(results.Config{Store: store, Receivers: to, Log: log}), nil
	case len(to) > 0 && cfg.clustered():
		return results.New(results.Config{Store: results.NewShared(n.dir, n.id), Receivers: to, Log: log}), nil
	case len(to) > 0:
		log.Info("results of matches are kept in memory; set -data to keep them when the process ends")
		return results.New(results.Config{Store: results.NewMemory(), Receivers: to, Log: log}), nil
	}
	return nil, nil
}

// closeResults ends it, once there are no rooms any more.
func closeResults(s *results.Service, log *slog.Logger) {
	if s == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	s.Flush(ctx)
	if n, err := s.Close(); err != nil || n > 0 {
		log.Warn("results of matches have not been delivered", "waiting", n, "cause", err)
	}
}

// finished is what rooms hand their results to, nil if nobody wants them.
func (n *node) finished() func(room.Outcome) <-chan struct{} {
	if n.results == nil {
		return nil
	}
	return n.results.Take
}

// adminResults answers GET /v1/results?after=: what waits, the oldest first.
func adminResults(n *node) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		after, err := strconv.ParseUint("0"+r.URL.Query().Get("after"), 10, 64)
		if err != nil {
			answer(w, http.StatusBadRequest, "after is the seq of the last result shown")
			return
		}
		list := []results.Waiting{}
		if n.results != nil {
			if list, err = n.results.Waiting(r.Context(), after, resultsPage); err != nil {
				resultProblem(w, err)
				return
			}
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(list) // the client may be gone
	}
}

// adminResult answers GET /v1/results/{id} with one that waits, as receivers get it.
func adminResult(n *node) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := []byte(nil), results.ErrGone
		if n.results != nil {
			body, err = n.results.Load(r.Context(), r.PathValue("id"))
		}
		if err != nil {
			resultProblem(w, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write(body) // the client may be gone
	}
}

// adminDropResult answers DELETE /v1/results/{id}: nobody will get it.
func adminDropResult(n *node) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := results.ErrGone
		if n.results != nil {
			err = n.results.Drop(r.Context(), r.PathValue("id"))
		}
		if err != nil {
			resultProblem(w, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

func resultProblem(w http.ResponseWriter, err error) {
	if errors.Is(err, results.ErrGone) {
		answer(w, http.StatusNotFound, "no result of that id waits")
		return
	}
	answer(w, http.StatusServiceUnavailable, "the store of results does not answer; try again")
}

func (c *config) setData(text string) error {
	c.data = text
	return nil
}

func (c *config) setResultsURL(text string) error {
	c.resultsURL = text
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.Fragment != "":
		return errors.New("not an http or https URL, such as https://studio.example/results")
	case u.User != nil:
		return errors.New("a password in it would be shown and logged; the receiver knows results by their signature")
	}
	return nil
}

func (c *config) setResultsKey(text string) error {
	c.resultsKeys = nil
	if text == "" {
		return nil
	}
	keys := strings.Split(text, ",")
	if len(keys) > 2 {
		return errors.New("more than two keys; use the new one and the old one")
	}
	for _, key := range keys {
		if len(key) < minSecret {
			return fmt.Errorf("a key is shorter than %d bytes; use a random one, such as the output of openssl rand -hex 32", minSecret)
		}
		c.resultsKeys = append(c.resultsKeys, []byte(key))
	}
	return nil
}
