package schema

import (
	"bytes"
	"encoding/binary"
	"errors"
	"reflect"
	"slices"
	"testing"
)

// message is one sample frame, whoever sends it.
type message struct {
	name   string
	server bool
	bytes  []byte
	parse  func([]byte) error // checks a frame it accepts against the generated readers
}

func sampleMessages(t testing.TB) []message {
	var out []message
	b := NewBuilder(0)
	for _, s := range sampleServerFrames() {
		parse := func(raw []byte) error { return checkServerFrame(t, raw) }
		out = append(out, message{"server " + s.name, true, slices.Clone(b.ServerFrame(&s.frame)), parse})
	}
	for _, s := range sampleClientFrames() {
		parse := func(raw []byte) error { return checkClientFrame(t, raw) }
		out = append(out, message{"client " + s.name, false, slices.Clone(b.ClientFrame(&s.frame)), parse})
	}
	return out
}

// checkServerFrame parses a frame, and fails t unless the parser either refuses it with
// ErrMalformed or finds what the generated readers find.
func checkServerFrame(t testing.TB, raw []byte) error {
	var f ServerFrame
	if err := ParseServerFrame(raw, &f); err != nil {
		if !errors.Is(err, ErrMalformed) {
			t.Errorf("%x: error %v does not wrap ErrMalformed", raw, err)
		}
		return err
	}
	if want := generatedServerFrame(raw); !reflect.DeepEqual(f, want) {
		t.Errorf("%x\n got %+v\nwant %+v", raw, f, want)
	}
	return nil
}

func checkClientFrame(t testing.TB, raw []byte) error {
	var f ClientFrame
	if err := ParseClientFrame(raw, &f); err != nil {
		if !errors.Is(err, ErrMalformed) {
			t.Errorf("%x: error %v does not wrap ErrMalformed", raw, err)
		}
		return err
	}
	if want := generatedClientFrame(raw); !reflect.DeepEqual(f, want) {
		t.Errorf("%x\n got %+v\nwant %+v", raw, f, want)
	}
	return nil
}

func TestSamplesAreAccepted(t *testing.T) {
	for _, m := range sampleMessages(t) {
		if err := m.parse(m.bytes); err != nil {
			t.Errorf("%s: %v", m.name, err)
		}
	}
}

func TestEveryPrefixFails(t *testing.T) {
	for _, m := range sampleMessages(t) {
		for n := range m.bytes {
			zeros := len(bytes.Trim(m.bytes[n:], "\x00")) == 0 && len(m.bytes)-n < 4 // fill up the last word
			if m.parse(m.bytes[:n]) == nil && !(zeros && m.server) {
				t.Errorf("%s: accepted after %d of %d bytes", m.name, n, len(m.bytes))
			}
		}
	}
}

// A sender that lies about the length too gets past the prefix check only.
func TestPrefixesWithARepairedLengthNeverPanic(t *testing.T) {
	for _, m := range sampleMessages(t) {
		if m.server {
			continue // those have no prefix
		}
		for n := prefixSize; n < len(m.bytes); n++ {
			cut := slices.Clone(m.bytes[:n])
			binary.LittleEndian.PutUint32(cut, uint32(n-prefixSize))
			err := m.parse(cut)
			if padding := len(m.bytes) - n; err == nil && padding > 7 {
				t.Errorf("%s: accepted without its last %d bytes", m.name, padding)
			}
		}
	}
}

func TestOneBitFlipsNeverPanic(t *testing.T) {
	refused := 0
	for _, m := range sampleMessages(t) {
		for bit := range len(m.bytes) * 8 {
			flipped := slices.Clone(m.bytes)
			flipped[bit/8] ^= 1 << (bit % 8)
			if m.parse(flipped) != nil {
				refused++
			}
		}
	}
	if refused == 0 {
		t.Error("no flip was refused")
	}
}

func TestByteVectorsHaveNoSpareCapacity(t *testing.T) {
	frame := sampleClientFrames()[2].frame
	var f ClientFrame
	if err := ParseClientFrame(NewBuilder(0).ClientFrame(&frame), &f); err != nil {
		t.Fatal(err)
	}
	if cap(f.Inputs) != len(f.Inputs) {
		t.Errorf("inputs of %d bytes reach %d bytes into the frame", len(f.Inputs), cap(f.Inputs))
	}
}

func TestTheLengthLimitOfClientFramesIsExact(t *testing.T) {
	b := NewBuilder(0)
	frame := func(size int) []byte {
		return b.ClientFrame(&ClientFrame{Inputs: make([]byte, size)})
	}
	overhead := len(frame(8)) - 8
	var f ClientFrame
	if err := ParseClientFrame(frame(MaxClientFrame-overhead), &f); err != nil {
		t.Errorf("4096 bytes: %v", err)
	}
	if err := ParseClientFrame(frame(MaxClientFrame-overhead+4), &f); !errors.Is(err, ErrMalformed) {
		t.Errorf("4100 bytes: %v", err)
	}
}

func FuzzParseClientFrame(f *testing.F) {
	for _, s := range sampleClientFrames() {
		f.Add(NewBuilder(0).ClientFrame(&s.frame)[prefixSize:])
	}
	f.Fuzz(func(t *testing.T, body []byte) { _ = checkClientFrame(t, withPrefix(body)) })
}

func FuzzParseServerFrame(f *testing.F) {
	for _, s := range sampleServerFrames() {
		f.Add(NewBuilder(0).ServerFrame(&s.frame))
	}
	f.Fuzz(func(t *testing.T, raw []byte) { _ = checkServerFrame(t, raw) })
}

// withPrefix makes a message of a FlatBuffer, so that the fuzzer need not keep the
// length right.
func withPrefix(body []byte) []byte {
	raw := binary.LittleEndian.AppendUint32(make([]byte, 0, len(body)+prefixSize), uint32(len(body)))
	return append(raw, body...)
}
