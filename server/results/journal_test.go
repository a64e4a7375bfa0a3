package results

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
)

// plug is a disk that can be full, or lose its power: what was not synced is gone then.
type plug struct {
	disk

	mu     sync.Mutex        // guards the following
	synced map[string][]byte // by path: what would be there after a loss of power
	room   int               // bytes that can still be written; below 0: no limit
	syncs  int
	broken bool // Sync fails
}

func newPlug() *plug {
	p := &plug{synced: make(map[string][]byte), room: -1}
	p.disk = osDisk()
	create := p.create
	p.create = func(path string) (file, error) {
		f, err := create(path)
		return &plugged{file: f, path: path, plug: p}, err
	}
	remove := p.remove
	p.remove = func(path string) error {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.synced, path)
		return remove(path)
	}
	return p
}

type plugged struct {
	file
	path string
	plug *plug
}

func (f *plugged) Write(b []byte) (int, error) {
	f.plug.mu.Lock()
	defer f.plug.mu.Unlock()
	if f.plug.room >= 0 && len(b) > f.plug.room {
		n, _ := f.file.Write(b[:f.plug.room])
		f.plug.room = 0
		return n, syscall.ENOSPC
	}
	if f.plug.room > 0 {
		f.plug.room -= len(b)
	}
	return f.file.Write(b)
}

func (f *plugged) Sync() error {
	f.plug.mu.Lock()
	defer f.plug.mu.Unlock()
	f.plug.syncs++
	if f.plug.broken {
		return syscall.EIO
	}
	b, err := os.ReadFile(f.path)
	f.plug.synced[f.path] = b
	return err
}

