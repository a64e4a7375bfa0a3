package trace

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// Limits of what a whole trace holds in memory, in values of 4 bytes. A packed file may
// unpack to a thousand times its size, a plain one is as large as it looks.
const (
	maxValues = 1 << 28
	maxPacked = 1 << 26
)

// maxHeader bounds the header line.
const maxHeader = 1 << 20

// Reader reads a trace from start to end. Owned by one goroutine.
type Reader struct {
	Header Header // set once by NewReader
	packed bool   // set once by NewReader
	src    *bufio.Reader
	bytes  []byte
	frames int
}

// NewReader reads the header. Gzip is recognised by its first bytes.
func NewReader(r io.Reader) (*Reader, error) {
	src, packed := bufio.NewReaderSize(r, 1<<16), false
	if magic, _ := src.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(src)
		if err != nil {
			return nil, fmt.Errorf("%w: gzip: %w", ErrFormat, err)
		}
		src, packed = bufio.NewReaderSize(z, 1<<16), true
	}
	line, err := headerLine(src)
	if err != nil {
		return nil, err
	}
	rd := &Reader{src: src, packed: packed}
	if err := json.Unmarshal(line, &rd.Header); err != nil {
		return nil, fmt.Errorf("%w: header: %w", ErrFormat, err)
	}
	if err := rd.Header.Check(); err != nil {
		return nil, err
	}
	rd.bytes = make([]byte, 4*rd.Header.Values())
	return rd, nil
}

func headerLine(src *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := src.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return line, nil
		case len(line) > maxHeader:
			return nil, fmt.Errorf("%w: header: no end of line in %d bytes", ErrFormat, maxHeader)
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			return nil, fmt.Errorf("%w: header: the file ends before the end of its first line", ErrFormat)
		default:
			return nil, fmt.Errorf("trace: header: %w", err)
		}
	}
}

// Next reads a frame into dst, which has Header.Values places. It returns io.EOF after
// the last frame and an error that wraps ErrFormat if that one is cut short.
func (r *Reader) Next(dst []int32) error {
	n, err := io.ReadFull(r.src, r.bytes)
	switch {
	case errors.Is(err, io.EOF):
		return io.EOF
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: frame %d has %d of %d bytes", ErrFormat, r.frames, n, len(r.bytes))
	case err != nil:
		return fmt.Errorf("trace: frame %d: %w", r.frames, err)
	}
	for i := range dst {
		dst[i] = int32(binary.LittleEndian.Uint32(r.bytes[4*i:]))
	}
	r.frames++
	return nil
}

// Trace is a whole trace in memory.
type Trace struct {
	Header
	Frames [][]int32
}

// Read reads a whole trace; one without frames is an error, and so is one that is too
// large to be held in memory.
func Read(src io.Reader) (*Trace, error) { return read(src, maxValues, maxPacked) }

func read(src io.Reader, most, mostPacked int) (*Trace, error) {
	r, err := NewReader(src)
	if err != nil {
		return nil, err
	}
	remedy := "use a shorter one"
	if r.packed {
		most, remedy = mostPacked, "use a shorter one, or unpack it first"
	}
	t := &Trace{Header: r.Header}
	for {
		frame := make([]int32, r.Header.Values())
		err := r.Next(frame)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if t.Frames = append(t.Frames, frame); len(t.Frames)*r.Header.Values() > most {
			return nil, fmt.Errorf("%w: more than %d values in all: %s", ErrFormat, most, remedy)
		}
	}
	if len(t.Frames) == 0 {
		return nil, fmt.Errorf("%w: no frames after the header", ErrFormat)
	}
	return t, nil
}

// ReadFile reads a whole trace from a file.
func ReadFile(path string) (*Trace, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	t, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}
