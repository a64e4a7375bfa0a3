//go:build linux

package bare

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/roomtick/roomtick/schema"
)

func TestReadyFramesAreSnapshotsOfAboutTheSizeAskedFor(t *testing.T) {
	for _, size := range []int{60, 188, 900} {
		frame := readyFrame(size)
		head := 2
		if frame[1] == 126 {
			head = 4
		}
		payload := frame[head:]
		if off := len(payload) - size; off < -8 || off > 8 {
			t.Errorf("asked for %d bytes, got %d", size, len(payload))
		}
		at := bytes.Index(frame, binary.LittleEndian.AppendUint32(nil, mark))
		binary.LittleEndian.PutUint32(frame[at:], 77)
		var f schema.ServerFrame
		if err := schema.ParseServerFrame(payload, &f); err != nil || f.Snapshot.Tick != 77 {
			t.Errorf("size %d: tick %d, %v", size, f.Snapshot.Tick, err)
		}
	}
}
