package cluster

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/roomtick/roomtick/loadtest/client"
)

// ready asks a node whether it is, and what it says.
func (c *Cluster) ready(t *testing.T, node int) (status int, text string) {
	t.Helper()
	resp, err := http.Get(c.Nodes[node].Admin() + "/readyz") //nolint:noctx // a test
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(raw)
}

func TestANodeThatStartsWithoutRedisJoinsWhenItIsThere(t *testing.T) {
	c := startCluster(t, 2)
	room := seat(t, c.Nodes[0].URL, map[string]any{"game": "wander", "create": true}).Room
	end := watch(t, client.Options{URL: c.Nodes[0].URL, Game: "wander", Room: room, Name: "watch"})
	c.KillNode(1)
	c.Redis.Kill()
	if err := c.StartNode(context.Background(), 1); err != nil {
		t.Fatal(err)
	}
	if status, text := c.ready(t, 1); status != http.StatusServiceUnavailable || !strings.Contains(text, "refused") {
		t.Errorf("ready: %d %s", status, text)
	}
	if a := match(t, c.Nodes[1].URL, map[string]any{"game": "wander"}); a.status != http.StatusServiceUnavailable || a.retry == "" || a.Code != "directory-away" {
		t.Errorf("without Redis: %+v", a)
	}
	if status, text := c.ready(t, 0); status != http.StatusOK { // its players come back to it
		t.Errorf("the one that was there before: %d %s", status, text)
	}
	if err := c.Redis.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	took := within(t, 10*time.Second, "it has joined", func() bool {
		status, _ := c.ready(t, 1)
		return status == http.StatusOK && listed(t, c.Nodes[1].URL)[room]
	})
	t.Logf("joined %v after Redis", took.Round(10*time.Millisecond))
	if a := seat(t, c.Nodes[1].URL, map[string]any{"game": "wander"}); a.Room != room {
		t.Errorf("it made a room of its own: %+v", a)
	}
	if n := end(); n.Resumes > 0 {
		t.Errorf("who played noticed: %+v", n)
	}
}

// login is the key of a studio's login, and bearer a token of it.
const login = "the key of a login that is long enough for HS256"

func bearer(sub string) string {
	b64 := base64.RawURLEncoding
	text := b64.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." +
		b64.EncodeToString(fmt.Appendf(nil, `{"sub":%q,"exp":%d}`, sub, time.Now().Add(time.Hour).Unix()))
	mac := hmac.New(sha256.New, []byte(login))
	mac.Write([]byte(text))
	return "Bearer " + text + "." + b64.EncodeToString(mac.Sum(nil))
}

func TestABanHoldsOnEveryNodeAndOutlivesRedis(t *testing.T) {
	c := startWith(t, Options{Nodes: 3, Args: func(int) []string { return []string{"-jwt-key", login} }})
	tries := func(node int, sub string) int {
		t.Helper()
		status, err := ask(http.MethodPost, c.Nodes[node].URL+"/v1/match", map[string]any{"game": "wander"}, nil, "Authorization", bearer(sub))
		if err != nil {
			t.Fatal(err)
		}
		return status
	}
	if status := tries(2, "eve"); status != http.StatusOK {
		t.Fatalf("before: %d", status)
	}
	if status, err := ask(http.MethodPost, c.Nodes[0].Admin()+"/v1/players/eve/kick?seconds=600", nil, nil); err != nil || status != http.StatusOK {
		t.Fatalf("kick: %d, %v", status, err)
	}
	for node := range c.Nodes {
		took := within(t, 10*time.Second, "the ban holds", func() bool { return tries(node, "eve") == http.StatusForbidden })
		t.Logf("node %d: after %v", node+1, took.Round(10*time.Millisecond))
	}
	c.Redis.Kill()
	if err := c.Redis.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	c.KillNode(1)
	if err := c.StartNode(context.Background(), 1); err != nil {
		t.Fatal(err)
	}
	within(t, 10*time.Second, "it holds on a node that has come since, of an empty Redis", func() bool { return tries(1, "eve") == http.StatusForbidden })
	if status := tries(1, "ada"); status != http.StatusOK {
		t.Errorf("another player: %d", status)
	}
}

func TestARequestThatIsRepeatedAtAnotherNodeIsServedOnce(t *testing.T) {
	c := startCluster(t, 3)
	var first, again struct{ Room, Token string }
	post := func(node int, answer any) {
		t.Helper()
		within(t, 5*time.Second, "it is answered", func() bool {
			status, err := ask(http.MethodPost, c.Nodes[node].URL+"/v1/match", map[string]any{"game": "wander", "create": true}, answer, "Idempotency-Key", "once")
			return err == nil && status == http.StatusOK
		})
	}
	post(0, &first)
	c.KillNode(0)
	for _, node := range []int{1, 2} {
		post(node, &again)
		if first.Token == "" || again != first {
			t.Errorf("first %+v, at node %d %+v", first, node+1, again)
		}
	}
}
