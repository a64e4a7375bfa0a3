//go:build unix

package results

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/roomtick/roomtick/room"
)

var crashResults = flag.Int("crash-results", 600, "results of the test that kills processes")

// Variables of a process that the crash test starts and kills.
const (
	crashDir   = "ROOMTICK_CRASH_DIR"
	crashURL   = "ROOMTICK_CRASH_URL"
	crashStep  = "ROOMTICK_CRASH_STEP"  // where it kills itself; empty: nowhere
	crashTime  = "ROOMTICK_CRASH_TIME"  // at the how manieth time there
	crashFirst = "ROOMTICK_CRASH_FIRST" // number of the first room
	crashCount = "ROOMTICK_CRASH_COUNT" // of rooms
	crashFlush = "ROOMTICK_CRASH_FLUSH" // seconds it may take to deliver what is left
)

// crashSteps are all places between a match's end and the end of its result's delivery.
var crashSteps = []string{
	"finished", "segment made", "writing", "written", "synced", "saved", // on its way to the disk
	"sending", "answered", "done", // to the receiver, and out of the store
	"moving", "deleting", "deleted", // and what happens to the files
}

var fileSteps = []string{"segment made", "moving", "deleting", "deleted"}

// runVictim is a process that hands rooms' results over and says which ones are saved, until
// it kills itself at a step, or everything is delivered.
func runVictim() {
	die := func(err error) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	number := func(name string) int {
		n, err := strconv.Atoi(os.Getenv(name))
		if err != nil {
			die(err)
		}
		return n
	}
	left := number(crashTime)
	var mu sync.Mutex
	fault := func(step string) {
		mu.Lock()
		defer mu.Unlock()
		if step != os.Getenv(crashStep) {
			return
		}
		if left--; left == 0 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // nothing happens after it
		}
	}
	d := osDisk()
	d.fault = fault
	j, err := openJournal(os.Getenv(crashDir), slog.New(slog.DiscardHandler), d)
	if err != nil {
		die(err)
	}
	j.segmentSize = 8 << 10 // files come and go
	s := New(Config{Store: j, Receivers: []Receiver{NewWebhook(os.Getenv(crashURL), newKey)}, Log: slog.New(slog.DiscardHandler), fault: fault})
	first := number(crashFirst)
	for n := first; n < first+number(crashCount); n++ {
		id := fmt.Sprint("room-", n)
		<-s.Take(room.Outcome{Room: id, Game: "tag", Result: []byte(strconv.Quote(strings.Repeat("x", 2000)))})
		fmt.Println(id) // as the room's players hear of it
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(number(crashFlush))*time.Second)
	defer cancel()
	s.Flush(ctx)
	if _, err := s.Close(); err != nil {
		die(err)
	}
}

// studioServer is a webhook's receiver: it believes signatures, and counts each id once.
type studioServer struct {
	mu    sync.Mutex     // guards the following
	picky bool           // does not like every tenth room
	sent  map[string]int // how often, by id
	rooms map[string]int // results counted, by room
	wrong []string
}

func (s *studioServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // it was killed while it sent
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var got Result
	id := r.Header.Get(IDHeader)
	if err := json.Unmarshal(body, &got); err != nil || got.ID != id || len(got.Result) < 2000 {
		s.wrong = append(s.wrong, fmt.Sprintf("%s: %v", id, err))
	}
	if err := Verify(r.Header.Get(SignatureHeader), body, time.Now(), newKey); err != nil {
		s.wrong = append(s.wrong, err.Error())
	}
	if s.picky && strings.HasSuffix(got.Room, "7") {
		w.WriteHeader(http.StatusUnprocessableEntity)
		return
	}
	if s.sent[id]++; s.sent[id] == 1 {
		s.rooms[got.Room]++
	}
}

func TestProcessesKilledAtEveryStepLoseNoResultAndDoubleNone(t *testing.T) {
	studio := &studioServer{picky: true, sent: make(map[string]int), rooms: make(map[string]int)}
	receiver := httptest.NewServer(studio)
	defer receiver.Close()
	dir := filepath.Join(t.TempDir(), "results")
	saved := make(map[string]bool)
	const each = 20 // results of one process
	killed := make(map[string]int)
	r := rand.New(rand.NewPCG(9, 0))
	first := 0
	for ; first < *crashResults; first += each {
		step := crashSteps[r.IntN(len(crashSteps))]
		for _, other := range crashSteps { // every second time the one at which the fewest died
			if first/each%2 == 0 && killed[other] < killed[step] {
				step = other
			}
		}
		at := 1 + r.IntN(each/2)
		if slices.Contains(fileSteps, step) {
			at = 1 // a process comes there once, if at all
		}
		if startVictim(t, dir, receiver.URL, step, at, first, each, 1, saved) {
			killed[step]++
		}
	}
	studio.mu.Lock()
	studio.picky = false
	studio.mu.Unlock()
	startVictim(t, dir, receiver.URL, "", 0, first, 0, 60, saved) // delivers what is left
	doubled := 0
	for id := range saved {
		if n := studio.rooms[id]; n != 1 {
			t.Errorf("the result of %s was counted %d times", id, n)
		}
	}
	for _, n := range studio.sent {
		doubled += n - 1
	}
	for id, n := range studio.rooms {
		if n != 1 {
			t.Errorf("the result of %s was counted %d times", id, n)
		}
	}
	for _, wrong := range studio.wrong {
		t.Error(wrong)
	}
	t.Logf("%d results were said to be saved, %d arrived, %d of them were sent again; kills: %v", len(saved), len(studio.rooms), doubled, killed)
	for _, step := range crashSteps {
		if killed[step] == 0 {
			t.Errorf("no process died at %q", step)
		}
	}
}

// startVictim runs one process and notes what it said to be saved; it reports whether it
// was killed.
func startVictim(t *testing.T, dir, url, step string, at, first, count, flush int, saved map[string]bool) bool {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashDir+"="+dir, crashURL+"="+url, crashStep+"="+step,
		crashTime+"="+strconv.Itoa(at), crashFirst+"="+strconv.Itoa(first), crashCount+"="+strconv.Itoa(count), crashFlush+"="+strconv.Itoa(flush))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		saved[lines.Text()] = true
	}
	err = cmd.Wait()
	status, _ := cmd.ProcessState.Sys().(syscall.WaitStatus)
	switch {
	case err == nil:
		return false
	case status.Signal() == syscall.SIGKILL:
		return true
	}
	t.Fatalf("the process at step %q: %v", step, err)
	return false
}
