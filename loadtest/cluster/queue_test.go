package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/roomtick/roomtick/loadtest/client"
)

// ask sends a request and reads its answer.
func ask(method, url string, body any, answer any, header ...string) (status int, err error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return 0, err
	}
	r, err := http.NewRequest(method, url, bytes.NewReader(raw)) //nolint:noctx // a test
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	said, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer func() { _ = said.Body.Close() }()
	if raw, err = io.ReadAll(said.Body); err != nil {
		return 0, err
	}
	if answer != nil && said.StatusCode == http.StatusOK {
		err = json.Unmarshal(raw, answer)
	}
	return said.StatusCode, err
}

// ticket is a player who waits for a duel.
type ticket struct{ Ticket, Secret, State, Room, Token, URL string }

// enqueue queues a player at the first of some nodes that answers, under a key. doubtful is
// how often a node died while it was asked: it may have queued the player before.
func enqueue(bases []string, key string, latencies map[string]float64) (t *ticket, doubtful int, err error) {
	t = new(ticket)
	var last error
	for i := range 200 {
		status, err := ask(http.MethodPost, bases[i%len(bases)]+"/v1/tickets",
			map[string]any{"game": "arena", "queue": "duel", "name": key, "latencies": latencies}, t, "Idempotency-Key", key)
		if err == nil && status == http.StatusOK {
			return t, doubtful, nil
		}
		if err != nil && !errors.Is(err, syscall.ECONNREFUSED) {
			doubtful++
		}
		last = fmt.Errorf("%d, %w", status, err)
		time.Sleep(50 * time.Millisecond)
	}
	return nil, doubtful, last
}

// look asks the first of some nodes that answers how a ticket is.
func (t *ticket) look(bases []string) error {
	var last error
	for _, base := range bases {
		status, err := ask(http.MethodGet, base+"/v1/tickets/"+t.Ticket, nil, t, "Ticket-Secret", t.Secret)
		if err == nil && status == http.StatusOK {
			return nil
		}
		last = fmt.Errorf("%d, %w", status, err)
	}
	return last
}

// runs tells whether a node runs a room, private ones included.
func (c *Cluster) runs(t *testing.T, node int, room string) bool {
	t.Helper()
	resp, err := http.Get(c.Nodes[node].Admin() + "/v1/rooms") //nolint:noctx // a test
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(string(raw), room)
}

func (c *Cluster) urls() (list []string) {
	for _, n := range c.Nodes {
		if n != nil {
			list = append(list, n.URL)
		}
	}
	return list
}

func startArena(t *testing.T, regions ...string) *Cluster {
	t.Helper()
	return startWith(t, Options{Program: arena, Nodes: len(regions), Args: func(node int) []string {
		return []string{"-bots", "0", "-region", regions[node]}
	}})
}

func TestMatchesOfAQueueArePlayedInTheRegionOfTheirPlayers(t *testing.T) {
	regions := []string{"eu", "us", "us"}
	c := startArena(t, regions...)
	time.Sleep(2 * time.Second) // every node has heard of the others
	near := map[string]map[string]float64{"eu": {"eu": 20, "us": 140}, "us": {"eu": 130, "us": 15}}
	var waiting []*ticket
	for i := range 24 { // each at any node
		tk, _, err := enqueue(c.urls()[i%3:], fmt.Sprint("p", i), near[regions[i%2]])
		if err != nil {
			t.Fatal(err)
		}
		waiting = append(waiting, tk)
	}
	on := make([]int, len(regions))
	for i, tk := range waiting {
		within(t, 20*time.Second, "the ticket is matched", func() bool { return tk.look(c.urls()) == nil && tk.State == "matched" })
		for node := range regions {
			if c.runs(t, node, tk.Room) {
				on[node]++
				if regions[node] != regions[i%2] {
					t.Errorf("player %d of %s is to play in %s", i, regions[i%2], regions[node])
				}
			}
		}
	}
	t.Logf("players on the nodes of %v: %v", regions, on)
	if on[0] != 12 || on[1]+on[2] != 12 || on[1] == 0 || on[2] == 0 {
		t.Errorf("players on the nodes: %v", on)
	}
	for _, tk := range waiting[:2] { // one of each region
		takeSeat(t, c, tk)
	}
}

