package server

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
)

// asset is one file of the page or the SDK.
type asset struct {
	contentType string
	plain       []byte
	etag        string
	packed      map[string]func() []byte // by coding; made when first asked for, nil where it does not help
}

// web serves the page and the SDK from memory. It is read-only after newWeb.
type web struct {
	assets map[string]asset // by path: "/", "/page.js"
	policy policy
}

// policy says where the page may connect to beside this server: the origins of its nodes,
// as they are when the page is loaded.
type policy func() []string

// header is a Content-Security-Policy.
func (p policy) header() string {
	connect := "'self'"
	for _, origin := range p() {
		connect += " " + origin + " ws" + strings.TrimPrefix(origin, "http")
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src " + connect +
		"; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// newWeb reads every file of dist.
func newWeb(dist fs.FS, p policy) (*web, error) {
	s := &web{assets: make(map[string]asset), policy: p}
	err := fs.WalkDir(dist, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(dist, name)
		if err != nil {
			return err
		}
		at := "/" + name
		if name == "index.html" {
			at = "/"
		}
		s.assets[at] = newAsset(name, data)
		return nil
	})
	if err == nil && len(s.assets) == 0 {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, fmt.Errorf("page and SDK: %w", err)
	}
	return s, nil
}

func newAsset(name string, data []byte) asset {
	sum := sha256.Sum256(data)
	a := asset{
		contentType: mime.TypeByExtension(path.Ext(name)),
		plain:       data,
		etag:        hex.EncodeToString(sum[:8]),
		packed:      make(map[string]func() []byte),
	}
	switch path.Ext(name) { // the machine's mime table may disagree
	case ".js":
		a.contentType = "text/javascript; charset=utf-8"
	case ".map", ".json":
		a.contentType = "application/json"
	}
	for _, coding := range codings() {
		a.packed[coding] = sync.OnceValue(func() []byte { return compress(coding, data) })
	}
	return a
}

// ServeHTTP answers GET and HEAD for the files, and 404 for the rest.
func (s *web) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a, ok := s.assets[r.URL.Path]
	switch {
	case !ok:
		notFound().write(w)
		return
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		wrongMethod().write(w)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", s.policy.header())
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Content-Type", a.contentType)
	h.Set("Cache-Control", "no-cache") // kept, but asked about each time: a new server has a new SDK
	h.Add("Vary", "Accept-Encoding")
	body, etag := a.plain, a.etag
	for _, coding := range acceptable(r.Header) {
		if packed := a.packed[coding](); packed != nil {
			h.Set("Content-Encoding", coding)
			body, etag = packed, etag+"-"+coding
			break
		}
	}
	h.Set("ETag", `"`+etag+`"`)
	if matches(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the client may be gone
	}
}

// matches implements If-None-Match, RFC 9110 section 13.1.2.
func matches(header, etag string) bool {
	for tag := range strings.SplitSeq(header, ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		if tag == `"`+etag+`"` || tag == "*" {
			return true
		}
	}
	return false
}

// secured adds what every answer of the public listener carries.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}
