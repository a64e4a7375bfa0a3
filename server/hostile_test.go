package server

import (
	"bytes"
	"math/rand/v2"
	"net/http"
	"testing"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/server/conn/conntest"
	"github.com/roomtick/roomtick/sim"
)

// mutate changes a few bytes of msg, or its length.
func mutate(rng *rand.Rand, msg []byte) []byte {
	msg = bytes.Clone(msg)
	for range 1 + rng.IntN(4) {
		switch i := rng.IntN(len(msg)); rng.IntN(4) {
		case 0:
			msg[i] = byte(rng.Uint32())
		case 1:
			msg[i] ^= 1 << rng.IntN(8)
		case 2:
			msg = msg[:max(1, i)]
		case 3:
			msg = append(msg, byte(rng.Uint32()))
		}
	}
	return msg
}

// Sockets that send damaged frames, before and after hello, end or go on; the player
// in the same room never notices.
func TestDamagedFramesHurtNobodyElse(t *testing.T) {
	const seed, sockets, frames = 11, 60, 40
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, seed))
	wide := sim.Define[pool](sim.Config{Name: "pool", TickRate: 50, MaxPlayers: sockets + 1}) // seats outlive their conns
	s := start(t, []*sim.Definition{wide})
	witness := s.join(t, "Ada")
	b := schema.NewBuilder(512)
	good := [][]byte{
		bytes.Clone(b.ClientFrame(&schema.ClientFrame{HasHello: true, Hello: schema.Hello{SDK: "x", DescriptorHash: "0123456789abcdef"}})),
		bytes.Clone(b.ClientFrame(&schema.ClientFrame{HasState: true, State: schema.ClientState{Ack: 3}, Inputs: schema.AppendInput(nil, 9, []byte{kick})})),
		bytes.Clone(b.ClientFrame(&schema.ClientFrame{HasClock: true, HashCount: 2, HasRate: true, RateHz: 9})),
		bytes.Clone(b.ClientFrame(&schema.ClientFrame{EventSeq: 1, Events: schema.AppendClientEvent(nil, 0, []byte("hi"))})),
	}
	room := witness.welcome.Room
	for i := range sockets {
		r := s.post(t, `{"game":"pool","room":"`+room+`"}`)
		if r.status != http.StatusOK {
			t.Fatalf("socket %d: %d %s", i, r.status, r.body)
		}
		hostile(t, rng, decode(t, r.body), good, frames)
		before := witness.tick
		for witness.tick <= before+1 {
			witness.play(t)
		}
	}
}

// hostile takes a seat and sends damaged frames until the server has enough.
func hostile(t *testing.T, rng *rand.Rand, seat reservation, good [][]byte, frames int) {
	t.Helper()
	sock, err := conntest.Dial(seat.URL, nil, schema.Subprotocol, "seat."+seat.Token)
	if err != nil {
		t.Fatal(err)
	}
	defer sock.Close()
	if rng.IntN(4) > 0 && sock.Send(good[0]) != nil {
		return
	}
	for range frames {
		msg := mutate(rng, good[rng.IntN(len(good))])
		if rng.IntN(8) == 0 {
			msg = conntest.AppendFrame(nil, byte(rng.Uint32()), msg) // below the WebSocket, too
			if sock.Raw(mutate(rng, msg)) != nil {
				return
			}
			continue
		}
		if sock.Send(msg) != nil {
			return
		}
	}
	// In case none of that was wrong enough to end the conn.
	_ = sock.Send(schema.NewBuilder(64).ClientFrame(&schema.ClientFrame{Leave: true}))
	sock.Drain()
}