// takeSeat plays on the seat of a matched ticket.
func takeSeat(t *testing.T, c *Cluster, tk *ticket) {
	t.Helper()
	if !strings.HasPrefix(tk.URL, "ws"+strings.TrimPrefix(c.URL(), "http")) {
		t.Errorf("the room is at %s, not behind %s", tk.URL, c.URL())
	}
	seat := client.Reservation{Room: tk.Room, URL: tk.URL, Token: tk.Token}
	end := watch(t, client.Options{URL: c.URL(), Game: "arena", Name: "watch", Reservation: &seat})
	time.Sleep(time.Second)
	if n := end(); n.Received == 0 || n.Resumes > 0 {
		t.Errorf("%d snapshots in a second on the seat of a match, %d resumes", n.Received, n.Resumes)
	}
}

// soon tells whether something is so within a time.
func soon(limit time.Duration, so func() bool) bool {
	for start := time.Now(); time.Since(start) < limit; time.Sleep(20 * time.Millisecond) {
		if so() {
			return true
		}
	}
	return so()
}

// The node that matches dies, and so does one that it has sent matches to.
func TestNoTicketIsLostWhenNodesDieWhileMatchesAreMade(t *testing.T) {
	c := startArena(t, "", "", "")
	var mu sync.Mutex
	var waiting []*ticket
	doubtful := 0 // who may have another ticket that nobody knows of
	all := c.urls()
	queueUp := func(name string, n int) *sync.WaitGroup {
		var wg sync.WaitGroup
		for lane := range 4 {
			wg.Go(func() {
				for i := lane; i < n; i += 4 {
					tk, doubts, err := enqueue(all, fmt.Sprint(name, i), nil)
					if err != nil {
						t.Errorf("%s%d cannot queue: %v", name, i, err)
						return
					}
					mu.Lock()
					waiting = append(waiting, tk)
					doubtful += doubts
					mu.Unlock()
				}
			})
		}
		return &wg
	}
	some := func(n int) func() bool {
		return func() bool {
			mu.Lock()
			defer mu.Unlock()
			return len(waiting) >= n
		}
	}
	for node := range 2 {
		wg := queueUp(fmt.Sprint("round", node, "-"), 60)
		within(t, 60*time.Second, "half of them have queued", some(60*node+30))
		c.KillNode(node)
		wg.Wait()
		if err := c.StartNode(context.Background(), node); err != nil {
			t.Fatal(err)
		}
		all = c.urls()
	}
	rooms := make(map[string]int)
	start, late := time.Now(), 0
	for _, tk := range waiting {
		matched := func() bool { return tk.look(all) == nil && tk.State == "matched" }
		if doubtful > 0 && late == 0 && !soon(15*time.Second, matched) {
			late++ // a ticket that nobody knows of has taken the other place
			if _, _, err := enqueue(all, "late", nil); err != nil {
				t.Fatal(err)
			}
		}
		within(t, 60*time.Second, "every ticket is matched", matched)
		rooms[tk.Room]++
	}
	t.Logf("%d tickets in %d rooms, the last %v after the last death", len(waiting), len(rooms), time.Since(start).Round(10*time.Millisecond))
	if len(waiting) != 120 {
		t.Errorf("%d of 120 have queued", len(waiting))
	}
	alone := 0
	for room, n := range rooms {
		switch n {
		case 1:
			alone++
		case 2:
		default:
			t.Errorf("%d players in the duel of %s", n, room)
		}
	}
	if alone > doubtful+late {
		t.Errorf("%d duels of one player, and only %d may have met a ticket that a dying node made", alone, doubtful)
	}
}
