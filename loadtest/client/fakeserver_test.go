package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/roomtick/roomtick/schema"
)

// fakeServer serves one fakeRoom to one bot over a real socket, at 50 ticks a second,
// and keeps what the bot said. Like a room it sends no more than a few snapshots ahead
// of the acknowledgements.
type fakeServer struct {
	*httptest.Server
	t *testing.T

	mu          sync.Mutex // guards the following
	room        *fakeRoom
	credentials []string // shown so far
	refusals    int      // matchmaking answers 429 so often before it gives a seat
	said        []schema.ClientFrame
	inputs      []uint32 // ticks of the inputs, in order of arrival
	late        int      // of those, the ones whose tick had passed
	intents     [][]byte
	acked       uint32
	sent        uint32          // newest tick sent
	closeWith   *schema.Goodbye // sent with the next tick, then the conn is closed
	gone        bool            // lets nobody in any more
	ping        bool            // is sent once, before the next tick
	pongs       int
	skew        int // added to how far back the deltas' baselines are
}

func newFakeServer(t *testing.T) *fakeServer {
	s := &fakeServer{t: t, room: newFakeRoom(20)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/match", s.match)
	mux.HandleFunc("/ws", s.socket)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *fakeServer) match(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refusals > 0 {
		s.refusals--
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	var asked struct{ Game, Name string }
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || asked.Game != "fake" {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"title":"Unknown game","detail":"There is no game \"` + asked.Game + `\"."}`))
		return
	}
	_ = json.NewEncoder(w).Encode(Reservation{Room: "r", URL: "/ws", Token: "token"})
}

func (s *fakeServer) socket(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	gone := s.gone
	s.mu.Unlock()
	if gone {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	offered := r.Header.Get("Sec-WebSocket-Protocol")
	_, credential, _ := strings.Cut(offered, ",")
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{schema.Subprotocol}})
	if err != nil {
		return
	}
	defer func() { _ = ws.CloseNow() }()
	s.mu.Lock()
	s.credentials = append(s.credentials, strings.TrimSpace(credential))
	number := len(s.credentials)
	s.acked, s.sent = 0, 0
	s.mu.Unlock()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	go func() { defer cancel(); s.listen(ctx, ws) }()
	s.serve(ctx, ws, number)
}

// serve sends conn number its snapshots, every 20 ms unless too many are
// unacknowledged.
func (s *fakeServer) serve(ctx context.Context, ws *websocket.Conn, number int) {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		s.pingPong(ctx, ws)
		frame, bye := s.turn(number)
		if frame != nil && ws.Write(ctx, websocket.MessageBinary, frame) != nil {
			return
		}
		if bye != nil {
			_ = ws.Close(websocket.StatusCode(bye.Code), bye.Reason)
			return
		}
	}
}

// pingPong sends a ping and waits for the answer, if it is to.
func (s *fakeServer) pingPong(ctx context.Context, ws *websocket.Conn) {
	s.mu.Lock()
	ping := s.ping
	s.ping = false
	s.mu.Unlock()
	if ping && ws.Ping(ctx) == nil {
		s.mu.Lock()
		s.pongs++
		s.mu.Unlock()
	}
}

func (s *fakeServer) turn(number int) (frame []byte, bye *schema.Goodbye) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if number != len(s.credentials) {
		return nil, nil // a cut conn that has not noticed; a newer one has the seat
	}
	s.room.step(int(s.room.tick) % 20)
	bye = s.closeWith
	s.closeWith = nil
	var f schema.ServerFrame
	switch {
	case bye != nil:
		f.Goodbye = bye
	case s.sent == 0:
		f = s.room.welcome(number > 1)
	case s.acked == 0 || s.sent-s.acked > 4:
		return nil, nil
	case s.room.tick-s.sent > 50:
		f = s.room.keyframe()
	default:
		f = s.room.delta(int(s.room.tick-s.sent) + s.skew)
	}
	if f.HasSnapshot {
		s.sent = s.room.tick
		f.HasClock = true
		f.Clock = schema.ClockReply{Received: s.roomTime(), Replied: s.roomTime(), Sent: s.lastClock()}
		f.HasClock = f.Clock.Sent != 0
	}
	return s.room.bytes(f), bye
}

// roomTime is coarse: it stands still between two ticks.
func (s *fakeServer) roomTime() float64 { return float64(s.room.tick) * 20 }

func (s *fakeServer) lastClock() uint32 {
	if n := len(s.said); n > 0 && s.said[n-1].HasClock {
		return s.said[n-1].ClockSent
	}
	return 0
}

func (s *fakeServer) listen(ctx context.Context, ws *websocket.Conn) {
	for {
		_, msg, err := ws.Read(ctx)
		if err != nil {
			return
		}
		s.hear(msg)
	}
}

func (s *fakeServer) hear(msg []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var f schema.ClientFrame
	if err := schema.ParseClientFrame(msg, &f); err != nil {
		s.t.Errorf("the bot sent: %v", err)
		return
	}
	if f.HasState {
		s.acked = f.State.Ack
	}
	if f.Leave {
		s.closeWith = &schema.Goodbye{Code: schema.CloseLeft}
	}
	for _, h := range f.Hashes[:f.HashCount] {
		back := int(s.room.tick - h.Tick)
		if ours, ok := s.room.stream.Hash(back); ok && ours != h.Hash {
			s.t.Errorf("tick %d: the bot's hash is %08x, ours %08x", h.Tick, h.Hash, ours)
		}
	}
	if len(f.Inputs) > 0 {
		err := schema.ReadInputs(f.Inputs, fakeInputSize, func(tick uint32, payload []byte) {
			s.inputs = append(s.inputs, tick)
			s.intents = append(s.intents, append([]byte(nil), payload...))
			if int32(tick-s.room.tick) <= 0 {
				s.late++
			}
		})
		if err != nil {
			s.t.Errorf("inputs: %v", err)
		}
	}
	s.said = append(s.said, f)
}
