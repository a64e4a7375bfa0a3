// Package conntest tests conns: a client that speaks RFC 6455 byte by byte, so that
// it can also break it, and the suite that every implementation of a conn must pass.
package conntest

import (
	"bufio"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/roomtick/roomtick/schema"
)

// Opcodes of RFC 6455 section 5.2.
const (
	OpContinuation = 0x0
	OpText         = 0x1
	OpBinary       = 0x2
	OpClose        = 0x8
	OpPing         = 0x9
	OpPong         = 0xA
)

// patience bounds every wait for the server; it is generous since machines are slow.
const patience = 30 * time.Second

// maxServerFrame bounds what a test client accepts: more is a bug.
const maxServerFrame = 16 << 20

// Socket is the client end of a WebSocket. It is not safe for concurrent use, except
// that one goroutine may write while another reads.
type Socket struct {
	net.Conn
	r           *bufio.Reader
	Subprotocol string // the one the server echoed
}

// CloseError is returned once the server's close frame arrives.
type CloseError struct {
	Code   schema.CloseCode
	Reason string
}

func (e *CloseError) Error() string { return fmt.Sprintf("closed with %d %q", e.Code, e.Reason) }

// HandshakeError is a response that is not 101.
type HandshakeError struct {
	Status int
	Header http.Header
	Body   []byte
}

func (e *HandshakeError) Error() string {
	return fmt.Sprintf("handshake refused with %d: %s", e.Status, e.Body)
}

// Dial opens a WebSocket to a ws: URL, offering protocols, with the extra header.
func Dial(address string, header http.Header, protocols ...string) (*Socket, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	nc, err := net.DialTimeout("tcp", u.Host, patience)
	if err != nil {
		return nil, err
	}
	s, err := Handshake(nc, u, header, protocols...)
	if err != nil {
		_ = nc.Close()
	}
	return s, err
}

// Handshake turns nc into a WebSocket.
func Handshake(nc net.Conn, u *url.URL, header http.Header, protocols ...string) (*Socket, error) {
	key := make([]byte, 16)
	_, _ = rand.Read(key) // never fails
	req := &http.Request{Method: http.MethodGet, URL: u, Host: u.Host, Header: http.Header{}}
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "websocket")
	req.Header.Set("Sec-WebSocket-Version", "13")
	req.Header.Set("Sec-WebSocket-Key", base64.StdEncoding.EncodeToString(key))
	if len(protocols) > 0 {
		req.Header.Set("Sec-WebSocket-Protocol", strings.Join(protocols, ", "))
	}
	_ = nc.SetDeadline(time.Now().Add(patience))
	if err := req.Write(nc); err != nil {
		return nil, err
	}
	r := bufio.NewReader(nc)
	res, err := http.ReadResponse(r, req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }() // not the socket
	if res.StatusCode != http.StatusSwitchingProtocols {
		body, _ := io.ReadAll(io.LimitReader(res.Body, maxServerFrame))
		return nil, &HandshakeError{Status: res.StatusCode, Header: res.Header, Body: body}
	}
	if got := res.Header.Get("Sec-WebSocket-Accept"); got != acceptKey(req.Header.Get("Sec-WebSocket-Key")) {
		return nil, fmt.Errorf("Sec-WebSocket-Accept is %q", got)
	}
	if ext := res.Header.Get("Sec-WebSocket-Extensions"); ext != "" {
		return nil, fmt.Errorf("extensions negotiated: %q", ext)
	}
	return &Socket{Conn: nc, r: r, Subprotocol: res.Header.Get("Sec-WebSocket-Protocol")}, nil
}

func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// AppendFrame appends one masked frame. first is the whole first byte: FIN and the
// reserved bits over the opcode.
func AppendFrame(dst []byte, first byte, payload []byte) []byte {
	dst = AppendHeader(dst, first, uint64(len(payload)))
	mask := dst[len(dst)-4:]
	for i, b := range payload {
		dst = append(dst, b^mask[i&3])
	}
	return dst
}

// AppendHeader appends the header of a masked frame of any claimed length.
func AppendHeader(dst []byte, first byte, length uint64) []byte {
	dst = append(dst, first)
	switch {
	case length < 126:
		dst = append(dst, 0x80|byte(length))
	case length <= 0xffff:
		dst = append(dst, 0x80|126)
		dst = binary.BigEndian.AppendUint16(dst, uint16(length))
	default:
		dst = append(dst, 0x80|127)
		dst = binary.BigEndian.AppendUint64(dst, length)
	}
	return append(dst, 0x12, 0x34, 0x56, 0x78)
}

// Send writes payload as one binary message.
func (s *Socket) Send(payload []byte) error {
	return s.Raw(AppendFrame(nil, 0x80|OpBinary, payload))
}

// Raw writes bytes below the WebSocket.
func (s *Socket) Raw(b []byte) error {
	_ = s.SetWriteDeadline(time.Now().Add(patience))
	_, err := s.Write(b)
	return err
}

// Frame reads one frame as it is.
func (s *Socket) Frame() (first byte, payload []byte, err error) {
	_ = s.SetReadDeadline(time.Now().Add(patience))
	var head [8]byte
	if _, err := io.ReadFull(s.r, head[:2]); err != nil {
		return 0, nil, err
	}
	first, n := head[0], uint64(head[1])
	switch n {
	case 126:
		_, err = io.ReadFull(s.r, head[:2])
		n = uint64(binary.BigEndian.Uint16(head[:2]))
	case 127:
		_, err = io.ReadFull(s.r, head[:8])
		n = binary.BigEndian.Uint64(head[:8])
	}
	if err != nil {
		return 0, nil, err
	}
	if n > maxServerFrame {
		return 0, nil, errors.New("masked or huge server frame")
	}
	payload = make([]byte, n)
	_, err = io.ReadFull(s.r, payload)
	return first, payload, err
}

// Next reads the next binary message, answering pings. After the server's close
// frame, which it answers, it returns *CloseError.
func (s *Socket) Next() ([]byte, error) {
	for {
		first, payload, err := s.Frame()
		if err != nil {
			return nil, err
		}
		switch first {
		case 0x80 | OpBinary:
			return payload, nil
		case 0x80 | OpPing:
			err = s.Raw(AppendFrame(nil, 0x80|OpPong, payload))
		case 0x80 | OpPong:
		case 0x80 | OpClose:
			closed := &CloseError{}
			if len(payload) >= 2 {
				closed.Code = schema.CloseCode(binary.BigEndian.Uint16(payload))
				closed.Reason = string(payload[2:])
			}
			_ = s.Raw(AppendFrame(nil, 0x80|OpClose, payload)) // the server may be gone already
			return nil, closed
		default:
			err = fmt.Errorf("unexpected frame %#x of %d bytes", first, len(payload))
		}
		if err != nil {
			return nil, err
		}
	}
}

// Drain reads until the conn ends. It returns the last goodbye and the close frame,
// as far as they came.
func (s *Socket) Drain() (goodbye *schema.Goodbye, closed *CloseError) {
	var f schema.ServerFrame
	for {
		msg, err := s.Next()
		if err != nil {
			errors.As(err, &closed)
			return goodbye, closed
		}
		if schema.ParseServerFrame(msg, &f) == nil && f.Goodbye != nil {
			goodbye = f.Goodbye
		}
	}
}
