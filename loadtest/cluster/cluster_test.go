package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/roomtick/roomtick/loadtest/client"
)

// program is the server of sim/wander, built once without the race detector.
var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "roomtick-cluster-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	program = filepath.Join(dir, "wander")
	out, err := exec.Command("go", "build", "-o", program, "../../examples/wander").CombinedOutput()
	code := 1
	if err == nil {
		code = m.Run()
	} else {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
	}
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

func startCluster(t *testing.T, nodes int, args ...string) *Cluster {
	t.Helper()
	c, err := Start(context.Background(), Options{Program: program, Nodes: nodes, Addr: "127.0.0.1:0", Dir: t.TempDir(), Args: args})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// answer is what POST /v1/match says, whether it is a seat or a problem.
type answer struct {
	status int
	retry  string
	took   time.Duration

	Room, URL, Token, Code, Detail string
}

// match asks one node for a seat.
func match(t *testing.T, base string, asked map[string]any) answer {
	t.Helper()
	a, err := tryMatch(base, asked)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func tryMatch(base string, asked map[string]any) (a answer, err error) {
	body, err := json.Marshal(asked)
	if err != nil {
		return a, err
	}
	start := time.Now()
	resp, err := http.Post(base+"/v1/match", "application/json", bytes.NewReader(body)) //nolint:noctx // a test
	if err != nil {
		return a, err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return a, err
	}
	a.status, a.retry, a.took = resp.StatusCode, resp.Header.Get("Retry-After"), time.Since(start)
	return a, json.Unmarshal(raw, &a)
}

// listed are the rooms that a node tells of.
func listed(t *testing.T, base string) map[string]bool {
	t.Helper()
	resp, err := http.Get(base + "/v1/rooms") //nolint:noctx // a test
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var said struct{ Rooms []struct{ Room string } }
	if err := json.NewDecoder(resp.Body).Decode(&said); err != nil {
		t.Fatal(err)
	}
	rooms := make(map[string]bool)
	for _, r := range said.Rooms {
		rooms[r.Room] = true
	}
	return rooms
}

// within waits until something is so.
func within(t *testing.T, limit time.Duration, what string, so func() bool) time.Duration {
	t.Helper()
	start := time.Now()
	for !so() {
		if time.Since(start) > limit {
			t.Fatalf("not within %v: %s", limit, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
	return time.Since(start)
}

// watch plays a bot for as long as the test wants, and says what it saw.
func watch(t *testing.T, base, game, room string) (end func() client.Counts) {
	t.Helper()
	b, err := client.Join(t.Context(), client.Options{URL: base, Game: game, Room: room, Name: "watch"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = b.Run(ctx) }()
	return func() client.Counts {
		cancel()
		<-done
		return b.Counts()
	}
}

func TestOfAThousandPlayersAtThreeNodesTenGetTheTenSeats(t *testing.T) {
	c := startCluster(t, 3)
	first := match(t, c.Nodes[0].URL, map[string]any{"game": "wander-10", "create": true})
	if first.status != http.StatusOK {
		t.Fatalf("%+v", first)
	}
	within(t, 5*time.Second, "all nodes know the room", func() bool {
		return listed(t, c.Nodes[1].URL)[first.Room] && listed(t, c.Nodes[2].URL)[first.Room]
	})
	var mu sync.Mutex
	got := make(map[int]int)
	tokens := map[string]bool{first.Token: true}
	var all sync.WaitGroup
	lanes := make(chan struct{}, 64) // sockets of this process at once
	for i := range 1000 {
		all.Go(func() {
			lanes <- struct{}{}
			defer func() { <-lanes }()
			a, err := tryMatch(c.Nodes[i%3].URL, map[string]any{"game": "wander-10", "room": first.Room})
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
				return
			}
			got[a.status]++
			if a.status == http.StatusOK {
				tokens[a.Token] = true
			} else if a.status != http.StatusConflict {
				t.Errorf("%+v", a)
			}
		})
	}
	all.Wait()
	if got[http.StatusOK] != 9 || len(tokens) != 10 {
		t.Errorf("of a thousand %v, and %d tokens in all; ten seats, one of which was taken", got, len(tokens))
	}
}

func TestPlayersOfAllNodesMeetInOneRoom(t *testing.T) {
	c := startCluster(t, 3)
	rooms := make(map[string]int)
	for i := range 9 {
		a := match(t, c.Nodes[i%3].URL, map[string]any{"game": "wander"})
		if a.status != http.StatusOK {
			t.Fatalf("%+v", a)
		}
		rooms[a.Room]++
		within(t, 5*time.Second, "all nodes know the room", func() bool {
			return listed(t, c.Nodes[0].URL)[a.Room] && listed(t, c.Nodes[1].URL)[a.Room] && listed(t, c.Nodes[2].URL)[a.Room]
		})
	}
	if len(rooms) != 1 {
		t.Errorf("nine players of a game of fifty are in %v", rooms)
	}
}

// Conns go to the nodes in turn, so that two of three players are on one that does not
// run their room.
func TestOneAddressIsEnough(t *testing.T) {
	c := startCluster(t, 3)
	room := match(t, c.URL(), map[string]any{"game": "wander", "create": true}).Room
	within(t, 5*time.Second, "all nodes know the room", func() bool {
		return listed(t, c.Nodes[0].URL)[room] && listed(t, c.Nodes[1].URL)[room] && listed(t, c.Nodes[2].URL)[room]
	})
	var ends []func() client.Counts
	for range 6 {
		ends = append(ends, watch(t, c.URL(), "wander", room))
	}
	time.Sleep(2 * time.Second)
	for i, end := range ends {
		if n := end(); n.Received < 20 || n.Resumes > 0 {
			t.Errorf("player %d: %d snapshots in two seconds at 20 a second, %d resumes", i, n.Received, n.Resumes)
		}
	}
}

func TestTheRoomsOfADeadNodeAreForgotten(t *testing.T) {
	c := startCluster(t, 3)
	gone := match(t, c.Nodes[1].URL, map[string]any{"game": "wander", "create": true})
	within(t, 5*time.Second, "another node knows the room", func() bool { return listed(t, c.Nodes[0].URL)[gone.Room] })
	c.KillNode(1)
	a := match(t, c.Nodes[0].URL, map[string]any{"game": "wander"})
	if a.status != http.StatusOK || a.Room == gone.Room {
		t.Errorf("right behind the death: %+v", a)
	}
	took := within(t, 10*time.Second, "the rooms of the dead node are off the list", func() bool { return !listed(t, c.Nodes[0].URL)[gone.Room] })
	t.Logf("off the list after %v", took.Round(10*time.Millisecond))
	if a := match(t, c.Nodes[2].URL, map[string]any{"game": "wander", "room": gone.Room}); a.status != http.StatusNotFound {
		t.Errorf("the dead room: %+v", a)
	}
	if err := c.StartNode(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if a := match(t, c.Nodes[1].URL, map[string]any{"game": "wander"}); a.status != http.StatusOK {
		t.Errorf("a node in its place: %+v", a)
	}
}

func TestRoomsDoNotNoticeThatRedisDies(t *testing.T) {
	c := startCluster(t, 2)
	a := match(t, c.Nodes[0].URL, map[string]any{"game": "wander", "create": true})
	end := watch(t, c.Nodes[0].URL, "wander", a.Room)
	c.Redis.Kill()
	within(t, 5*time.Second, "matches are refused", func() bool {
		return match(t, c.Nodes[1].URL, map[string]any{"game": "wander"}).status == http.StatusServiceUnavailable
	})
	for _, n := range c.Nodes {
		if a := match(t, n.URL, map[string]any{"game": "wander"}); a.status != http.StatusServiceUnavailable || a.retry == "" || a.Code != "directory-away" {
			t.Errorf("without Redis: %+v", a)
		} else {
			t.Logf("refused in %v", a.took.Round(time.Millisecond))
		}
	}
	time.Sleep(8 * time.Second) // longer than any lease
	if err := c.Redis.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	took := within(t, 5*time.Second, "everything is back", func() bool {
		return match(t, c.Nodes[1].URL, map[string]any{"game": "wander"}).status == http.StatusOK && listed(t, c.Nodes[1].URL)[a.Room]
	})
	t.Logf("back after %v", took.Round(10*time.Millisecond))
	if n := end(); n.Resumes > 0 || n.Received < 20*8 {
		t.Errorf("who played noticed: %+v", n)
	}
}
