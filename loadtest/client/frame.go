package client

import "encoding/binary"

// First bytes of a client's frame, RFC 6455 5.2.
const (
	finBinary = 0x82
	masked    = 0x80
	sizeIn2   = 126 // in place of a size: it follows in two bytes
	sizeIn8   = 127
)

// appendFrame appends a message as one masked binary frame.
func appendFrame(dst []byte, key uint32, msg []byte) []byte {
	dst = append(dst, finBinary)
	switch n := len(msg); {
	case n < sizeIn2:
		dst = append(dst, masked|byte(n))
	case n < 1<<16:
		dst = binary.BigEndian.AppendUint16(append(dst, masked|sizeIn2), uint16(n))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, masked|sizeIn8), uint64(n))
	}
	dst = binary.LittleEndian.AppendUint32(dst, key)
	both := uint64(key)<<32 | uint64(key)
	for ; len(msg) >= 8; msg = msg[8:] {
		dst = binary.LittleEndian.AppendUint64(dst, binary.LittleEndian.Uint64(msg)^both)
	}
	for i, b := range msg {
		dst = append(dst, b^byte(both>>(8*i)))
	}
	return dst
}