// pull returns a directory with what is there after a loss of power.
func (p *plug) pull(t *testing.T) string {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	dir := t.TempDir()
	for path, b := range p.synced {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func mustOpen(t *testing.T, dir string, d disk) *journal {
	t.Helper()
	j, err := openJournal(dir, quiet(), d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func waiting(t *testing.T, s Store) (ids []string) {
	t.Helper()
	list, err := s.List(t.Context(), 0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		ids = append(ids, e.ID)
		if b, err := s.Load(t.Context(), e.ID); err != nil || !bytes.Equal(b, bodyOf(e.ID)) {
			t.Fatalf("the body of %s is %d bytes, %v", e.ID, len(b), err)
		}
	}
	return ids
}

func bodyOf(id string) []byte { return bytes.Repeat([]byte(id+" "), 20) }

func keep(t *testing.T, s Store, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if err := s.Append(t.Context(), Owner{}, id, bodyOf(id)); err != nil {
			t.Fatal(err)
		}
	}
}

// onlySegment returns the path and the bytes of the one segment in a directory.
func onlySegment(t *testing.T, dir string) (string, []byte) {
	t.Helper()
	numbers, err := segmentNumbers(dir)
	if err != nil || len(numbers) != 1 {
		t.Fatalf("segments %v, %v; want one", numbers, err)
	}
	path := segmentPath(dir, numbers[0])
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, b
}

func TestAJournalCutAnywhereHasEveryWholeRecordAndWritesOn(t *testing.T) {
	dir := t.TempDir()
	j := mustOpen(t, dir, osDisk())
	ids := []string{"a", "b", "c", "d"}
	var ends []int // of each record
	for _, id := range ids {
		keep(t, j, id)
		ends = append(ends, int(j.current.size))
	}
	j.Close()
	path, whole := onlySegment(t, dir)
	for cut := range len(whole) + 1 {
		if err := os.WriteFile(path, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		j := mustOpen(t, dir, osDisk())
		var want []string
		for i, end := range ends {
			if end <= cut {
				want = append(want, ids[i])
			}
		}
		if got := waiting(t, j); !slices.Equal(got, want) {
			t.Fatalf("cut at %d of %d bytes: %v wait, want %v", cut, len(whole), got, want)
		}
		keep(t, j, "next")
		j.Close()
		j = mustOpen(t, dir, osDisk())
		if got := waiting(t, j); !slices.Equal(got, append(want, "next")) {
			t.Fatalf("cut at %d and written on: %v wait, want %v and next", cut, got, want)
		}
		j.Close()
		for _, n := range mustNumbers(t, dir) {
			os.Remove(segmentPath(dir, n))
		}
	}
}

func mustNumbers(t *testing.T, dir string) []uint64 {
	t.Helper()
	numbers, err := segmentNumbers(dir)
	if err != nil {
		t.Fatal(err)
	}
	return numbers
}

func TestADamagedByteCostsItsOwnRecordAtMost(t *testing.T) {
	dir := t.TempDir()
	j := mustOpen(t, dir, osDisk())
	ids := []string{"a", "b", "c", "d"}
	keep(t, j, ids...)
	j.Close()
	path, whole := onlySegment(t, dir)
	for at := range whole {
		bad := bytes.Clone(whole)
		bad[at] ^= 0x41
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		j := mustOpen(t, dir, osDisk())
		got := waiting(t, j)
		if at < len(segmentMagic) && len(got) != 4 || len(got) < 3 {
			t.Fatalf("byte %d of %d: %v wait", at, len(whole), got)
		}
		j.Close()
	}
}

func TestWhatWasAppendedSurvivesALossOfPower(t *testing.T) {
	p := newPlug()
	dir := t.TempDir()
	j := mustOpen(t, dir, p.disk)
	r := rand.New(rand.NewPCG(5, 0))
	var want []string
	for n := range 300 {
		id := fmt.Sprint(n)
		keep(t, j, id)
		want = append(want, id)
		if r.IntN(3) > 0 && len(want) > 1 {
			at := r.IntN(len(want))
			if err := j.Done(t.Context(), want[at]); err != nil {
				t.Fatal(err)
			}
			want = slices.Delete(want, at, at+1)
		}
		if n%20 != 0 {
			continue
		}
		after := mustOpen(t, p.pull(t), osDisk())
		got := waiting(t, after)
		for _, id := range want {
			if !slices.Contains(got, id) {
				t.Fatalf("after %d results, %s is gone", n+1, id)
			}
		}
		after.Close()
	}
}

func TestAFullDiskAcceptsNothingAndLosesNothing(t *testing.T) {
	for room := range 3 * len(appendRecord(nil, &record{id: "c", body: bodyOf("c")})) { // not enough for three
		p := newPlug()
		dir := t.TempDir()
		j := mustOpen(t, dir, p.disk)
		keep(t, j, "a", "b")
		p.room = room
		full := 0
		for range 3 {
			for _, id := range []string{"c", "d", "e"} {
				err := j.Append(t.Context(), Owner{}, id, bodyOf(id))
				if errors.Is(err, syscall.ENOSPC) {
					full++
				} else if err != nil {
					t.Fatal(err)
				}
			}
		}
		if full == 0 {
			t.Fatalf("%d bytes of room were enough for three results", room)
		}
		if n := len(mustNumbers(t, dir)); n > 6 {
			t.Fatalf("room for %d bytes: %d segments are left", room, n)
		}
		p.mu.Lock()
		p.room = -1
		p.mu.Unlock()
		keep(t, j, "c", "d", "e", "f")
		want := []string{"a", "b", "c", "d", "e", "f"}
		got := waiting(t, j)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("room for %d bytes: %v wait, want %v", room, got, want)
		}
		j.Close()
		again := waiting(t, mustOpen(t, dir, osDisk()))
		slices.Sort(again)
		if !slices.Equal(again, want) {
			t.Fatalf("room for %d bytes: opened again, %v wait, want %v", room, again, want)
		}
	}
}

func TestAWriteThatIsNotSyncedIsNotAccepted(t *testing.T) {
	p := newPlug()
	dir := t.TempDir()
	j := mustOpen(t, dir, p.disk)
	keep(t, j, "a")
	p.broken = true
	if err := j.Append(t.Context(), Owner{}, "b", bodyOf("b")); !errors.Is(err, syscall.EIO) {
		t.Errorf("the error is %v", err)
	}
	p.mu.Lock()
	p.broken = false
	p.mu.Unlock()
	keep(t, j, "b")
	if got := mustNumbers(t, dir); len(got) != 2 {
		t.Errorf("segments %v; one whose sync failed must not be written again", got)
	}
	if err := j.Done(t.Context(), "b"); err != nil {
		t.Fatal(err)
	}
	j.Close()
	if got := waiting(t, mustOpen(t, dir, osDisk())); !slices.Equal(got, []string{"a"}) {
		t.Errorf("%v wait, want a: b was done, however often it was written", got)
	}
}

func TestAppendsThatComeTogetherShareASync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlug()
		j := mustOpen(t, t.TempDir(), p.disk)
		held := make(chan struct{})
		j.disk.fault = func(step string) {
			if step == "writing" {
				<-held
			}
		}
		var wg sync.WaitGroup
		for n := range 200 {
			wg.Go(func() { keep(t, j, fmt.Sprint(n)) })
		}
		synctest.Wait() // one write waits, and all other results for it
		close(held)
		wg.Wait()
		if n := len(waiting(t, j)); n != 200 || p.syncs > 2 {
			t.Errorf("%d results took %d syncs", n, p.syncs)
		}
		j.Close()
	})
}

