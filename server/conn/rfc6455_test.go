package conn

import (
	"bytes"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/roomtick/roomtick/schema"
	"github.com/roomtick/roomtick/server/conn/conntest"
)

const fin = 0x80

// ack is a valid client frame of about 40 bytes.
func ack() []byte {
	return schema.NewBuilder(64).ClientFrame(&schema.ClientFrame{HasState: true, State: schema.ClientState{Ack: 1}})
}

// padded is a client frame of exactly size bytes, valid as far as its length goes.
func padded(size int) []byte {
	f := schema.NewBuilder(8192).ClientFrame(&schema.ClientFrame{Inputs: bytes.Repeat([]byte{1}, size)})
	return f
}

// fragments cuts payload into frames of one message, n bytes each.
func fragments(payload []byte, n int) (wire []byte) {
	op := byte(conntest.OpBinary)
	for len(payload) > n {
		wire = conntest.AppendFrame(wire, op, payload[:n])
		payload, op = payload[n:], conntest.OpContinuation
	}
	return conntest.AppendFrame(wire, fin|op, payload)
}

func unmasked(payload []byte) []byte {
	return append([]byte{fin | conntest.OpBinary, byte(len(payload))}, payload...)
}

// Every row breaks RFC 6455 or the limits; each must end the conn, with the code where
// there is one to send. 1002 is the WebSocket library's own "protocol error".
func TestBrokenFramesEndTheConn(t *testing.T) {
	ping := func(op byte, n int) []byte { return conntest.AppendFrame(nil, op, make([]byte, n)) }
	rows := []struct {
		name string
		wire []byte
		code schema.CloseCode
	}{
		{"text message", conntest.AppendFrame(nil, fin|conntest.OpText, []byte("hi")), schema.CloseText},
		{"unmasked frame", unmasked(ack()), schema.CloseMalformed},
		{"reserved bit 1", conntest.AppendFrame(nil, fin|0x40|conntest.OpBinary, ack()), 1002},
		{"reserved bit 2", conntest.AppendFrame(nil, fin|0x20|conntest.OpBinary, ack()), 1002},
		{"reserved bit 3", conntest.AppendFrame(nil, fin|0x10|conntest.OpBinary, ack()), 1002},
		{"unknown data opcode", conntest.AppendFrame(nil, fin|0x3, ack()), 1002},
		{"unknown control opcode", conntest.AppendFrame(nil, fin|0xB, nil), 1002},
		{"fragmented ping", ping(conntest.OpPing, 0), 1002},
		{"ping of 126 bytes", ping(fin|conntest.OpPing, 126), 1002},
		{"close with one byte", conntest.AppendFrame(nil, fin|conntest.OpClose, []byte{3}), 1002},
		{"close with a forbidden code", conntest.AppendFrame(nil, fin|conntest.OpClose, []byte{0x03, 0xee}), 1002},
		{"continuation of nothing", conntest.AppendFrame(nil, fin|conntest.OpContinuation, ack()), 1002},
		{"message inside a message", append(
			conntest.AppendFrame(nil, conntest.OpBinary, ack()),
			conntest.AppendFrame(nil, fin|conntest.OpBinary, ack())...), 1002},
		{"5000 bytes", conntest.AppendFrame(nil, fin|conntest.OpBinary, make([]byte, 5000)), schema.CloseFlood},
		{"8 x 1000 bytes", fragments(make([]byte, 8000), 1000), schema.CloseFlood},
		{"one byte too many in fragments", fragments(make([]byte, schema.MaxClientFrame+1), 2000), schema.CloseFlood},
		{"header of 2^62 bytes", conntest.AppendHeader(nil, fin|conntest.OpBinary, 1<<62), schema.CloseFlood},
		{"header of 2^63 bytes", conntest.AppendHeader(nil, fin|conntest.OpBinary, 1<<63), schema.CloseFlood},
		{"header of 64 KB in 8 bytes", conntest.AppendHeader(nil, fin|conntest.OpBinary, 1<<16), schema.CloseFlood},
		{"empty message", conntest.AppendFrame(nil, fin|conntest.OpBinary, nil), schema.CloseMalformed},
		{"length prefix of another length", conntest.AppendFrame(nil, fin|conntest.OpBinary, append(ack(), 0)), schema.CloseMalformed},
	}
	eachKind(t, func(t *testing.T, open opener) {
		for _, row := range rows {
			t.Run(row.name, func(t *testing.T) {
				o, s := open(t, Options{})
				if err := s.Raw(row.wire); err != nil {
					t.Fatal(err)
				}
				_, closed := s.Drain()
				if closed == nil || closed.Code != row.code {
					t.Errorf("close frame %v; want %d", closed, row.code)
				}
				s.Close() // as a browser does once the server sends no more
				if err := <-o.ended; err == nil {
					t.Error("Run returned nil")
				}
			})
		}
	})
}

