package results

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"
)

// Headers of a webhook's request.
const (
	SignatureHeader = "Roomtick-Signature" // t=<unix seconds>,v1=<hex>, v1 once for each key
	IDHeader        = "Roomtick-Result-Id"
	AttemptHeader   = "Roomtick-Attempt" // from 1, counted anew when the server starts
)

// Tolerance is how old a signature may be: an old request that somebody recorded is refused.
const Tolerance = 5 * time.Minute

// What Verify says of a request that is not to be believed.
var (
	ErrSignature = errors.New("results: the signature does not fit")
	ErrStale     = errors.New("results: the signature is too old")
)

// Sign returns the signature header of a body: HMAC-SHA256 of the time in unix seconds, a
// dot, and the body, with every key. With two keys a receiver that knows either believes it,
// so that keys can be changed one end after the other.
func Sign(body []byte, now time.Time, keys ...[]byte) string {
	at := strconv.FormatInt(now.Unix(), 10)
	header := "t=" + at
	for _, key := range keys {
		header += ",v1=" + hex.EncodeToString(sum(at, body, key))
	}
	return header
}

// Verify is what a receiver does with a signature header: nil if one of its signatures is
// of the body by the key, and it is no older than Tolerance.
func Verify(header string, body []byte, now time.Time, key []byte) error {
	at, fits := "", false
	for _, part := range strings.Split(header, ",") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "t":
			at = value
		case "v1":
			signature, err := hex.DecodeString(value)
			fits = err == nil && hmac.Equal(signature, sum(at, body, key)) || fits
		}
	}
	unix, err := strconv.ParseInt(at, 10, 64)
	switch {
	case err != nil || !fits:
		return ErrSignature
	case now.Sub(time.Unix(unix, 0)).Abs() > Tolerance:
		return ErrStale
	}
	return nil
}

func sum(at string, body, key []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(at + "."))
	mac.Write(body)
	return mac.Sum(nil)
}
