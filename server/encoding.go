package server

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/andybalholm/brotli"
)

// codings are the content codings of files, the preferred first.
func codings() []string { return []string{"br", "gzip"} }

// compress returns data in a coding at its best level, nil if that does not help.
func compress(coding string, data []byte) []byte {
	var b bytes.Buffer
	var w io.WriteCloser = brotli.NewWriterLevel(&b, brotli.BestCompression)
	if coding == "gzip" {
		w, _ = gzip.NewWriterLevel(&b, gzip.BestCompression) // fails for an unknown level only
	}
	_, err := w.Write(data)
	if closed := w.Close(); err != nil || closed != nil || b.Len() >= len(data) {
		return nil // a buffer takes everything, so this is the length
	}
	return b.Bytes()
}

// acceptable lists the codings that a request accepts, the best for it first. What it
// accepts less than the plain file is left out; RFC 9110 section 12.5.3.
func acceptable(h http.Header) []string {
	weights := weightsOf(strings.Join(h.Values("Accept-Encoding"), ","))
	others, anyOther := weights["*"]
	plain := weights["identity"] // 0 if not asked for: whatever is accepted at all is better
	var list []string
	best := map[string]float64{}
	for _, c := range codings() {
		q, named := weights[c]
		if !named && anyOther {
			q = others
		}
		if best[c] = q; q > 0 && q >= plain {
			list = append(list, c)
		}
	}
	if len(list) == 2 && best[list[1]] > best[list[0]] {
		list[0], list[1] = list[1], list[0]
	}
	return list
}

// weightsOf reads an Accept-Encoding header: q by coding, 1 where none is given and 0
// where it cannot be read.
func weightsOf(header string) map[string]float64 {
	weights := make(map[string]float64)
	for coding := range strings.SplitSeq(strings.ToLower(header), ",") {
		name, params, _ := strings.Cut(coding, ";")
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		weights[name] = 1
		if text, ok := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q="); ok {
			weights[name], _ = strconv.ParseFloat(text, 64)
		}
	}
	return weights
}