func TestAllowedFramesArrive(t *testing.T) {
	largest := padded(schema.MaxClientFrame - 64)
	rows := map[string][]byte{
		"one frame":                  conntest.AppendFrame(nil, fin|conntest.OpBinary, ack()),
		"fragments":                  fragments(ack(), 5),
		"fragments with empty ones":  append(conntest.AppendFrame(conntest.AppendFrame(nil, conntest.OpBinary, nil), 0, nil), conntest.AppendFrame(nil, fin, ack())...),
		"long form of a short frame": append(conntest.AppendHeader(nil, fin|conntest.OpBinary, 1<<16)[:2], longForm(ack())...),
		"ping between fragments":     pingBetween(ack()),
		"nearly the limit":           conntest.AppendFrame(nil, fin|conntest.OpBinary, largest),
	}
	eachKind(t, func(t *testing.T, open opener) {
		for name, wire := range rows {
			t.Run(name, func(t *testing.T) {
				o, s := open(t, Options{})
				if err := s.Raw(wire); err != nil {
					t.Fatal(err)
				}
				wantFrame(t, o)
			})
			t.Run(name+", byte by byte", func(t *testing.T) {
				o, s := open(t, Options{})
				some := min(len(wire)-1, 100)
				for i := range some { // a pulsed conn is left in the middle of everything
					if err := s.Raw(wire[i : i+1]); err != nil {
						t.Fatal(err)
					}
					err := o.conn.Receive(func(_ time.Time, f *schema.ClientFrame) {
						if f.HasState || len(f.Inputs) > 0 {
							t.Error("a frame too early")
						}
					})
					if err != nil {
						t.Fatal(err)
					}
				}
				if err := s.Raw(wire[some:]); err != nil {
					t.Fatal(err)
				}
				wantFrame(t, o)
			})
		}
	})
}

func wantFrame(t *testing.T, o opened) {
	t.Helper()
	got := 0
	conntest.Poll(t, "the frame arrives", func() bool {
		err := o.conn.Receive(func(_ time.Time, f *schema.ClientFrame) {
			if f.HasState || len(f.Inputs) > 0 {
				got++
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		return got == 1
	})
}

// longForm is the rest of a frame whose length is written in eight bytes.
func longForm(payload []byte) []byte {
	f := conntest.AppendHeader(nil, 0, 1<<16)[2:]
	for i := range 8 {
		f[i] = 0
	}
	f[7] = byte(len(payload))
	mask := f[8:12]
	for i, b := range payload {
		f = append(f, b^mask[i&3])
	}
	return f
}

func pingBetween(payload []byte) []byte {
	wire := conntest.AppendFrame(nil, conntest.OpBinary, payload[:3])
	wire = conntest.AppendFrame(wire, fin|conntest.OpPing, []byte("x"))
	return conntest.AppendFrame(wire, fin|conntest.OpContinuation, payload[3:])
}

func TestPingIsAnswered(t *testing.T) {
	eachKind(t, pingAnswered)
}

func pingAnswered(t *testing.T, open opener) {
	_, s := open(t, Options{})
	if err := s.Raw(conntest.AppendFrame(nil, fin|conntest.OpPing, []byte("are you there"))); err != nil {
		t.Fatal(err)
	}
	if first, payload, err := s.Frame(); err != nil || first != fin|conntest.OpPong || string(payload) != "are you there" {
		t.Errorf("got %#x %q, %v", first, payload, err)
	}
}

// The library hands pings and empty continuations to nobody; the link counts them.
func TestFloodsAreClosed(t *testing.T) {
	floods := map[string]struct {
		start, again []byte
		times        int
	}{
		"a million empty continuations": {
			conntest.AppendFrame(nil, conntest.OpBinary, nil), conntest.AppendFrame(nil, conntest.OpContinuation, nil), 1_000_000},
		"200,000 pings":        {nil, conntest.AppendFrame(nil, fin|conntest.OpPing, nil), 200_000},
		"200,000 pongs":        {nil, conntest.AppendFrame(nil, fin|conntest.OpPong, nil), 200_000},
		"valid frames at once": {nil, conntest.AppendFrame(nil, fin|conntest.OpBinary, ack()), 20_000},
		"4 MB of large frames": {nil, conntest.AppendFrame(nil, fin|conntest.OpBinary, padded(4000)), 1000},
	}
	for name, flood := range floods {
		eachKind(t, func(t *testing.T, open opener) {
			t.Log(name)
			stats := new(Stats)
			o, s := open(t, Options{Stats: stats})
			sent := make(chan struct{})
			go func() {
				defer close(sent)
				wire := slices.Concat(flood.start, bytes.Repeat(flood.again, flood.times))
				_ = s.Raw(wire) // cut off by the server
			}()
			start := time.Now()
			_, _ = io.Copy(io.Discard, s.Conn) // pongs, goodbye, the close frame, the end
			<-o.ended
			t.Logf("closed after %v and %d of %d bytes", time.Since(start).Round(time.Millisecond), stats.BytesIn.Load(), flood.times*len(flood.again))
			if n := stats.Closed(schema.CloseFlood); n != 1 {
				t.Errorf("closed as a flood %d times", n)
			}
			if n := stats.BytesIn.Load(); float64(n) > DefaultFlood().ByteBurst+DefaultFlood().ByteRate*10 {
				t.Errorf("%d bytes were read before the conn was closed", n)
			}
			s.Close()
			<-sent
		})
	}
}
