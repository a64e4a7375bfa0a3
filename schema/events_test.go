package schema

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"testing"
)

type readEvent struct {
	age, typ uint32
	payload  string
}

func readAllServerEvents(b []byte) (got []readEvent, err error) {
	err = ReadServerEvents(b, func(age, typ uint32, payload []byte) error {
		got = append(got, readEvent{age, typ, string(payload)})
		return nil
	})
	return got, err
}

func readAllClientEvents(b []byte) (got []readEvent, err error) {
	err = ReadClientEvents(b, func(typ uint32, payload []byte) error {
		got = append(got, readEvent{0, typ, string(payload)})
		return nil
	})
	return got, err
}

func sampleEvents() []readEvent {
	return []readEvent{{0, 0, ""}, {0, 127, "a"}, {0, 128, string(bytes.Repeat([]byte("x"), 300))}, {0, math.MaxUint32, "z"}}
}

func TestEventsComeBackAsAppended(t *testing.T) {
	want := sampleEvents()
	var client, server []byte
	for i, e := range want {
		client = AppendClientEvent(client, e.typ, []byte(e.payload))
		server = AppendServerEvent(server, uint32(i)*1000, e.typ, []byte(e.payload))
	}
	if got, err := readAllClientEvents(client); err != nil || !slices.Equal(got, want) {
		t.Errorf("client: got %v, %v", got, err)
	}
	for i := range want {
		want[i].age = uint32(i) * 1000
	}
	if got, err := readAllServerEvents(server); err != nil || !slices.Equal(got, want) {
		t.Errorf("server: got %v, %v", got, err)
	}
}

func TestEventsAreTheGoldenBytes(t *testing.T) {
	b := AppendServerEvent(nil, 300, 2, []byte{0xaa})
	if want := []byte{0xac, 0x02, 2, 1, 0xaa}; !bytes.Equal(b, want) {
		t.Errorf("got %x, want %x", b, want)
	}
}

func TestEveryPrefixOfAnEventFails(t *testing.T) {
	client := AppendClientEvent(nil, 300, []byte("abc"))
	for n := 1; n < len(client); n++ {
		if _, err := readAllClientEvents(client[:n]); !errors.Is(err, ErrMalformed) {
			t.Errorf("client: accepted %d bytes: %v", n, err)
		}
	}
	server := AppendServerEvent(nil, 300, 300, []byte("abc"))
	for n := 1; n < len(server); n++ {
		if _, err := readAllServerEvents(server[:n]); !errors.Is(err, ErrMalformed) {
			t.Errorf("server: accepted %d bytes: %v", n, err)
		}
	}
}

func TestReadingEventsStopsAtTheFirstError(t *testing.T) {
	stop := errors.New("stop")
	b := AppendClientEvent(AppendClientEvent(nil, 1, nil), 2, nil)
	calls := 0
	err := ReadClientEvents(b, func(uint32, []byte) error { calls++; return stop })
	if !errors.Is(err, stop) || calls != 1 {
		t.Errorf("client: %v after %d calls", err, calls)
	}
	b = AppendServerEvent(AppendServerEvent(nil, 0, 1, nil), 0, 2, nil)
	calls = 0
	err = ReadServerEvents(b, func(uint32, uint32, []byte) error { calls++; return stop })
	if !errors.Is(err, stop) || calls != 1 {
		t.Errorf("server: %v after %d calls", err, calls)
	}
}

func FuzzReadEvents(f *testing.F) {
	f.Add(AppendServerEvent(nil, 300, 2, []byte("abc")))
	f.Add(AppendClientEvent(AppendClientEvent(nil, 1, nil), 2, []byte("abc")))
	f.Fuzz(func(t *testing.T, b []byte) {
		size := 0
		err := ReadServerEvents(b, func(_, _ uint32, payload []byte) error {
			size += len(payload) + 3
			return nil
		})
		if size > len(b) || err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("server: %x gave %d bytes, %v", b, size, err)
		}
		size = 0
		err = ReadClientEvents(b, func(_ uint32, payload []byte) error {
			size += len(payload) + 2
			return nil
		})
		if size > len(b) || err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("client: %x gave %d bytes, %v", b, size, err)
		}
	})
}