func TestResultsThatStayDoNotKeepTheDiskAndStayFirst(t *testing.T) {
	dir := t.TempDir()
	j := mustOpen(t, dir, osDisk())
	big := make([]byte, 100<<10)
	keep(t, j, "stuck", "also stuck")
	for n := range 15 { // a good part of the oldest segment
		if err := j.Append(t.Context(), Owner{}, fmt.Sprint("large ", n), big); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 1000 { // 100 MB
		id := fmt.Sprint(n)
		if err := j.Append(t.Context(), Owner{}, id, big); err != nil {
			t.Fatal(err)
		}
		if err := j.Done(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(mustNumbers(t, dir)); n > spareSegments+3 {
		t.Errorf("%d segments are left", n)
	}
	for n := range 15 {
		if err := j.Done(t.Context(), fmt.Sprint("large ", n)); err != nil {
			t.Fatal(err)
		}
	}
	keep(t, j, "new")
	want := []string{"stuck", "also stuck", "new"}
	if got := waiting(t, j); !slices.Equal(got, want) {
		t.Errorf("%v wait, want %v", got, want)
	}
	j.Close()
	if got := waiting(t, mustOpen(t, dir, osDisk())); !slices.Equal(got, want) {
		t.Errorf("opened again, %v wait, want %v", got, want)
	}
}

func TestOneProcessHasAJournal(t *testing.T) {
	dir := t.TempDir()
	j := mustOpen(t, dir, osDisk())
	if _, err := OpenJournal(dir, quiet()); !errors.Is(err, ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	j.Close()
	mustOpen(t, dir, osDisk())
}

func TestJournalsAndMemoryAreBounded(t *testing.T) {
	j := mustOpen(t, t.TempDir(), osDisk())
	j.index.bytes = journalLimit
	m := &memory{limit: 100, index: newIndex(), done: newRecent()}
	for name, s := range map[string]Store{"journal": j, "memory": m} {
		if err := s.Append(context.Background(), Owner{}, "a", make([]byte, 101)); !errors.Is(err, ErrFull) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, bad := range []error{
		j.Append(t.Context(), Owner{}, "", nil), j.Append(t.Context(), Owner{}, string(make([]byte, maxID+1)), nil), j.Append(t.Context(), Owner{}, "a", make([]byte, maxBody+1)),
	} {
		if bad == nil {
			t.Error("a record that could not be read back was accepted")
		}
	}
}

func FuzzScan(f *testing.F) {
	whole := appendRecord([]byte(segmentMagic), &record{kind: kindResult, id: "a", seq: 1, body: []byte("body")})
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Fuzz(func(t *testing.T, garbage []byte) {
		scan(garbage, func(record) {})
		found := 0
		segment := appendRecord(bytes.Clone(garbage), &record{kind: kindResult, id: "last", seq: 7, body: []byte("body")})
		end, _ := scan(segment, func(r record) {
			if r.id == "last" && r.seq == 7 && string(r.body) == "body" {
				found++
			}
		})
		if found == 0 && end != len(segment) { // else garbage claims the record as its own body
			t.Errorf("the record behind %d bytes is not found", len(garbage))
		}
	})
}
