package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/roomtick/roomtick/server/directory"
	"github.com/roomtick/roomtick/sim"
)

// queueInfo is a queue as the operator sees it.
type queueInfo struct {
	Game     string  `json:"game"`
	Queue    string  `json:"queue"`
	Waiting  int     `json:"waiting"`       // tickets
	Players  int     `json:"players"`       // of those
	Found    int     `json:"found"`         // tickets asked to accept
	Longest  float64 `json:"longestWait"`   // seconds, of those that wait
	Estimate float64 `json:"estimatedWait"` // seconds, of a newcomer
	queueStop
}

func (l *waitline) info(now time.Time) queueInfo {
	newcomer := sim.Ticket{Since: seconds(now), Members: []sim.Entrant{{Skill: l.queue.Newcomer}}}
	left, _ := l.estimate(&newcomer, now)
	l.mu.Lock()
	defer l.mu.Unlock()
	i := queueInfo{Game: l.game.Name(), Queue: l.queue.Name, Estimate: left, queueStop: l.stop}
	for _, m := range l.tickets {
		switch m.record.State {
		case ticketWaiting:
			i.Waiting++
			i.Players += len(m.record.Seats)
			i.Longest = max(i.Longest, seconds(now)-m.record.Ticket.Since)
		case ticketFound:
			i.Found++
		}
	}
	return i
}

// adminQueues is GET /v1/queues.
func adminQueues(n *node) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		list := make([]queueInfo, 0, len(n.queues.ordered))
		for _, l := range n.queues.ordered {
			list = append(list, l.info(time.Now()))
		}
		writeJSON(w, map[string]any{"queues": list})
	}
}

// adminQueue is POST /v1/queues/{game}/{queue}/pause, resume and drain. A paused queue
// matches nobody; a drained one takes nobody in, and sends away who waits.
func adminQueue(n *node, change func(*queueStop)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		l := n.queues.lineOf(r.PathValue("game"), r.PathValue("queue"))
		if l == nil {
			answer(w, http.StatusNotFound, "no such queue; GET /v1/queues lists them")
			return
		}
		stop, err := n.queues.setStop(r.Context(), l, change)
		if err != nil {
			answer(w, http.StatusServiceUnavailable, "the directory does not answer")
			return
		}
		n.log.Info("queue steered by the operator", "queue", l.name, "paused", stop.Paused, "drained", stop.Drained)
		writeJSON(w, stop)
	}
}

// adminCancel is POST /v1/tickets/{ticket}/cancel.
func adminCancel(n *node) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := n.sendAway(r.Context(), r.PathValue("ticket"), "cancelled by the operator")
		switch {
		case errors.Is(err, directory.ErrUnknownTicket):
			answer(w, http.StatusNotFound, "no such ticket")
		case err != nil:
			answer(w, http.StatusServiceUnavailable, "the directory does not answer")
		default:
			writeJSON(w, map[string]bool{"cancelled": true})
		}
	}
}

// sendAway cancels a ticket, whatever its members want.
func (n *node) sendAway(ctx context.Context, id, why string) error {
	over := false
	r, err := n.cancelTicket(ctx, id, why, func(r *ticketRecord) bool {
		over = r.State != ticketWaiting && r.State != ticketFound
		return true
	})
	if err == nil && !over {
		n.queues.countEnd(r)
	}
	return err
}

// countEnd counts a ticket that this node has cancelled.
func (qs *queues) countEnd(r *ticketRecord) {
	if l := qs.lineOf(r.Game, r.Queue); l != nil {
		qs.count(l, r.State, 1)
	}
}

// Describe implements prometheus.Collector.
func (qs *queues) Describe(out chan<- *prometheus.Desc) {
	qs.waits.Describe(out)
	qs.fairness.Describe(out)
	qs.ended.Describe(out)
}

// Collect implements prometheus.Collector.
func (qs *queues) Collect(out chan<- prometheus.Metric) {
	qs.waits.Collect(out)
	qs.fairness.Collect(out)
	qs.ended.Collect(out)
	waiting := describe("queue_waiting", "Tickets that wait.", "game", "queue")
	for _, l := range qs.ordered {
		i := l.info(time.Now())
		out <- prometheus.MustNewConstMetric(waiting, prometheus.GaugeValue, float64(i.Waiting), i.Game, i.Queue)
	}
}
