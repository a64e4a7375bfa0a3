package server

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/andybalholm/brotli"
)

func newTestWeb(t *testing.T) *web {
	t.Helper()
	s, err := newWeb(fstest.MapFS{
		"index.html":  {Data: []byte("<!doctype html>" + strings.Repeat("<p>hello", 100))},
		"roomtick.js": {Data: []byte(strings.Repeat("export {};\n", 100))},
		"tiny.css":    {Data: []byte("a{}")},
	}, func() []string { return []string{"https://play.example"} })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func ask(s http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// unpack undoes a content coding.
func unpack(t *testing.T, coding string, body io.Reader) string {
	t.Helper()
	switch coding {
	case "br":
		body = brotli.NewReader(body)
	case "gzip":
		z, err := gzip.NewReader(body)
		if err != nil {
			t.Fatal(err)
		}
		body = z
	}
	b, err := io.ReadAll(body)
	if err != nil {
		t.Fatalf("%s: %v", coding, err)
	}
	return string(b)
}

func TestFilesAreServedWithTypeCompressionAndETag(t *testing.T) {
	s := newTestWeb(t)
	for path, contentType := range map[string]string{"/": "text/html; charset=utf-8", "/roomtick.js": "text/javascript; charset=utf-8", "/tiny.css": "text/css; charset=utf-8"} {
		plain := ask(s, "GET", path)
		if plain.Code != 200 || plain.Header().Get("Content-Type") != contentType || plain.Header().Get("Content-Encoding") != "" {
			t.Errorf("%s: %d, %v", path, plain.Code, plain.Header())
		}
		etags := map[string]bool{plain.Header().Get("ETag"): true}
		for _, coding := range codings() {
			packed := ask(s, "GET", path, "Accept-Encoding", coding)
			etag := packed.Header().Get("ETag")
			if got := packed.Header().Get("Content-Encoding"); got != coding && path != "/tiny.css" || packed.Header().Get("Vary") != "Accept-Encoding" {
				t.Errorf("%s as %s: %q, headers %v", path, coding, got, packed.Header())
			} else if got != "" && etags[etag] {
				t.Errorf("%s: two forms have the ETag %s", path, etag)
			} else if unpack(t, got, packed.Body) != plain.Body.String() {
				t.Errorf("%s: %s and plain differ", path, coding)
			}
			etags[etag] = true
			again := ask(s, "GET", path, "Accept-Encoding", coding, "If-None-Match", `"other", W/`+etag)
			if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
				t.Errorf("%s with its ETag: %d and %d bytes", path, again.Code, again.Body.Len())
			}
		}
		if head := ask(s, "HEAD", path); head.Code != 200 || head.Body.Len() != 0 {
			t.Errorf("HEAD %s: %d and %d bytes", path, head.Code, head.Body.Len())
		}
	}
}

func TestTheCodingIsTheOneThatTheClientLikesBest(t *testing.T) {
	s := newTestWeb(t)
	for accepted, want := range map[string]string{
		"":                               "",
		"gzip, deflate, br, zstd":        "br",
		"gzip":                           "gzip",
		"br;q=0, gzip":                   "gzip",
		"br;q=0.5, gzip;q=0.8":           "gzip",
		"br; q=0.8, gzip; q=0.8":         "br",
		"gzip;q=0":                       "",
		"gzip;q=0.0, br;q=0.000":         "",
		"*":                              "br",
		"*;q=0.1, br;q=0":                "gzip",
		"*;q=0":                          "",
		"identity, gzip;q=0.5":           "",
		"identity;q=0.5, gzip;q=1.0":     "gzip",
		"GZIP":                           "gzip",
		"deflate":                        "",
		"gzip;q=nonsense":                "",
		"identity;q=0, br;q=0, gzip;q=0": "",
	} {
		if w := ask(s, "GET", "/roomtick.js", "Accept-Encoding", accepted); w.Header().Get("Content-Encoding") != want || w.Code != 200 {
			t.Errorf("%q: got %d %q, want %q", accepted, w.Code, w.Header().Get("Content-Encoding"), want)
		}
	}
}

func TestPageMayRunAndReachNothingButItsServer(t *testing.T) {
	w := ask(secured(newTestWeb(t)), "GET", "/")
	csp := w.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self';", "connect-src 'self' https://play.example wss://play.example;", "frame-ancestors 'none'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("policy %q lacks %q", csp, want)
		}
	}
	if strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
		t.Errorf("policy %q", csp)
	}
	if w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("headers %v", w.Header())
	}
}

func TestUnknownFilesAndMethodsAreProblems(t *testing.T) {
	s := newTestWeb(t)
	for _, path := range []string{"/nothing", "/index.html/..", "/../etc/passwd", "/dist/", "//"} {
		if w := ask(s, "GET", path); w.Code != 404 || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := ask(s, "POST", "/"); w.Code != 405 || w.Header().Get("Allow") == "" {
		t.Errorf("POST /: %d", w.Code)
	}
}

func TestServerHandsOutThePageAndTheSDK(t *testing.T) {
	s := startPool(t)
	if status, page := get(t, s.url+"/"); status != 200 || !strings.Contains(page, "page.js") {
		t.Errorf("the page: %d", status)
	}
	if status, sdk := get(t, s.url+"/roomtick.js"); status != 200 || len(sdk) < 1000 {
		t.Errorf("the SDK: %d, %d bytes", status, len(sdk))
	}
	// The policy forbids inline code and styles; the page must do without.
	if _, page := get(t, s.url+"/"); strings.Contains(page, "<style") || strings.Contains(page, " style=") || strings.Contains(page, "<script>") || strings.Contains(page, " onclick") {
		t.Error("the page holds inline code or styles, which its policy forbids")
	}
}
