package server

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// folder serves the page of somebody's own game from the disk, as it is at each
// request, so that a page under work needs a reload and no restart. What the folder
// does not have, such as /roomtick.js, comes from rest.
type folder struct {
	dir    string
	policy policy
	rest   http.Handler
}

// ServeHTTP implements http.Handler. Nothing outside the folder can be reached: not by
// dots, not by links; nor what starts with a dot, such as .env and .git.
func (d *folder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	if name == "" {
		name = "index.html"
	}
	f, info, err := openWithin(d.dir, name)
	if err != nil || strings.HasPrefix(name, ".") || strings.Contains(name, "/.") {
		if f != nil {
			_ = f.Close()
		}
		d.rest.ServeHTTP(w, r)
		return
	}
	defer f.Close()
	h := w.Header()
	h.Set("Content-Security-Policy", d.policy.header())
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-cache")
	if path.Ext(name) == ".js" {
		h.Set("Content-Type", "text/javascript; charset=utf-8")
	}
	http.ServeContent(w, r, name, info.ModTime(), f)
}

var errNotAFile = errors.New("not a file")

// openWithin opens a regular file of dir.
func openWithin(dir, name string) (*os.File, fs.FileInfo, error) {
	f, err := os.OpenInRoot(dir, filepath.FromSlash(name))
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errNotAFile
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, info, nil
}

func (c *config) setWeb(text string) error {
	if text != "" {
		f, _, err := openWithin(text, "index.html")
		if err != nil {
			return fmt.Errorf("no page there: %w; use a folder with an index.html", err)
		}
		_ = f.Close()
	}
	c.web = text
	return nil
}
