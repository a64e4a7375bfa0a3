//go:build linux

package drive

import (
	"bytes"
	"errors"
	"testing"

	"github.com/roomtick/roomtick/schema"
)

// message frames a payload as a server does.
func message(op byte, payload []byte) []byte {
	m := appendMessage(nil, payload)
	m[0], m[1] = 0x80|op, m[1]&^0x80
	mask := 2
	if len(payload) > 125 {
		mask = 4
	}
	return append(m[:mask:mask], m[mask+4:]...)
}

func TestTakeFindsTheMessagesWhereverTheReadsCutThem(t *testing.T) {
	long := bytes.Repeat([]byte("x"), 300)
	stream := append(message(opBinary, long), message(opPing, nil)...)
	stream = append(stream, message(opBinary, []byte("ab"))...)
	for cut := range len(stream) {
		var got [][]byte
		fn := func(_ byte, p []byte) error {
			got = append(got, bytes.Clone(p))
			return nil
		}
		rest, err := take(bytes.Clone(stream[:cut]), fn)
		if err != nil {
			t.Fatal(err)
		}
		rest, err = take(append(bytes.Clone(rest), stream[cut:]...), fn)
		if err != nil || len(rest) > 0 || len(got) != 3 || !bytes.Equal(got[0], long) || string(got[2]) != "ab" {
			t.Fatalf("cut at %d: %d messages, %d bytes left, %v", cut, len(got), len(rest), err)
		}
	}
}

func TestTakeStopsAtAnError(t *testing.T) {
	want := errors.New("no")
	if _, err := take(message(opClose, nil), func(byte, []byte) error { return want }); err != want {
		t.Errorf("got %v", err)
	}
}

func TestAnswersAcknowledgeATickAndCarryAnInputForALaterOne(t *testing.T) {
	a := answers{input: []byte{1, 2}, builder: schema.NewBuilder(64)}
	for _, tick := range []uint32{5, 6, 5 + 64, 5} { // 5 and 69 share a place
		var f schema.ClientFrame
		var read bool
		rest, err := take(unmasked(a.to(tick)), func(_ byte, p []byte) error {
			read = true
			return schema.ParseClientFrame(p, &f)
		})
		if err != nil || len(rest) > 0 || !read || !f.HasState || f.State.Ack != tick {
			t.Fatalf("tick %d: %+v, %v", tick, f, err)
		}
		err = schema.ReadInputs(f.Inputs, 2, func(at uint32, p []byte) {
			if at != tick+inputLead || !bytes.Equal(p, []byte{1, 2}) {
				t.Errorf("tick %d: input % x for %d", tick, p, at)
			}
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// unmasked takes the zero mask out of a client's message.
func unmasked(m []byte) []byte {
	head := 2
	if m[1]&0x7f == 126 {
		head = 4
	}
	out := append(bytes.Clone(m[:head]), m[head+4:]...)
	out[1] &^= 0x80
	return out
}

func TestLowestIsTheShareFromBelow(t *testing.T) {
	values := make([]int64, 101)
	for i := range values {
		values[i] = int64(100 - i)
	}
	if got := lowest(values, 0.01); got != 1 {
		t.Errorf("1 %% is %v", got)
	}
	if got := lowest(nil, 0.5); got != 0 {
		t.Errorf("of nothing it is %v", got)
	}
}
