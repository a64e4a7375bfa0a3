package results

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

var (
	oldKey = []byte(strings.Repeat("o", 32))
	newKey = []byte(strings.Repeat("n", 32))
)

func TestSignaturesFitTheirBodyTimeAndEitherKeyAndNothingElse(t *testing.T) {
	now, body := time.Unix(1_800_000_000, 0), []byte(`{"id":"x"}`)
	header := Sign(body, now, newKey, oldKey)
	for _, key := range [][]byte{newKey, oldKey} {
		if err := Verify(header, body, now.Add(Tolerance), key); err != nil {
			t.Errorf("by %q: %v", key[:1], err)
		}
	}
	for name, err := range map[string]error{
		"another key":      Verify(header, body, now, []byte("x")),
		"another body":     Verify(header, append(body, ' '), now, newKey),
		"another time":     Verify(strings.Replace(header, "t=1", "t=2", 1), body, now, newKey),
		"too old":          Verify(header, body, now.Add(Tolerance+time.Second), newKey),
		"from the future":  Verify(header, body, now.Add(-Tolerance-time.Second), newKey),
		"no signature":     Verify("t=1800000000", body, now, newKey),
		"no time":          Verify(header[strings.Index(header, ",")+1:], body, now, newKey),
		"an empty one":     Verify("t=1800000000,v1=", body, now, newKey),
		"nothing":          Verify("", body, now, newKey),
		"of the empty key": Verify(Sign(body, now, nil), body, now, newKey),
	} {
		if err == nil {
			t.Errorf("%s is believed", name)
		}
	}
}

func TestWebhooksSayWhatTheyBringAndProveIt(t *testing.T) {
	body := []byte(`{"id":"some id"}`)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got, _ := io.ReadAll(r.Body)
		h := r.Header
		if r.Method != http.MethodPost || string(got) != string(body) || h.Get(IDHeader) != "some id" ||
			h.Get(AttemptHeader) != "3" || h.Get("Content-Type") != "application/json" {
			t.Errorf("%s with %v brings %s", r.Method, h, got)
		}
		for _, key := range [][]byte{newKey, oldKey} {
			if err := Verify(h.Get(SignatureHeader), got, time.Now(), key); err != nil {
				t.Error(err)
			}
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	defer receiver.Close()
	hook := NewWebhook(receiver.URL, newKey, oldKey)
	defer hook.Close()
	if a := hook.Deliver(t.Context(), "some id", body, 3); a.Verdict != Accepted || a.Err != nil {
		t.Errorf("%+v", a)
	}
}

func TestOnlyTwoHundredsAcceptAResult(t *testing.T) {
	followed := false
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/elsewhere" {
			followed = true
			return
		}
		code := 0
		fmt.Sscanf(r.URL.Path, "/%d", &code)
		w.Header().Set("Location", "/elsewhere")
		if r.URL.RawQuery != "" {
			w.Header().Set("Retry-After", r.URL.RawQuery)
		}
		w.WriteHeader(code)
	}))
	defer receiver.Close()
	want := map[int]Verdict{
		200: Accepted, 201: Accepted, 202: Accepted, 204: Accepted, 299: Accepted,
		301: Failed, 302: Failed, 303: Failed, 307: Failed, 308: Failed, 304: Failed,
		400: Refused, 409: Refused, 410: Refused, 413: Refused, 422: Refused,
		401: Failed, 403: Failed, 404: Failed, 405: Failed, 408: Failed,
		425: Away, 429: Away, 503: Away,
		500: Failed, 502: Failed, 504: Failed,
	}
	for code, verdict := range want {
		hook := NewWebhook(fmt.Sprintf("%s/%d", receiver.URL, code), newKey)
		if a := hook.Deliver(t.Context(), "x", []byte("{}"), 1); a.Verdict != verdict || (a.Err == nil) != (verdict == Accepted) {
			t.Errorf("%d is %v, %v; want %v", code, a.Verdict, a.Err, verdict)
		}
		hook.Close()
	}
	if followed {
		t.Error("a redirect was followed")
	}
	for text, wait := range map[string]time.Duration{
		"7": 7 * time.Second, "0": 0, "-1": 0, "soon": 0, "99999999": maxRetryAfter,
		"Wed,%2021%20Oct%202015%2007:28:00%20GMT": 0,
	} {
		hook := NewWebhook(receiver.URL+"/503?"+text, newKey)
		if a := hook.Deliver(t.Context(), "x", []byte("{}"), 1); a.After != wait {
			t.Errorf("Retry-After: %s waits %v, want %v", text, a.After, wait)
		}
		hook.Close()
	}
	now := time.Now()
	if d := retryAfter(now.Add(time.Minute).UTC().Format(http.TimeFormat), now); d < 58*time.Second || d > time.Minute {
		t.Errorf("a date in a minute waits %v", d)
	}
}

func TestReceiversThatAreNotThereAreToldFromThoseThatDoNotAnswer(t *testing.T) {
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	cut, err := net.Listen("tcp", "127.0.0.1:0") // takes the request and hangs up
	if err != nil {
		t.Fatal(err)
	}
	defer cut.Close()
	go func() {
		for {
			c, err := cut.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, 10))
			c.Close()
		}
	}()
	for address, want := range map[string]Verdict{gone.Addr().String(): Away, cut.Addr().String(): Failed} {
		hook := NewWebhook("http://"+address, newKey)
		if a := hook.Deliver(t.Context(), "x", []byte("{}"), 1); a.Verdict != want {
			t.Errorf("%v: %v, want %v", a.Err, a.Verdict, want)
		}
		hook.Close()
	}
}

func TestEndlessAnswersAreNotReadToTheirEnd(t *testing.T) {
	sent := make(chan int, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := 0
		for n < 1<<30 {
			m, err := w.Write(make([]byte, 64<<10))
			if n += m; err != nil {
				break
			}
		}
		sent <- n
	}))
	defer receiver.Close()
	hook := NewWebhook(receiver.URL, newKey)
	defer hook.Close()
	if a := hook.Deliver(t.Context(), "x", []byte("{}"), 1); a.Verdict != Accepted {
		t.Errorf("%+v", a)
	}
	if n := <-sent; n >= 1<<30 {
		t.Error("a whole gigabyte was read")
	}
}
