package client

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"sync/atomic"
	"testing"
)

// served is a message as our servers frame it.
func served(msg []byte) []byte {
	switch n := len(msg); {
	case n < sizeIn2:
		return append([]byte{finBinary, byte(n)}, msg...)
	case n < 1<<16:
		return append(binary.BigEndian.AppendUint16([]byte{finBinary, sizeIn2}, uint16(n)), msg...)
	default:
		return append(binary.BigEndian.AppendUint64([]byte{finBinary, sizeIn8}, uint64(n)), msg...)
	}
}

// feed hands b over in pieces and returns the messages it has become.
func feed(f *inflow, b []byte, piece int) (msgs [][]byte, strange bool) {
	for {
		msg, odd := f.next()
		switch {
		case msg != nil:
			msgs = append(msgs, bytes.Clone(msg))
			continue
		case odd || len(b) == 0:
			return msgs, odd
		}
		n := copy(f.room(), b[:min(piece, len(b))])
		f.took(n)
		b = b[n:]
	}
}

func TestMessagesAreTheSameInWhateverPiecesTheyCome(t *testing.T) {
	var want [][]byte
	var stream []byte
	for i, size := range []int{0, 1, 125, 126, 127, 4096, 3, 1<<16 - 1, 1 << 16, 0, 9} {
		want = append(want, bytes.Repeat([]byte{byte(i + 1)}, size))
		stream = append(stream, served(want[i])...)
	}
	for _, piece := range []int{1, 2, 3, 5, 7, 11, 1000, 4096, 5000, len(stream)} {
		got, strange := feed(new(inflow), stream, piece)
		if strange || len(got) != len(want) {
			t.Fatalf("pieces of %d: %d messages of %d, strange %v", piece, len(got), len(want), strange)
		}
		for i := range want {
			if !bytes.Equal(got[i], want[i]) {
				t.Errorf("pieces of %d: message %d has %d bytes, want %d", piece, i, len(got[i]), len(want[i]))
			}
		}
	}
}

func TestWhatIsNoPlainFrameIsLeftToTheLibraryWhole(t *testing.T) {
	for name, odd := range map[string][]byte{
		"text":         {0x81, 1, 'a'},
		"ping":         {0x89, 0},
		"close":        {0x88, 2, 0x03, 0xe8},
		"fragment":     {0x02, 1, 'a'},
		"continuation": {0x80, 1, 'a'},
		"reserved bit": {finBinary | 0x40, 1, 'a'},
		"masked":       {finBinary, masked | 1, 0, 0, 0, 0, 'a'},
		"too large":    {finBinary, sizeIn8, 0, 0, 0, 0, 0, 0x80, 0, 1},
		"negative":     {finBinary, sizeIn8, 0xff, 0, 0, 0, 0, 0, 0, 1},
	} {
		for _, piece := range []int{1, 100} {
			f := new(inflow)
			msgs, strange := feed(f, append(served([]byte("plain")), odd...), piece)
			if len(msgs) != 1 || !strange {
				t.Errorf("%s: %d messages, strange %v", name, len(msgs), strange)
			}
			if rest := f.rest(); len(rest) == 0 || !bytes.HasPrefix(odd, rest) {
				t.Errorf("%s: %x is left of %x", name, rest, odd)
			}
		}
	}
}

// TestTheUpgradeIsAllThatTheHTTPClientGets sends the first frame right behind it.
func TestTheUpgradeIsAllThatTheHTTPClientGets(t *testing.T) {
	const head, rest = "HTTP/1.1 101 Switching Protocols\r\nA: \r\r\nB: c\r\n\r\n", "frame\r\n\r\nframe"
	for split := range len(head) + len(rest) {
		var in, out atomic.Int64
		ours, theirs := net.Pipe()
		w := newWire(ours, &in, &out)
		go func() {
			all := []byte(head + rest)
			_, _ = theirs.Write(all[:split])
			_, _ = theirs.Write(all[split:])
			_ = theirs.Close()
		}()
		got, p := "", make([]byte, 100)
		for len(got) < len(head) {
			n, err := w.Read(p)
			if err != nil {
				t.Fatalf("split at %d: %v after %q", split, err, got)
			}
			got += string(p[:n])
		}
		after, err := io.ReadAll(w)
		if got != head || string(after) != rest || err != nil {
			t.Fatalf("split at %d: %q, then %q, %v", split, got, after, err)
		}
		if in.Load() != int64(len(head)+len(rest)) {
			t.Errorf("split at %d: counted %d bytes", split, in.Load())
		}
	}
}
