package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/roomtick/roomtick/sim"
)

// contract is the served OpenAPI document, and what was seen of it.
type contract struct {
	t      *testing.T
	schema *jsonschema.Compiler
	doc    struct {
		Paths map[string]map[string]*described
	}
	seen map[string]bool // "operation status"
}

// described is an operation.
type described struct {
	OperationID string
	RequestBody struct {
		Content map[string]any
	}
	Responses map[string]struct {
		Content map[string]struct{ Schema any }
	}
}

const specURL = "http://spec/openapi.json"

func newContract(t *testing.T, s *running) *contract {
	t.Helper()
	_, body := get(t, s.url+"/openapi.json")
	c := &contract{t: t, schema: jsonschema.NewCompiler(), seen: make(map[string]bool)}
	if err := json.Unmarshal([]byte(body), &c.doc); err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	c.schema.AssertFormat()
	c.schema.DefaultDraft(jsonschema.Draft2020) // as OpenAPI 3.1 says
	if err := c.schema.AddResource(specURL, doc); err != nil {
		t.Fatal(err)
	}
	return c
}

// find returns the operation that a request is for.
func (c *contract) find(method, path string) (at string, op *described) {
	for pattern, methods := range c.doc.Paths {
		expression := regexp.MustCompile(`\\\{[a-z]+\\\}`).ReplaceAllString(regexp.QuoteMeta(pattern), `[^/]+`)
		if op := methods[strings.ToLower(method)]; op != nil && regexp.MustCompile("^"+expression+"$").MatchString(path) {
			return "/paths/" + escape(pattern) + "/" + strings.ToLower(method), op
		}
	}
	return "", nil
}

// escape makes a key a part of a JSON pointer in a URL.
func escape(key string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(key)
}

// ask sends a request and holds its answer against the document.
func (c *contract) ask(base, method, path, body string, header ...string) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, base+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	at, op := c.find(method, req.URL.Path)
	if op == nil {
		c.t.Fatalf("%s %s is not described", method, path)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	status := fmt.Sprint(res.StatusCode)
	c.seen[op.OperationID+" "+status] = true
	c.check(fmt.Sprintf("%s %s %.80s: %s", method, path, body, status), at+"/responses/"+status, op, res)
}

func (c *contract) check(what, at string, op *described, res *http.Response) {
	c.t.Helper()
	answer, known := op.Responses[fmt.Sprint(res.StatusCode)]
	kind, _, _ := strings.Cut(res.Header.Get("Content-Type"), ";")
	if !known {
		c.t.Errorf("%s is not described", what)
		return
	}
	if len(answer.Content) == 0 {
		return
	}
	if _, described := answer.Content[kind]; !described {
		c.t.Errorf("%s: Content-Type %q is not described", what, kind)
		return
	}
	body := io.Reader(res.Body)
	if kind == "text/event-stream" {
		body = firstData(res.Body)
	}
	value, err := jsonschema.UnmarshalJSON(body)
	if err != nil {
		c.t.Errorf("%s: %v", what, err)
		return
	}
	schema, err := c.schema.Compile(specURL + "#" + at + "/content/" + escape(kind) + "/schema")
	if err != nil {
		c.t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		c.t.Errorf("%s: %#v", what, err)
	}
}

// firstData reads the data of the first event.
func firstData(r io.Reader) io.Reader {
	var b bytes.Buffer
	for chunk := make([]byte, 4096); !bytes.Contains(b.Bytes(), []byte("\n\n")); {
		n, err := r.Read(chunk)
		b.Write(chunk[:n])
		if err != nil {
			break
		}
	}
	_, data, _ := bytes.Cut(b.Bytes(), []byte("data: "))
	return bytes.NewReader(data)
}

// unreached are answers that the document has and no request of this test can bring about.
var unreached = map[string]string{
	"rooms 503":  "only a directory on another machine is ever away",
	"socket 503": "only while the server goes away",

	"ticket 503":     "only a directory on another machine is ever away",
	"accept 503":     "likewise",
	"decline 503":    "likewise",
	"cancel 503":     "likewise",
	"party 503":      "likewise",
	"joinParty 503":  "likewise",
	"getParty 503":   "likewise",
	"leaveParty 503": "likewise",
}

