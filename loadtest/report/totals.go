package report

// Totals are what all bots together saw and did. Updates, entities in view and the
// comparison of hashes are 0 in a run that does not decode.
type Totals struct {
	Joins    int64     `json:"joins"`         // that were asked for
	Joined   int64     `json:"joined"`        // that led to a first snapshot
	NotIn    int64     `json:"not_in"`        // that were refused or failed
	Aborted  int64     `json:"joins_aborted"` // that the end of the run cut short
	Retries  int64     `json:"join_retries"`  // times matchmaking asked to come back later
	Rooms    int       `json:"rooms"`
	Churned  int64     `json:"churned"` // bots that left and joined anew
	Resumes  int64     `json:"resumes"`
	Live     float64   `json:"bot_seconds"` // in a room, summed over bots
	JoinMS   Quantiles `json:"join_ms"`     // match request to first snapshot
	ResumeMS Quantiles `json:"resume_ms"`   // end of a conn to the first snapshot of the next

	Due      int64     `json:"ticks_due"`
	Received int64     `json:"ticks_received"`
	Jumped   int64     `json:"ticks_jumped"`
	Missing  int64     `json:"ticks_missing"`       // due, and neither of both
	Edge     int64     `json:"ticks_allowed_edges"` // at the edges of conns
	Short    int       `json:"bots_short"`          // that miss more than is allowed
	Reach    float64   `json:"reach"`               // ticks received or jumped over / ticks due
	Worst    Silence   `json:"worst_silence"`       // of any bot
	Resets   int64     `json:"resets"`
	Behind   int64     `json:"groups_behind"`
	GapMS    Quantiles `json:"gap_ms"`    // between two snapshots
	AgeMS    Quantiles `json:"age_ms"`    // of a snapshot on arrival, by the room's own clock
	EchoMS   Quantiles `json:"echo_ms"`   // an input's intended send to the frame that acknowledges it
	EffectMS Quantiles `json:"effect_ms"` // ... to the snapshot of the tick that it was for, or a later one

	Frames         int64   `json:"frames"`        // WebSocket messages from the server
	Bytes          int64   `json:"bytes"`         // of their payloads
	Byes           int64   `json:"goodbyes"`      // of the frames: they come from the server's conns, not from rooms
	ByeBytes       int64   `json:"goodbye_bytes"` // of the bytes
	TCPIn          int64   `json:"tcp_bytes_in"`
	TCPOut         int64   `json:"tcp_bytes_out"`
	Updates        int64   `json:"updates"`
	Entered        int64   `json:"entered_view"` // no updates
	Events         int64   `json:"events"`
	BytesPerSecond float64 `json:"bytes_per_bot_second"`
	BytesPerUpdate float64 `json:"bytes_per_update"`
	InView         float64 `json:"entities_in_view"`

	Inputs  int64 `json:"inputs"`         // sent
	Skipped int64 `json:"inputs_skipped"` // due, and not sent
	Applied int64 `json:"inputs_applied"` // snapshots that said so
	Acks    int64 `json:"acks_alone"`
	Hashes  int64 `json:"hashes_sent"`
	Agreed  int64 `json:"hashes_agreed"` // with another bot's

	Faults map[string]int64 `json:"faults"` // by kind
	Closes map[int]int64    `json:"closes"` // conns that ended unasked for, by code
	LagMS  Quantiles        `json:"lag_ms"` // of our own sends behind their schedule
	OwnCPU float64          `json:"own_cpu_cores"`
	Waited float64          `json:"own_cpu_waited"` // share of the CPU time we wanted that we waited for; -1: not known
}

// Silence is the longest time in which a bot got no snapshot, with a conn or without; what
// it slept through on purpose is none.
type Silence struct {
	Bot    string  `json:"bot"` // empty: nobody played
	Room   string  `json:"room"`
	From   float64 `json:"from"` // seconds since the start
	Length float64 `json:"length_ms"`
}

// Server is what the server's metrics say of the whole run: all its rooms, whoever
// plays in them.
type Server struct {
	Skipped    int64     `json:"ticks_skipped"`
	Mismatches int64     `json:"hash_mismatches"`
	Frames     int64     `json:"frames_out"`      // WebSocket messages to clients
	FrameBytes int64     `json:"frame_bytes_out"` // of their payloads
	Inputs     int64     `json:"inputs_in"`
	Deltas     Forms     `json:"deltas"`    // of groups, in frames
	Encodings  int64     `json:"encodings"` // made for those
	TickMS     Quantiles `json:"tick_ms"`   // from buckets that double: between the bounds, interpolated
	CPU        float64   `json:"cpu_cores"`
	MaxRSS     float64   `json:"max_rss_mb"`
	Spending   *Spending `json:"spending"` // nil: it does not tell
}

// Forms counts deltas by their form: step, span, jump, keyframe.
type Forms map[string]int64

// Shared is the share of the deltas that needed no encoding of their own, and whether
// there were any. Few players may leave more encodings than are sent: then none was shared.
func (s *Server) Shared() (share float64, known bool) {
	all := sum(s.Deltas)
	return max(0, 1-Ratio(float64(s.Encodings), float64(all))), all > 0
}

// DeltaBytes says where the bits of the deltas went. Kind is what the groups are:
// "world", "cell", "team", "player" or "custom"; the parts of an entity in another kind of
// group are listed there too.
type DeltaBytes struct {
	Updates  int64             `json:"updates"`  // to divide by
	Tables   map[string]Fields `json:"tables"`   // bits by table and field
	Overhead map[string]int64  `json:"overhead"` // bits that belong to no field, by kind
	Kinds    map[string]int64  `json:"kinds"`    // bits by kind of group, prologue apart
	Frames   map[string]int64  `json:"frames"`   // bytes of frames: "deltas", "events", "envelope"
}

// Fields is the bits of a table's fields.
type Fields map[string]int64

// NewDeltaBytes returns an empty one, to add others to.
func NewDeltaBytes() DeltaBytes {
	return DeltaBytes{
		Tables: make(map[string]Fields), Overhead: make(map[string]int64),
		Kinds: make(map[string]int64), Frames: make(map[string]int64),
	}
}

// Add adds up.
func (d *DeltaBytes) Add(other *DeltaBytes) {
	d.Updates += other.Updates
	for table, fields := range other.Tables {
		if d.Tables[table] == nil {
			d.Tables[table] = make(Fields)
		}
		addAll(d.Tables[table], fields)
	}
	addAll(d.Overhead, other.Overhead)
	addAll(d.Kinds, other.Kinds)
	addAll(d.Frames, other.Frames)
}

func addAll(to, from map[string]int64) {
	for name, n := range from {
		to[name] += n
	}
}
