package results

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// segmentSize is where a segment ends and another begins. Segments are deleted as a whole,
// and read as a whole when a journal is opened.
const segmentSize = 4 << 20

const segmentSuffix = ".results"

// file is what a segment needs of an *os.File.
type file interface {
	io.Writer
	io.ReaderAt
	io.Closer
	Sync() error
	Truncate(size int64) error
}

// segment is one file of a journal. Its journal's mu guards live; the rest
// belongs to whoever writes.
type segment struct {
	path string
	file file
	size int64 // of what has been written whole
	live int   // results in it that wait
}

func segmentPath(dir string, number uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%016x%s", number, segmentSuffix))
}

// segmentNumbers lists the segments of a directory, the oldest first.
func segmentNumbers(dir string) ([]uint64, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var numbers []uint64
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), segmentSuffix)
		if n, err := strconv.ParseUint(name, 16, 64); ok && err == nil && len(name) == 16 {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// disk is where a journal makes its files; tests fill it up and pull its plug.
type disk struct {
	create  func(path string) (file, error)
	syncDir func(path string) error
	remove  func(path string) error
	fault   func(step string) // told of every step on the way of a result
}

func osDisk() disk {
	return disk{
		create: func(path string) (file, error) {
			return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		},
		syncDir: syncDir,
		remove:  os.Remove,
		fault:   func(string) {},
	}
}

// newSegment makes a segment that is there after a loss of power.
func (d *disk) newSegment(dir string, number uint64) (*segment, error) {
	s := &segment{path: segmentPath(dir, number), size: int64(len(segmentMagic))}
	f, err := d.create(s.path)
	if err != nil {
		return nil, err
	}
	s.file = f
	if _, err = f.Write([]byte(segmentMagic)); err == nil {
		err = d.syncDir(dir)
	}
	if err != nil {
		f.Close()
		_ = d.remove(s.path) // it holds nothing; the error that counts is err
		return nil, err
	}
	return s, nil
}