func TestTheRunningServerKeepsToItsOpenAPIDocument(t *testing.T) {
	s := startBoard(t, "-jwt-key", loginKey, "-anonymous", "-max-rooms", "3", "-region", "eu", "-build", "7")
	c := newContract(t, s)
	made := s.joinBoard(t, `"create":true,"options":{"size":7},"properties":{"map":"dust","ranked":true},"mode":"duel"`)
	s.joinBoard(t, `"create":true,"password":"x"`)

	post := func(body string, header ...string) { c.ask(s.url, "POST", "/v1/match", body, header...) }
	post(boardBody(`"mode":"duel","filter":{"map":{"in":["dust","ice"]},"size":{"min":7,"max":7},"ranked":true},"sort":"latency","latencies":{"eu":20}`))
	post(boardBody(`"create":true,"private":true,"lateJoin":false`), bearerOf(t, "ada", time.Hour)...)
	post(boardBody(`"create":true`))                                        // 503
	post(boardBody(``), "Idempotency-Key", "")                              // 400
	post(`{"game":`)                                                        // 400
	post(boardBody(``), "Authorization", "Bearer x")                        // 401
	post(boardBody(``), bearerOf(t, "ada", -time.Hour)...)                  // 401
	post(boardBody(``), "Origin", "https://evil.example")                   // 403
	post(boardBody(`"room":"` + made.Room + `","password":"y","mode":"x"`)) // 200: the password is not asked for
	post(`{"game":"chess"}`)                                                // 404
	post(boardBody(`"code":"000000"`))                                      // 404
	post(boardBody(`"build":"6"`))                                          // 409
	post(strings.Repeat(" ", maxBody+1))                                    // 413
	post(`game=board`, "Content-Type", "text/plain")                        // 415
	post(boardBody(`"create":true,"room":"x"`))                             // 422
	post(boardBody(`"options":{"boom":true},"mode":"boom"`))                // 500 or 503
	for range guessBurst + 1 {
		post(boardBody(`"room":"x","password":"y"`)) // 404, then 429
	}
	c.ask(s.url, "GET", "/v1/games", "")
	c.ask(s.url, "GET", "/v1/regions", "")
	c.ask(s.url, "GET", "/v1/ping", "")
	c.ask(s.url, "GET", "/v1/rooms?limit=1&sort=fill&free=1", "")
	c.ask(s.url, "GET", "/v1/rooms?filter=%7B%22map%22%3A%22dust%22%7D&region=eu", "")
	c.ask(s.url, "GET", "/v1/rooms?limit=1", "")
	for _, bad := range []string{"limit=0", "filter=x", "latencies=x", "sort=luck"} {
		c.ask(s.url, "GET", "/v1/rooms?"+bad, "")
	}
	for range maxWatchingOfOne {
		s.listen(t, "", "").next("list")
	}
	c.ask(s.url, "GET", "/v1/rooms/watch", "") // 503
	c.ask(s.url, "GET", "/v1/rooms/watch?free=x", "")
	c.ask(s.url, "GET", "/v1/rooms/x/ws", "")                                     // 403
	c.ask(s.url, "GET", "/v1/rooms/x/ws", "", "Sec-WebSocket-Protocol", "seat.x") // 400
	c.askSocket(made)

	fresh := startBoard(t, "-join-rate", "0.1")
	c.ask(fresh.url, "POST", "/v1/match", boardBody(`"options":{"boom":true}`)) // 500
	c.ask(fresh.url, "GET", "/v1/rooms", "")
	c.ask(fresh.url, "GET", "/v1/rooms", "") // 429
	c.ask(fresh.url, "GET", "/v1/rooms/watch", "")
	c.ask(fresh.url, "GET", "/v1/rooms/watch", "") // 429
	c.ask(fresh.url, "GET", "/v1/rooms/x/ws", "")
	c.ask(fresh.url, "GET", "/v1/rooms/x/ws", "") // 429
	c.done()
}

// askSocket opens a socket as a client does.
func (c *contract) askSocket(b reservation) {
	c.t.Helper()
	p, err := dial(c.t, b.URL, "seat."+b.Token)
	if err != nil {
		c.t.Error(err)
		return
	}
	p.play(c.t)
	c.seen["socket 101"] = true
}

