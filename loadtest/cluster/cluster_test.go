package cluster

import (
	"bytes"
	"cmp"
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

// program is the server of sim/wander and arena that of sim/arena, which has queues, built
// once without the race detector.
var program, arena string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "roomtick-cluster-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	program, arena = filepath.Join(dir, "wander"), filepath.Join(dir, "roomtick")
	out, err := exec.Command("go", "build", "-o", dir, "../../examples/wander", "../..").CombinedOutput()
	code := 1
	if err == nil {
		code = m.Run()
	} else {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
	}
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

func startCluster(t *testing.T, nodes int) *Cluster {
	t.Helper()
	return startWith(t, Options{Nodes: nodes})
}

func startWith(t *testing.T, o Options) *Cluster {
	t.Helper()
	o.Program, o.Addr, o.Dir = cmp.Or(o.Program, program), "127.0.0.1:0", t.TempDir()
	c, err := Start(context.Background(), o)
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

	Room, URL, Token, Code, Detail string // Code is a problem's, or a private room's
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

// seat is match for who gets one, at once.
func seat(t *testing.T, base string, asked map[string]any) answer {
	t.Helper()
	a := match(t, base, asked)
	if a.status != http.StatusOK {
		t.Fatalf("%+v", a)
	}
	return a
}

// patientMatch asks again when it is told to try again, as clients do: in a storm that takes
// all of a machine Redis may answer too late.
func patientMatch(base string, asked map[string]any) (a answer, err error) {
	for range 20 {
		if a, err = tryMatch(base, asked); err != nil || a.status != http.StatusServiceUnavailable {
			return a, err
		}
		time.Sleep(200 * time.Millisecond)
	}
	return a, err
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
	rooms := make(map[string]bool)
	for _, r := range list(t, base) {
		rooms[r.Room] = true
	}
	return rooms
}

// regionOf is the region of a room that a node tells of.
func regionOf(t *testing.T, base, room string) string {
	t.Helper()
	for _, r := range list(t, base) {
		if r.Room == room {
			return r.Region
		}
	}
	return "no room"
}

func list(t *testing.T, base string) []struct{ Room, Region string } {
	t.Helper()
	resp, err := http.Get(base + "/v1/rooms") //nolint:noctx // a test
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var said struct {
		Rooms []struct{ Room, Region string }
	}
	if err := json.NewDecoder(resp.Body).Decode(&said); err != nil {
		t.Fatal(err)
	}
	return said.Rooms
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
func watch(t *testing.T, o client.Options) (end func() client.Counts) {
	t.Helper()
	b, err := client.Join(t.Context(), o)
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
	first := seat(t, c.Nodes[0].URL, map[string]any{"game": "wander-10", "create": true})
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
			a, err := patientMatch(c.Nodes[i%3].URL, map[string]any{"game": "wander-10", "room": first.Room})
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
		a := seat(t, c.Nodes[i%3].URL, map[string]any{"game": "wander"})
		rooms[a.Room]++
	}
	if len(rooms) != 1 {
		t.Errorf("nine players of a game of fifty are in %v", rooms)
	}
}

// Conns go to the nodes in turn, so that two of three players are on one that does not
// run their room.
func TestOneAddressIsEnough(t *testing.T) {
	c := startCluster(t, 3)
	room := seat(t, c.URL(), map[string]any{"game": "wander", "create": true}).Room
	within(t, 5*time.Second, "all nodes know the room", func() bool {
		return listed(t, c.Nodes[0].URL)[room] && listed(t, c.Nodes[1].URL)[room] && listed(t, c.Nodes[2].URL)[room]
	})
	var ends []func() client.Counts
	for range 6 {
		ends = append(ends, watch(t, client.Options{URL: c.URL(), Game: "wander", Room: room, Name: "watch"}))
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
	gone := seat(t, c.Nodes[1].URL, map[string]any{"game": "wander", "create": true})
	within(t, 5*time.Second, "another node knows the room", func() bool { return listed(t, c.Nodes[0].URL)[gone.Room] })
	c.KillNode(1)
	a := seat(t, c.Nodes[0].URL, map[string]any{"game": "wander"})
	if a.Room == gone.Room {
		t.Errorf("right behind the death: %+v", a)
	}
	took := within(t, 10*time.Second, "the rooms of the dead node are off the list", func() bool { return !listed(t, c.Nodes[0].URL)[gone.Room] })
	t.Logf("off the list after %v", took.Round(10*time.Millisecond))
	if a := match(t, c.Nodes[2].URL, map[string]any{"game": "wander", "room": gone.Room}); a.status != http.StatusNotFound {
		t.Errorf("the dead room: %+v", a)
	}
	if err := c.StartNode(context.Background(), 1); err != nil {
		t.Fatal(err)
	}
	seat(t, c.Nodes[1].URL, map[string]any{"game": "wander"}) // a node in its place
}

func TestRoomsDoNotNoticeThatRedisDies(t *testing.T) {
	c := startCluster(t, 2)
	a := seat(t, c.Nodes[0].URL, map[string]any{"game": "wander", "create": true})
	end := watch(t, client.Options{URL: c.Nodes[0].URL, Game: "wander", Room: a.Room, Name: "watch"})
	c.Redis.Kill()
	within(t, 5*time.Second, "matches are refused", func() bool {
		return match(t, c.Nodes[0].URL, map[string]any{"game": "wander"}).status == http.StatusServiceUnavailable &&
			match(t, c.Nodes[1].URL, map[string]any{"game": "wander"}).status == http.StatusServiceUnavailable
	})
	for _, n := range c.Nodes {
		if a := match(t, n.URL, map[string]any{"game": "wander"}); a.status != http.StatusServiceUnavailable || a.retry == "" || a.Code != "directory-away" {
			t.Errorf("without Redis: %+v", a)
		} else {
			t.Logf("refused in %v", a.took.Round(time.Millisecond))
		}
	}
	time.Sleep(8 * time.Second) // longer than any lease
	if err := c.Redis.Start(context.Background()); err != nil {
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

func TestANodeThatMayRunNoMoreRoomsPassesPlayersOn(t *testing.T) {
	c := startWith(t, Options{Nodes: 2, Args: func(node int) []string { return []string{"-max-rooms", []string{"1", "100"}[node]} }})
	for range 5 {
		seat(t, c.Nodes[0].URL, map[string]any{"game": "wander", "create": true})
	}
	within(t, 5*time.Second, "both nodes know all rooms", func() bool { return len(listed(t, c.Nodes[0].URL)) == 5 && len(listed(t, c.Nodes[1].URL)) == 5 })
}

func TestPlayersAreTakenToTheirRegion(t *testing.T) {
	c := startWith(t, Options{Nodes: 3, Args: func(node int) []string { return []string{"-region", []string{"eu", "us", "asia"}[node]} }})
	inRegion := func(asked map[string]any, want int) {
		t.Helper()
		asked["game"] = "wander"
		a := seat(t, c.Nodes[0].URL, asked)
		within(t, 5*time.Second, "the room's node lists it", func() bool { return listed(t, c.Nodes[want].URL)[a.Room] })
		if in := regionOf(t, c.Nodes[want].URL, a.Room); in != []string{"eu", "us", "asia"}[want] {
			t.Errorf("%v came to %q", asked, in)
		}
	}
	inRegion(map[string]any{"region": "us"}, 1)
	inRegion(map[string]any{"sort": "latency", "latencies": map[string]float64{"eu": 90, "us": 120, "asia": 20}}, 2)
	inRegion(map[string]any{"region": "eu", "sort": "latency", "latencies": map[string]float64{"asia": 20}}, 0)
	if a := match(t, c.Nodes[0].URL, map[string]any{"game": "wander", "region": "moon"}); a.status != http.StatusNotFound && a.status != http.StatusConflict {
		t.Errorf("a region without nodes: %+v", a)
	}
}

func TestACodeOpensItsRoomFromEveryNode(t *testing.T) {
	c := startCluster(t, 3)
	made := seat(t, c.Nodes[0].URL, map[string]any{"game": "wander", "create": true, "private": true, "password": "sesame"})
	for _, n := range c.Nodes {
		in := seat(t, n.URL, map[string]any{"game": "wander", "code": made.Code, "password": "sesame"})
		if in.Room != made.Room {
			t.Errorf("the code opens %q, not %q", in.Room, made.Room)
		}
		wrong := match(t, n.URL, map[string]any{"game": "wander", "code": made.Code, "password": "sesam"})
		none := match(t, n.URL, map[string]any{"game": "wander", "code": "000000"})
		if wrong.status != http.StatusNotFound || wrong.Code != none.Code || wrong.status != none.status || wrong.Detail != none.Detail {
			t.Errorf("another password: %+v, another code: %+v", wrong, none)
		}
		if listed(t, n.URL)[made.Room] {
			t.Error("a private room is listed")
		}
	}
}
