package server

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFolderServesItsFilesAndNothingOutside(t *testing.T) {
	outer := t.TempDir()
	dir := filepath.Join(outer, "web")
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(outer, "secret.txt"), "secret")
	write(filepath.Join(dir, "index.html"), "my page")
	write(filepath.Join(dir, "art", "ship.js"), "my script")
	if err := os.Symlink(filepath.Join(outer, "secret.txt"), filepath.Join(dir, "link.txt")); err != nil {
		t.Fatal(err)
	}
	write(filepath.Join(dir, ".env"), "secret")
	write(filepath.Join(dir, ".git", "config"), "secret")
	rest := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("rest")) })
	d := &folder{dir: dir, policy: func() []string { return nil }, rest: rest}
	for path, want := range map[string]string{
		"/": "my page", "/art/ship.js": "my script", "/roomtick.js": "rest", "/art": "rest", "/art/": "rest",
		"/link.txt": "rest", "/.env": "rest", "/.git/config": "rest", "/../secret.txt": "rest", "/art/../../secret.txt": "rest", "/%2e%2e/secret.txt": "rest",
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL.Path = strings.ReplaceAll(path, "%2e", ".")
		d.ServeHTTP(w, r)
		if got := w.Body.String(); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
		if want != "rest" && w.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("%s: no policy", path)
		}
	}
	write(filepath.Join(dir, "index.html"), "my newer page")
	w := httptest.NewRecorder()
	d.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Body.String() != "my newer page" {
		t.Errorf("after an edit: %q", w.Body.String())
	}
}

func TestWebSettingNamesAFolderWithAPage(t *testing.T) {
	var c config
	for _, bad := range []string{"/nowhere", t.TempDir()} {
		if err := c.setWeb(bad); err == nil || !strings.Contains(err.Error(), "index.html") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