// done reports what the document has and nobody has seen.
func (c *contract) done() {
	c.t.Helper()
	for path, methods := range c.doc.Paths {
		for method, op := range methods {
			for status := range op.Responses {
				key := op.OperationID + " " + status
				if _, excused := unreached[key]; c.seen[key] == excused {
					c.t.Errorf("%s %s: %s was seen: %v", method, path, key, c.seen[key])
				}
			}
		}
	}
}

func TestTicketsKeepToTheOpenAPIDocument(t *testing.T) {
	alone := sim.Define[pool](sim.Config{Name: "alone", MaxPlayers: 2, Queues: []sim.Queue{{Name: "ffa", TeamSize: 1}}})
	s := start(t, []*sim.Definition{poolOfQueues, alone}, "-jwt-key", loginKey, "-anonymous")
	c := newContract(t, s)
	for path := range c.doc.Paths { // the others have a test of their own
		if !strings.HasPrefix(path, "/v1/tickets") && !strings.HasPrefix(path, "/v1/parties") {
			delete(c.doc.Paths, path)
		}
	}
	a, b := s.enqueue(t, duelOf("pairs", 1500)), s.enqueue(t, duelOf("duel", 1500))
	duel, long := `{"game":"pool","queue":"duel"}`, strings.Repeat("x", 65)
	hurt := func(method, path, body string) { // what can be wrong with any request
		c.ask(s.url, method, path, body, "Authorization", "Bearer x")      // 401
		c.ask(s.url, method, path, body, "Origin", "https://evil.example") // 403
		c.ask(s.url, method, path, body, "Idempotency-Key", "")            // 400
		c.ask(s.url, method, path, strings.Repeat(" ", maxBody+1))         // 413
		c.ask(s.url, method, path, "x", "Content-Type", "text/plain")      // 415
		c.ask(s.url, method, path, `{"name":7}`)                           // 422
	}
	for _, path := range []string{"/v1/tickets", "/v1/parties", "/v1/parties/join"} {
		hurt("POST", path, duel)
	}
	c.ask(s.url, "POST", "/v1/tickets", duel, bearerOf(t, "ada", time.Hour)...)
	c.ask(s.url, "POST", "/v1/tickets", `{"game":"pool","queue":"pairs"}`, bearerOf(t, "eve", time.Hour)...)
	c.ask(s.url, "POST", "/v1/tickets", `{"game":"pool","queue":"pairs"}`, bearerOf(t, "eve", time.Hour)...) // 409, once it is known
	c.ask(s.url, "POST", "/v1/tickets", `{"game":"chess","queue":"duel"}`)
	code, us := s.party(t, 2)
	party := `{"game":"pool","queue":"duel","party":"` + code + `"}`
	c.ask(s.url, "POST", "/v1/tickets", party, "Ticket-Secret", us[0].secret) // 409
	c.ask(s.url, "POST", "/v1/parties", `{"game":"pool","name":"Ada","properties":{"map":"dust"},"latencies":{"eu":5}}`)
	c.ask(s.url, "POST", "/v1/parties", `{"game":"alone"}`) // 409
	c.ask(s.url, "POST", "/v1/parties", `{"game":"chess"}`)
	c.ask(s.url, "POST", "/v1/parties/join", `{"code":"`+code+`"}`) // 404: it is full
	open, _ := s.party(t, 1)
	c.ask(s.url, "POST", "/v1/parties/join", `{"code":"`+open+`"}`)
	c.ask(s.url, "POST", "/v1/parties/join", `{"code":"000000"}`)
	queued, them := s.party(t, 1)
	them[0].queueParty(t, queued, "pairs")
	c.ask(s.url, "POST", "/v1/parties/join", `{"code":"`+queued+`"}`) // 409: it waits
	for _, path := range []string{"/v1/parties/" + code, "/v1/parties/000000", "/v1/parties/" + long} {
		c.ask(s.url, "GET", path, "", "Ticket-Secret", us[0].secret)
		c.ask(s.url, "DELETE", path, "")
		c.ask(s.url, "DELETE", path, "", "Origin", "https://evil.example") // 403
	}
	c.ask(s.url, "GET", "/v1/parties/"+code, "", "Authorization", "Bearer x")
	c.ask(s.url, "DELETE", "/v1/parties/"+code, "", "Authorization", "Bearer x")
	c.ask(s.url, "DELETE", "/v1/parties/"+code, "", "Ticket-Secret", us[0].secret)

	for _, q := range []string{"", "?wait=0.1", "?wait=99"} {
		c.ask(s.url, "GET", a.path(q), "", "Ticket-Secret", a.secret)
	}
	c.ask(s.url, "GET", "/v1/tickets/x", "")
	c.ask(s.url, "GET", a.path(""), "", "Authorization", "Bearer x")
	c.ask(s.url, "GET", "/v1/tickets/x/events", "")
	c.ask(s.url, "GET", a.path("/events"), "", "Authorization", "Bearer x")
	c.ask(s.url, "GET", b.path("/events"), "")
	for range 3 {
		s.enqueue(t, duelOf("pairs", 1500))
	}
	a.until(t, ticketFound)
	loner := s.enqueue(t, duelOf("solo", 1500))
	for _, say := range []struct{ method, path string }{{"POST", "/accept"}, {"POST", "/decline"}, {"DELETE", ""}} {
		c.ask(s.url, say.method, a.path(say.path), "", "Ticket-Secret", a.secret)
		c.ask(s.url, say.method, a.path(say.path), "") // 403
		c.ask(s.url, say.method, a.path(say.path), "", "Authorization", "Bearer x")
		c.ask(s.url, say.method, "/v1/tickets/x"+say.path, "")
		c.ask(s.url, say.method, "/v1/tickets/"+long+say.path, "")
		c.ask(s.url, say.method, a.path(say.path), "", "Idempotency-Key", "")
		if say.method == "POST" {
			c.ask(s.url, say.method, loner.path(say.path), "", "Ticket-Secret", loner.secret) // 409
		}
	}
	for range guessBurst {
		c.ask(s.url, "POST", "/v1/parties/join", `{"code":"000000"}`) // 429 at last
	}
	resp, err := http.Post(s.admin+"/v1/queues/pool/duel/drain", "", nil)
	if err != nil || resp.Body.Close() != nil {
		t.Fatal(err)
	}
	c.ask(s.url, "POST", "/v1/tickets", duel) // 503

	few := startQueues(t, "-join-rate", "2.4")
	w := few.enqueue(t, duelOf("solo", 1500))
	for range maxWatchingOfOne {
		few.listenAt(t, w.path("/events"))
	}
	c.ask(few.url, "GET", w.path("/events"), "") // 503

	slow := startQueues(t, "-join-rate", "0.1")
	for range 2 {
		c.ask(slow.url, "POST", "/v1/tickets", duel)
		c.ask(slow.url, "POST", "/v1/parties", duel)
		for _, path := range []string{"/v1/tickets/x", "/v1/tickets/x/events", "/v1/parties/x"} {
			c.ask(slow.url, "GET", path, "")
		}
		for _, path := range []string{"/v1/tickets/x", "/v1/parties/x"} {
			c.ask(slow.url, "DELETE", path, "")
		}
		for _, path := range []string{"/v1/tickets/x/accept", "/v1/tickets/x/decline", "/v1/parties/join"} {
			c.ask(slow.url, "POST", path, "")
		}
	}
	c.done()
}

// listenAt holds a stream open until the test ends.
func (s *running) listenAt(t *testing.T, path string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
}

func TestEveryProblemCodeIsInTheDocument(t *testing.T) {
	_, spec, err := newAPI(newTestNode(t, config{}))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Components struct {
			Schemas struct {
				Problem struct {
					Properties struct{ Code struct{ Enum []string } }
				}
			}
		}
	}
	if err := json.Unmarshal(spec, &doc); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, m := range regexp.MustCompile(`problem\([a-zA-Z.]+, "([a-z-]+)"|\bcode :?= "([a-z-]+)"`).FindAllStringSubmatch(string(source), -1) {
			codes = append(codes, m[1]+m[2])
		}
	}
	slices.Sort(codes)
	if codes = slices.Compact(codes); !slices.Equal(codes, doc.Components.Schemas.Problem.Properties.Code.Enum) {
		t.Errorf("the code has\n%s\nthe document has\n%s", codes, doc.Components.Schemas.Problem.Properties.Code.Enum)
	}
}
