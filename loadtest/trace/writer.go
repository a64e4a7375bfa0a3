package trace

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
)

// Writer writes a trace. Owned by one goroutine.
type Writer struct {
	dst    *bufio.Writer
	values int
	bytes  []byte
}

// NewWriter checks and writes the header.
func NewWriter(w io.Writer, h Header) (*Writer, error) {
	if err := h.Check(); err != nil {
		return nil, err
	}
	line, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("trace: header: %w", err)
	}
	dst := bufio.NewWriterSize(w, 1<<16)
	if _, err := dst.Write(append(line, '\n')); err != nil {
		return nil, err
	}
	return &Writer{dst: dst, values: h.Values(), bytes: make([]byte, 0, 4*h.Values())}, nil
}

// Frame writes one frame.
func (w *Writer) Frame(values []int32) error {
	if len(values) != w.values {
		return fmt.Errorf("trace: a frame of %d values, not %d", len(values), w.values)
	}
	w.bytes = w.bytes[:0]
	for _, v := range values {
		w.bytes = binary.LittleEndian.AppendUint32(w.bytes, uint32(v))
	}
	_, err := w.dst.Write(w.bytes)
	return err
}

// Flush hands everything written to the underlying writer.
func (w *Writer) Flush() error { return w.dst.Flush() }

// Write writes a whole trace.
func (t *Trace) Write(dst io.Writer) error {
	w, err := NewWriter(dst, t.Header)
	if err != nil {
		return err
	}
	for _, frame := range t.Frames {
		if err := w.Frame(frame); err != nil {
			return err
		}
	}
	return w.Flush()
}
