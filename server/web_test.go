package server

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func newTestWeb(t *testing.T) *web {
	t.Helper()
	s, err := newWeb(fstest.MapFS{
		"index.html":  {Data: []byte("<!doctype html>" + strings.Repeat("<p>hello", 100))},
		"roomtick.js": {Data: []byte(strings.Repeat("export {};\n", 100))},
		"tiny.css":    {Data: []byte("a{}")},
	}, "https://play.example")
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

func TestFilesAreServedWithTypeCompressionAndETag(t *testing.T) {
	s := newTestWeb(t)
	for path, contentType := range map[string]string{"/": "text/html; charset=utf-8", "/roomtick.js": "text/javascript; charset=utf-8", "/tiny.css": "text/css; charset=utf-8"} {
		plain, zipped := ask(s, "GET", path), ask(s, "GET", path, "Accept-Encoding", "br, gzip")
		if plain.Code != 200 || plain.Header().Get("Content-Type") != contentType {
			t.Errorf("%s: %d, %s", path, plain.Code, plain.Header().Get("Content-Type"))
		}
		body := zipped.Body.String()
		if zipped.Header().Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(zipped.Body)
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(z)
			if err != nil {
				t.Fatal(err)
			}
			body = string(b)
			if plain.Header().Get("ETag") == zipped.Header().Get("ETag") {
				t.Errorf("%s: both forms have one ETag", path)
			}
		} else if path != "/tiny.css" {
			t.Errorf("%s is not compressed", path)
		}
		if body != plain.Body.String() {
			t.Errorf("%s: compressed and plain differ", path)
		}
		etag := zipped.Header().Get("ETag")
		again := ask(s, "GET", path, "Accept-Encoding", "gzip", "If-None-Match", `"other", W/`+etag)
		if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("%s with its ETag: %d and %d bytes", path, again.Code, again.Body.Len())
		}
		if head := ask(s, "HEAD", path); head.Code != 200 || head.Body.Len() != 0 {
			t.Errorf("HEAD %s: %d and %d bytes", path, head.Code, head.Body.Len())
		}
	}
	if w := ask(s, "GET", "/roomtick.js", "Accept-Encoding", "gzip;q=0"); w.Header().Get("Content-Encoding") != "" {
		t.Error("compressed for a client that refuses it")
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
