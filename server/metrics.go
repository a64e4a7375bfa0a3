package server

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/roomtick/roomtick/room"
	"github.com/roomtick/roomtick/schema"
)

// newRegistry returns the node's metrics. No label ever holds a room or a player.
func newRegistry(n *node) *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		n.queues,
		&collector{n: n, counters: counters(n), closed: describe("conns_closed_total", "Conns closed by the server, by close code.", "code")},
	)
	if n.results != nil {
		r.MustRegister(n.results)
	}
	return r
}

// collector reads the counters of rooms and conns when it is asked; nothing is
// counted twice.
type collector struct {
	n        *node
	counters []counter
	closed   *prometheus.Desc
}

// counter is one number under one name and, where several share the name, one label.
type counter struct {
	desc   *prometheus.Desc
	labels []string
	value  *atomic.Int64
}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("roomtick_"+name, help, labels, nil)
}

func counters(n *node) []counter {
	s, c := n.rooms, n.conns
	one := func(name, help string, v *atomic.Int64) counter { return counter{desc: describe(name, help), value: v} }
	list := []counter{
		one("ticks_total", "Ticks simulated.", &s.Ticks),
		one("ticks_late_total", "Ticks that started a whole period or more late.", &s.TicksLate),
		one("ticks_skipped_total", "Tick periods given up because a room was too far behind.", &s.TicksSkipped),
		one("frames_total", "Snapshot frames written.", &s.Frames),
		one("frame_bytes_total", "Bytes of all frames written.", &s.FrameBytes),
		one("delta_encodings_total", "Encodings made for the group deltas in frames; the others were shared.", &s.Encodings),
		one("inputs_received_total", "Inputs of players, whatever became of them.", &s.InputsReceived),
		one("room_panics_total", "Rooms lost to a panic of their game.", &n.panics),
		one("joins_total", "Players seated.", &s.Joins),
		one("leaves_total", "Seats given up.", &s.Leaves),
		one("resumes_total", "Seats taken back by their players.", &s.Resumes),
		one("views_clamped_total", "Inputs whose client claimed to draw a moment that it may not.", &s.ViewsClamped),
		one("hash_checks_total", "Client hashes compared.", &s.HashChecks),
		one("hash_mismatches_total", "Client hashes that differed.", &s.HashMismatches),
		one("clamped_values_total", "Values of games' fields brought into their range.", &s.Clamped),
		one("conns_opened_total", "WebSocket handshakes completed.", &c.Opened),
		one("conn_frames_in_total", "Verified client frames.", &c.FramesIn),
		one("conn_frames_out_total", "Frames sent, of every kind.", &c.FramesOut),
		one("conn_bytes_in_total", "Bytes read from sockets after the handshake.", &c.BytesIn),
		one("conn_bytes_out_total", "Bytes written to sockets after the handshake.", &c.BytesOut),
	}
	family := func(name, help, label string, values map[string]*atomic.Int64) {
		d := describe(name, help, label)
		for value, v := range values {
			list = append(list, counter{desc: d, labels: []string{value}, value: v})
		}
	}
	family("frames_unsent_total", "Snapshot frames not sent.", "reason", map[string]*atomic.Int64{
		"unacknowledged": &s.FramesSkipped, "busy": &s.FramesBusy,
	})
	family("deltas_total", "Group deltas in frames: from one send tick before, from two or four, from another, from nothing.", "form", map[string]*atomic.Int64{
		"step": &s.Steps, "span": &s.Spans, "jump": &s.Jumps, "keyframe": &s.Keyframes,
	})
	family("inputs_total", "Inputs by what became of them.", "state", map[string]*atomic.Int64{
		"applied": &s.InputsApplied, "repeated": &s.InputsRepeated, "late": &s.InputsLate,
		"far": &s.InputsFar, "duplicate": &s.InputsDuplicate,
	})
	family("events_total", "Events by direction.", "direction", map[string]*atomic.Int64{
		"out": &s.EventsOut, "in": &s.EventsIn,
	})
	return list
}

// Describe implements prometheus.Collector. Sending nothing makes the registry check
// names when they are collected, which lets codes appear as they are used.
func (*collector) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	for _, m := range c.counters {
		out <- prometheus.MustNewConstMetric(m.desc, prometheus.CounterValue, float64(m.value.Load()), m.labels...)
	}
	c.n.conns.Codes(func(code schema.CloseCode, count int64) {
		out <- prometheus.MustNewConstMetric(c.closed, prometheus.CounterValue, float64(count), code.String())
	})
	histogram(out, "tick_seconds", "How long a tick took, from reading inputs to handing over frames.", &c.n.rooms.TickTime)
	for i := range c.n.rooms.Phases {
		phase := room.Phase(i)
		histogram(out, "tick_phase_seconds", "How long each part of a tick took.", &c.n.rooms.Phases[i], label{"phase", phase.String()})
	}
	histogram(out, "tick_lateness_seconds", "How long after its deadline a tick started.", &c.n.rooms.Lateness)
	c.gauges(out)
	c.costs(out)
}

func (c *collector) gauges(out chan<- prometheus.Metric) {
	gauge := func(name, help string, v int) {
		out <- prometheus.MustNewConstMetric(describe(name, help), prometheus.GaugeValue, float64(v))
	}
	var players, bots, reserved, watching int
	rooms := c.n.all()
	for _, h := range rooms {
		l := h.listing()
		players, bots, reserved = players+l.Players, bots+l.Bots, reserved+l.Reserved
		watching += l.Spectators
	}
	gauge("rooms", "Rooms running.", len(rooms))
	gauge("players", "Seated players, present or away.", players)
	gauge("bots", "Computer players.", bots)
	gauge("spectators", "Conns that watch without a seat.", watching)
	gauge("seats_reserved", "Seats held for tokens that are out.", reserved)
	gauge("conns", "Sockets open.", int(c.n.conns.Open.Load()))
}

// label is one label of a metric and its value.
type label struct{ name, value string }

func histogram(out chan<- prometheus.Metric, name, help string, h *room.Histogram, labels ...label) {
	bounds, counts, sum := h.Snapshot()
	buckets := make(map[float64]uint64, len(bounds))
	var total uint64
	for i, n := range counts {
		total += n
		if i < len(bounds) {
			buckets[bounds[i]] = total
		}
	}
	var names, values []string
	for _, l := range labels {
		names, values = append(names, l.name), append(values, l.value)
	}
	out <- prometheus.MustNewConstHistogram(describe(name, help, names...), total, sum, buckets, values...)
}
