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
func (c *contract) askSocket(b booking) {
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
