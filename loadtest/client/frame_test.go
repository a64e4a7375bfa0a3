package client

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/coder/websocket"
)

// TestFramesAreWhatALibraryReads sends frames of every kind of size past a server that
// knows nothing of how they were made.
func TestFramesAreWhatALibraryReads(t *testing.T) {
	got := make(chan []byte)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		ws.SetReadLimit(1 << 20)
		defer close(got)
		for {
			typ, msg, err := ws.Read(r.Context())
			if err != nil || typ != websocket.MessageBinary {
				return
			}
			got <- msg
		}
	}))
	defer server.Close()
	wire, err := rawSocket(t, server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = wire.Close() }()
	for _, size := range []int{0, 1, 7, 8, 9, 125, 126, 127, 1<<16 - 1, 1 << 16, 1<<16 + 13} {
		msg := make([]byte, size)
		for i := range msg {
			msg[i] = byte(i * 7)
		}
		if _, err := wire.Write(appendFrame(nil, 0x8badf00d, msg)); err != nil {
			t.Fatal(err)
		}
		if back, open := <-got; !open || !bytes.Equal(back, msg) {
			t.Fatalf("%d bytes came as %d, open %v", size, len(back), open)
		}
	}
}

// rawSocket upgrades a conn by hand.
func rawSocket(t *testing.T, address string) (net.Conn, error) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	_, err = io.WriteString(c, "GET / HTTP/1.1\r\nHost: "+address+"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
	if err != nil {
		return nil, err
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return nil, err
	}
	return c, resp.Body.Close()
}
