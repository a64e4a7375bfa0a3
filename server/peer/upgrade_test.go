package peer

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// echoUpgraded says what it saw of the request, then what it is told, line by line.
func echoUpgraded(w http.ResponseWriter, r *http.Request) {
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	_, _ = fmt.Fprintf(rw, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n%s %s %s\n", r.URL.RequestURI(), r.Host, r.RemoteAddr)
	_ = rw.Flush()
	for {
		line, err := rw.ReadString('\n')
		if err != nil {
			return
		}
		_, _ = rw.WriteString(line)
		_ = rw.Flush()
	}
}

// upgraded is the player's end of such a conn.
type upgraded struct {
	conn net.Conn
	read *bufio.Reader
}

func dialUpgrade(t *testing.T, base, path string) *upgraded {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second)) // rather than hang
	_, _ = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: game.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", path)
	u := &upgraded{conn: conn, read: bufio.NewReader(conn)}
	answer, err := http.ReadResponse(u.read, nil)
	if err != nil || answer.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("handshake: %v, %v", answer, err)
	}
	return u
}

func (u *upgraded) say(t *testing.T, text string) {
	t.Helper()
	if _, err := u.conn.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

// line is the next one, or empty at the end.
func (u *upgraded) line(t *testing.T) string {
	t.Helper()
	line, _ := u.read.ReadString('\n')
	return strings.TrimSuffix(line, "\n")
}

func (u *upgraded) status(t *testing.T, base, path string) int {
	t.Helper()
	answer, err := http.Get(base + path)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}
