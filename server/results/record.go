package results

import (
	"encoding/binary"
	"hash/crc32"
	"time"
)

// A segment of the journal is a header and records, one behind the other; numbers are
// little-endian:
//
//	"RTRS" | version byte | 3 zero bytes
//	record: length of the rest u32 | CRC-32C of the rest u32 |
//	        kind byte | id's length byte | id | seq u64 | unix ms u64 | body
//
// A record that is done has no body, and seq and time are 0.
const (
	segmentMagic   = "RTRS\x01\x00\x00\x00"
	recordHead     = 8
	recordFixed    = 2 + 8 + 8
	maxBody        = 16 << 20 // 64 KB of result and the names of 65,535 players
	maxID          = 64
	kindResult     = 1
	kindDone       = 2
	maxRecordBytes = recordFixed + maxID + maxBody
)

// castagnoli is the table of CRC-32C, which processors compute by themselves.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// record is what one says.
type record struct {
	kind byte
	id   string
	seq  uint64
	time time.Time
	body []byte // aliases the segment
	at   int    // of the body, in the segment
}

// appendRecord writes r.
func appendRecord(dst []byte, r *record) []byte {
	from := len(dst)
	dst = append(dst, make([]byte, recordHead)...)
	dst = append(dst, r.kind, byte(len(r.id)))
	dst = append(dst, r.id...)
	dst = binary.LittleEndian.AppendUint64(dst, r.seq)
	ms := uint64(0)
	if !r.time.IsZero() {
		ms = uint64(r.time.UnixMilli())
	}
	dst = binary.LittleEndian.AppendUint64(dst, ms)
	dst = append(dst, r.body...)
	rest := dst[from+recordHead:]
	binary.LittleEndian.PutUint32(dst[from:], uint32(len(rest)))
	binary.LittleEndian.PutUint32(dst[from+4:], crc32.Checksum(rest, castagnoli()))
	return dst
}

// readRecord reads the record at the start of b and returns its length, 0 if there is none
// or it is damaged. at is where b is in its segment.
func readRecord(b []byte, at int) (r record, n int) {
	if len(b) < recordHead+recordFixed {
		return r, 0
	}
	length := binary.LittleEndian.Uint32(b)
	if length < recordFixed || length > maxRecordBytes || uint64(length) > uint64(len(b)-recordHead) {
		return r, 0
	}
	rest := b[recordHead : recordHead+int(length)]
	if crc32.Checksum(rest, castagnoli()) != binary.LittleEndian.Uint32(b[4:]) {
		return r, 0
	}
	kind, idLen := rest[0], int(rest[1])
	if kind != kindResult && kind != kindDone || idLen > maxID || idLen > len(rest)-recordFixed {
		return r, 0
	}
	fields := rest[2+idLen:]
	r = record{
		kind: kind,
		id:   string(rest[2 : 2+idLen]),
		seq:  binary.LittleEndian.Uint64(fields),
		time: time.UnixMilli(int64(binary.LittleEndian.Uint64(fields[8:]))),
		body: fields[16:],
	}
	n = recordHead + len(rest)
	r.at = at + n - len(r.body)
	return r, n
}

// scan calls visit for every whole record of a segment, and returns where the last one
// ends and how many bytes before that belong to none. Whatever lies behind end was being
// written when the process or the machine died: nobody was told that it is kept.
func scan(segment []byte, visit func(record)) (end, damaged int) {
	at := 0
	if len(segment) >= len(segmentMagic) && string(segment[:len(segmentMagic)]) == segmentMagic {
		at = len(segmentMagic)
		end = at
	}
	for at < len(segment) {
		r, n := readRecord(segment[at:], at)
		if n == 0 {
			at++
			continue
		}
		damaged += at - end
		visit(r)
		at += n
		end = at
	}
	return end, damaged
}
