package results_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/roomtick/roomtick/server/results"
)

var key = []byte(strings.Repeat("k", 32))

func store(r results.Result) error {
	fmt.Println("stored", r.ID, string(r.Result))
	return nil
}

// A receiver believes signatures, and accepts a result once it is stored.
func Example() {
	http.HandleFunc("POST /results", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 16<<20))
		if err != nil || results.Verify(r.Header.Get(results.SignatureHeader), body, time.Now(), key) != nil {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		var result results.Result
		if err := json.Unmarshal(body, &result); err != nil {
			http.Error(w, "no result", http.StatusBadRequest)
			return
		}
		if err := store(result); err != nil { // an insert that ignores an id it has
			http.Error(w, "later", http.StatusServiceUnavailable)
		}
	})

	for _, signedBy := range [][]byte{key, []byte("somebody else's")} {
		body := `{"id":"0198","result":{"winner":"Ada"}}`
		r := httptest.NewRequest(http.MethodPost, "/results", strings.NewReader(body))
		r.Header.Set(results.SignatureHeader, results.Sign([]byte(body), time.Now(), signedBy))
		w := httptest.NewRecorder()
		http.DefaultServeMux.ServeHTTP(w, r)
		fmt.Println(w.Code)
	}
	// Output:
	// stored 0198 {"winner":"Ada"}
	// 200
	// 403
}
