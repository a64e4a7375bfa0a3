package report

// Point is one second of a run. Its reach is the share of the send ticks that became due in
// it, each given one tick's time to arrive. What an earlier second missed counts once it
// comes, but no second has more than 1.
type Point struct {
	T    float64 `json:"t"` // seconds since the start, at the end of the second
	Bots Bots    `json:"bots"`

	Joined  int64     `json:"joined"` // in this second, as are all that follow
	Resumed int64     `json:"resumed"`
	Join    Quantiles `json:"join_ms"`
	Resume  Quantiles `json:"resume_ms"`
	Echo    Quantiles `json:"echo_ms"`   // to the frame that acknowledges
	Effect  Quantiles `json:"effect_ms"` // to the frame that shows it
	Age     Quantiles `json:"age_ms"`
	Gap     Quantiles `json:"gap_ms"`
	Lag     Quantiles `json:"lag_ms"` // our own

	Reach   float64 `json:"reach"` // 1 if nothing was due
	Frames  int64   `json:"frames"`
	Bytes   int64   `json:"bytes_in"`  // TCP payload
	Out     int64   `json:"bytes_out"` // TCP payload
	Updates int64   `json:"updates"`
	Inputs  int64   `json:"inputs"`

	Errors map[string]int64 `json:"errors"` // by kind: faults, "not let in", "input skipped"
	Closes map[int]int64    `json:"closes"`

	OwnCPU float64      `json:"own_cpu_cores"`
	Waited float64      `json:"own_cpu_waited"` // as in Totals
	Server *ServerPoint `json:"server"`         // nil: not known
}

// Bots counts bots at an instant.
type Bots struct {
	Wanted  int `json:"wanted"`  // by the ramp
	Joining int `json:"joining"` // on their way in
	Live    int `json:"live"`    // in a room, or taking their seat back
}

// ServerPoint is one second of the server, by its metrics.
type ServerPoint struct {
	Tick       Quantiles          `json:"tick_ms"` // from buckets that double; see Server.TickMS
	CPU        float64            `json:"cpu_cores"`
	RSS        float64            `json:"rss_mb"`
	Goroutines int                `json:"goroutines"`
	Rooms      int                `json:"rooms"`
	Conns      int                `json:"conns"`
	Skipped    int64              `json:"ticks_skipped"`
	Phases     map[string]float64 `json:"phases_ms"` // mean of a tick
}

// Curves are the whole distributions.
type Curves struct {
	Join   Curve `json:"join"`
	Echo   Curve `json:"echo"`
	Effect Curve `json:"effect"`
	Age    Curve `json:"age"`
	Gap    Curve `json:"gap"`
	Resume Curve `json:"resume"`
	Lag    Curve `json:"lag"`
	Tick   Curve `json:"tick"` // the server's, from buckets that double
}

// Curve is a distribution as an HDR log draws it: Value[i] milliseconds is not passed
// by Percentile[i] per cent. The percentiles crowd towards 100 as the tail does.
type Curve struct {
	N          int64     `json:"n"`
	Percentile []float64 `json:"percentile"`
	Value      []float64 `json:"value_ms"`
}

// Live is what a dashboard shows while a run goes on. It is a copy: whoever asked for
// it may keep it.
type Live struct {
	Elapsed   float64          // seconds
	Seconds   float64          // planned
	Stage     string           // "ramp", "hold" or "leaving"
	Config    Config           // as in the report
	Now       Point            // the newest whole second
	Recent    []Point          // the newest ones, oldest first; bounded by the length asked for
	Joined    int64            // so far
	NotIn     int64            // so far
	Faults    map[string]int64 // so far
	Closes    map[int]int64    // so far
	Failures  []string         // so far, the same ones collapsed
	EchoMS    Quantiles        // so far
	Reach     float64          // so far
	LagMS     Quantiles        // so far, our own
	ServerErr string           // why the server's metrics could not be read; empty if they could
}
