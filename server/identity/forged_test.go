package identity

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// Nothing but the kind of our key decides what a token may be signed with.
func TestATokenCannotChooseItsAlgorithm(t *testing.T) {
	all := pairs(t)
	public := publicPEM(t, all["RSA"].public)
	v := verifier(t, public)
	unsigned, err := jwt.NewWithClaims(jwt.SigningMethodNone, ada()).SignedString(jwt.UnsafeAllowNoneSignatureType)
	if err != nil {
		t.Fatal(err)
	}
	forged := map[string]string{
		"none":                            unsigned,
		"HS256 by our public key":         login{jwt.SigningMethodHS256, []byte(public), ""}.sign(t, ada()),
		"HS256 by our trimmed public key": login{jwt.SigningMethodHS256, []byte(strings.TrimSpace(public)), ""}.sign(t, ada()),
		"HS256 by nothing":                login{jwt.SigningMethodHS256, []byte{}, ""}.sign(t, ada()),
		"another kind of key":             login{jwt.SigningMethodES256, all["ES256"].private, ""}.sign(t, ada()),
	}
	for name, token := range forged {
		id, err := v.Verify(token, noon)
		if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "alg is not one of it") { // no key is even looked for
			t.Errorf("%s: %+v, %v", name, id, err)
		}
	}
	good := login{jwt.SigningMethodRS256, all["RSA"].private, ""}.sign(t, ada())
	if _, err := v.Verify(good, noon); err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(good, ".")
	stripped := strings.Split(unsigned, ".")[0] + "." + parts[1] + "." + parts[2]
	if _, err := v.Verify(stripped, noon); !errors.Is(err, ErrInvalid) {
		t.Errorf("another head over the same signature: %v", err)
	}
}

// A public key that is read as a secret lets everybody sign who knows it.
func TestAPublicKeyIsNeverASecret(t *testing.T) {
	all := pairs(t)
	public := publicPEM(t, all["RSA"].public)
	for name, text := range map[string]string{
		"a comment before it":    "# of the login\n" + public,
		"a byte order mark":      "\ufeff" + public,
		"attributes, as openssl": "Bag Attributes\n    friendlyName: login\n" + public,
		"a set after a mark":     "\ufeff" + webKeys(t, "RSA", all["RSA"].public),
	} {
		v := verifier(t, file(t, text))
		if _, err := v.Verify(login{jwt.SigningMethodRS256, all["RSA"].private, "k1"}.sign(t, ada()), noon); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, secret := range []string{text, strings.TrimSpace(text)} {
			if id, err := v.Verify(login{jwt.SigningMethodHS256, []byte(secret), ""}.sign(t, ada()), noon); !errors.Is(err, ErrInvalid) {
				t.Errorf("%s, as a secret: %+v, %v", name, id, err)
			}
		}
	}
}

// A set says which of its keys signs how: by kid and by alg.
func TestATokenIsCheckedByTheKeyThatItNames(t *testing.T) {
	first, second := pairs(t)["RSA"], pairs(t)["RSA"]
	var set struct{ Keys []map[string]any }
	for i, p := range []pair{first, second} {
		var one struct{ Keys []map[string]any }
		if err := json.Unmarshal([]byte(webKeys(t, "RSA", p.public)), &one); err != nil {
			t.Fatal(err)
		}
		k := one.Keys[1]
		k["kid"], k["alg"] = []string{"a", "b"}[i], []string{"RS256", "RS512"}[i]
		set.Keys = append(set.Keys, k)
	}
	text, err := json.Marshal(map[string]any{"keys": set.Keys})
	if err != nil {
		t.Fatal(err)
	}
	v := verifier(t, string(text))
	for _, row := range []struct {
		name  string
		login login
		good  bool
	}{
		{"its own kid and alg", login{jwt.SigningMethodRS256, first.private, "a"}, true},
		{"no kid", login{jwt.SigningMethodRS512, second.private, ""}, true},
		{"the kid of another key", login{jwt.SigningMethodRS256, first.private, "b"}, false},
		{"a kid of no key", login{jwt.SigningMethodRS256, first.private, "c"}, false},
		{"the alg of another key", login{jwt.SigningMethodRS512, first.private, ""}, false},
		{"the alg of another key, and its own kid", login{jwt.SigningMethodRS512, first.private, "a"}, false},
		{"an alg of no key", login{jwt.SigningMethodPS256, first.private, "a"}, false},
	} {
		_, err := v.Verify(row.login.sign(t, ada()), noon)
		if (err == nil) != row.good || err != nil && !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}
