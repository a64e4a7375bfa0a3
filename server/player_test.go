package server

import (
	"testing"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/server/conn/conntest"
)

// player is a test's client of one conn.
type player struct {
	*conntest.Socket
	welcome *schema.Welcome
	tick    uint32 // newest snapshot seen
	builder *schema.Builder
}

// dial opens a socket with a credential and says hello.
func dial(t *testing.T, url, credential string) (*player, error) {
	t.Helper()
	s, err := conntest.Dial(url, nil, schema.Subprotocol, credential)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { s.Close() })
	p := &player{Socket: s, builder: schema.NewBuilder(256)}
	return p, p.send(&schema.ClientFrame{HasHello: true, Hello: schema.Hello{SDK: "test"}})
}

func (p *player) send(f *schema.ClientFrame) error { return p.Send(p.builder.ClientFrame(f)) }

// join takes a seat and waits for the first snapshot.
func (s *running) join(t *testing.T, name string) *player {
	t.Helper()
	b := s.match(t, name)
	p, err := dial(t, b.URL, "seat."+b.Token)
	if err != nil {
		t.Fatal(err)
	}
	p.play(t)
	return p
}

// play reads until a snapshot has come.
func (p *player) play(t *testing.T) {
	t.Helper()
	var f schema.ServerFrame
	for {
		msg, err := p.Next()
		if err != nil {
			t.Fatalf("waiting for a snapshot: %v", err)
		}
		if err := schema.ParseServerFrame(msg, &f); err != nil {
			t.Fatal(err)
		}
		if f.Welcome != nil {
			p.welcome = f.Welcome
		}
		if f.Goodbye != nil {
			t.Fatalf("goodbye: %+v", f.Goodbye)
		}
		if f.HasSnapshot {
			p.tick = f.Snapshot.Tick
			if err := p.send(&schema.ClientFrame{HasState: true, State: schema.ClientState{Ack: p.tick}}); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
}

// stroke sends an input for a tick a little ahead.
func (p *player) stroke(t *testing.T, what byte) {
	t.Helper()
	inputs := schema.AppendInput(nil, p.tick+8, []byte{what})
	if err := p.send(&schema.ClientFrame{Inputs: inputs}); err != nil {
		t.Fatal(err)
	}
}

// wantRefused dials with a credential and expects goodbye and close frame of code.
func wantRefused(t *testing.T, url, credential string, code schema.CloseCode) {
	t.Helper()
	p, err := dial(t, url, credential)
	if err != nil {
		t.Fatal(err)
	}
	wantGoodbye(t, p, code)
}

func wantGoodbye(t *testing.T, p *player, code schema.CloseCode) *schema.Goodbye {
	t.Helper()
	goodbye, closed := p.Drain()
	if goodbye == nil || goodbye.Code != code || goodbye.Hint != code.Hint() || goodbye.Reason != code.String() {
		t.Errorf("goodbye is %+v; want %d %s", goodbye, code, code)
	}
	if closed == nil || closed.Code != code || closed.Reason != code.Hint() {
		t.Errorf("close frame is %v; want %d with its hint", closed, code)
	}
	return goodbye
}
