package identity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const secret = "0123456789abcdef0123456789abcdef"

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// login is somebody who signs tokens.
type login struct {
	method jwt.SigningMethod
	key    any
	kid    string
}

func (l login) sign(t *testing.T, claims jwt.MapClaims) string {
	t.Helper()
	token := jwt.NewWithClaims(l.method, claims)
	if l.kid != "" {
		token.Header["kid"] = l.kid
	}
	text, err := token.SignedString(l.key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// ada is a good token's claims, with changes; a nil one is left out.
func ada(changes ...any) jwt.MapClaims {
	c := jwt.MapClaims{"sub": "ada", "name": "Ada", "exp": noon.Add(time.Hour).Unix(), "iss": "studio", "aud": "game"}
	for i := 0; i+1 < len(changes); i += 2 {
		if c[changes[i].(string)] = changes[i+1]; changes[i+1] == nil {
			delete(c, changes[i].(string))
		}
	}
	return c
}

func verifier(t *testing.T, key string) *Verifier {
	t.Helper()
	v, err := New(Config{Key: key, Issuer: "studio", Audience: "game"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func file(t *testing.T, data string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func publicPEM(t *testing.T, public crypto.PublicKey) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

type pair struct {
	private crypto.PrivateKey
	public  crypto.PublicKey
	methods []jwt.SigningMethod
}

func pairs(t *testing.T) map[string]pair {
	t.Helper()
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]pair{"RSA": {r, &r.PublicKey, []jwt.SigningMethod{
		jwt.SigningMethodRS256, jwt.SigningMethodRS384, jwt.SigningMethodRS512, jwt.SigningMethodPS256,
	}}}
	for method, curve := range map[jwt.SigningMethod]elliptic.Curve{
		jwt.SigningMethodES256: elliptic.P256(), jwt.SigningMethodES384: elliptic.P384(), jwt.SigningMethodES512: elliptic.P521(),
	} {
		e, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		all[method.Alg()] = pair{e, &e.PublicKey, []jwt.SigningMethod{method}}
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	all["EdDSA"] = pair{private, public, []jwt.SigningMethod{jwt.SigningMethodEdDSA}}
	return all
}

func TestTokensOfEveryAlgorithmProveTheirPlayer(t *testing.T) {
	for name, p := range pairs(t) {
		for _, v := range []*Verifier{verifier(t, file(t, publicPEM(t, p.public))), verifier(t, publicPEM(t, p.public)), verifier(t, file(t, webKeys(t, name, p.public)))} {
			for _, m := range p.methods {
				id, err := v.Verify(login{m, p.private, "k1"}.sign(t, ada()), noon)
				if err != nil || id.Player != "ada" || id.Name != "Ada" || !id.Expires.Equal(noon.Add(time.Hour)) {
					t.Errorf("%s: %+v, %v", m.Alg(), id, err)
				}
			}
		}
	}
	for _, m := range []jwt.SigningMethod{jwt.SigningMethodHS256, jwt.SigningMethodHS384, jwt.SigningMethodHS512} {
		for _, key := range []string{secret, file(t, secret+"\n")} {
			if id, err := verifier(t, key).Verify(login{m, []byte(secret), ""}.sign(t, ada()), noon); err != nil || id.Player != "ada" {
				t.Errorf("%s: %+v, %v", m.Alg(), id, err)
			}
		}
	}
}

// webKeys is a key set of one key for signing and one that is not.
func webKeys(t *testing.T, name string, public crypto.PublicKey) string {
	t.Helper()
	b64 := base64.RawURLEncoding.EncodeToString
	var w map[string]any
	switch p := public.(type) {
	case *rsa.PublicKey:
		w = map[string]any{"kty": "RSA", "n": b64(p.N.Bytes()), "e": b64(big.NewInt(int64(p.E)).Bytes())}
	case *ecdsa.PublicKey:
		point, err := p.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		half := len(point) / 2
		w = map[string]any{"kty": "EC", "crv": p.Curve.Params().Name, "alg": name, "x": b64(point[1 : 1+half]), "y": b64(point[1+half:])}
	case ed25519.PublicKey:
		w = map[string]any{"kty": "OKP", "crv": "Ed25519", "x": b64(p)}
	}
	w["kid"], w["use"] = "k1", "sig"
	b, err := json.Marshal(map[string]any{"keys": []any{map[string]any{"kty": "RSA", "use": "enc"}, w}})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestEveryClaimIsChecked(t *testing.T) {
	v := verifier(t, secret)
	l := login{jwt.SigningMethodHS256, []byte(secret), ""}
	for _, row := range []struct {
		name   string
		claims jwt.MapClaims
		err    error
		says   string
	}{
		{"expired", ada("exp", noon.Unix()), ErrExpired, ""},
		{"expired, within the leeway", ada("exp", noon.Add(-time.Second).Unix()), ErrExpired, ""},
		{"no exp", ada("exp", nil), ErrInvalid, "exp"},
		{"not yet", ada("nbf", noon.Add(time.Minute).Unix()), ErrInvalid, "nbf"},
		{"issued later", ada("iat", noon.Add(time.Minute).Unix()), ErrInvalid, "iat"},
		{"another issuer", ada("iss", "evil"), ErrInvalid, "iss"},
		{"no issuer", ada("iss", nil), ErrInvalid, "iss"},
		{"another audience", ada("aud", "chess"), ErrInvalid, "aud"},
		{"no audience", ada("aud", nil), ErrInvalid, "aud"},
		{"no sub", ada("sub", nil), ErrInvalid, "sub"},
		{"long sub", ada("sub", strings.Repeat("x", 129)), ErrInvalid, "sub"},
		{"sub of two lines", ada("sub", "a\nb"), ErrInvalid, "sub"},
		{"skill in words", ada("skill", "high"), ErrInvalid, "skill"},
		{"skill without mean", ada("skill", map[string]any{"deviation": 1}), ErrInvalid, "skill"},
		{"several audiences", ada("aud", []string{"chess", "game"}), nil, ""},
		{"a clock a little ahead", ada("iat", noon.Add(3*time.Second).Unix(), "nbf", noon.Add(3*time.Second).Unix()), nil, ""},
	} {
		_, err := v.Verify(l.sign(t, row.claims), noon)
		if !errors.Is(err, row.err) || row.says != "" && !strings.Contains(err.Error(), row.says) {
			t.Errorf("%s: %v", row.name, err)
		}
	}
	for _, junk := range []string{"", "a.b.c", "....", strings.Repeat("x", maxToken+1)} {
		if _, err := v.Verify(junk, noon); !errors.Is(err, ErrInvalid) {
			t.Errorf("%.10q: %v", junk, err)
		}
	}
}

func TestSkillIsANumberOrHasADeviation(t *testing.T) {
	v := verifier(t, secret)
	l := login{jwt.SigningMethodHS256, []byte(secret), ""}
	for _, row := range []struct {
		claim any
		want  Skill
	}{
		{1500, Skill{Mean: 1500}},
		{map[string]any{"mean": 25.5, "deviation": 8}, Skill{Mean: 25.5, Deviation: 8}},
		{map[string]any{"mean": 3}, Skill{Mean: 3}},
	} {
		id, err := v.Verify(l.sign(t, ada("skill", row.claim)), noon)
		if err != nil || *id.Skill != row.want {
			t.Errorf("%v: %+v, %v", row.claim, id.Skill, err)
		}
	}
	if id, _ := v.Verify(l.sign(t, ada()), noon); id.Skill != nil {
		t.Errorf("without the claim: %+v", id.Skill)
	}
}

func TestALoginMayChangeItsKeysWhileTheServerRuns(t *testing.T) {
	old, fresh := secret, "another secret of thirty-two bytes and more"
	path := file(t, old)
	v := verifier(t, path)
	if err := os.WriteFile(path, []byte(fresh), 0o600); err != nil {
		t.Fatal(err)
	}
	token := login{jwt.SigningMethodHS256, []byte(fresh), ""}.sign(t, ada())
	if _, err := v.Verify(token, noon.Add(reloadEvery/2)); !errors.Is(err, ErrInvalid) {
		t.Errorf("the file was read again at once: %v", err)
	}
	if _, err := v.Verify(token, noon.Add(reloadEvery)); err != nil {
		t.Errorf("the new key: %v", err)
	}
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(login{jwt.SigningMethodHS256, []byte(old), ""}.sign(t, ada()), noon.Add(3*reloadEvery)); !errors.Is(err, ErrInvalid) {
		t.Errorf("the old key: %v", err)
	}
	if _, err := v.Verify(token, noon.Add(3*reloadEvery)); err != nil {
		t.Errorf("a broken file took the keys away: %v", err)
	}
}

func TestKeysThatCannotServeAreRefusedWithACure(t *testing.T) {
	all := pairs(t)
	private, err := x509.MarshalPKCS8PrivateKey(all["RSA"].private)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(all["RSA"].public)
	if err != nil {
		t.Fatal(err)
	}
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ name, key, says string }{
		{"short secret", "hunter2", "32 bytes"},
		{"missing file", "./no-such.pem", "no such file"},
		{"private PEM", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})), "public"},
		{"private JWK", `{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","d":"AQAB"}]}`, "private"},
		{"P-224", publicPEM(t, &p224.PublicKey), "P-256"},
		{"empty set", `{"keys":[]}`, "keys"},
		{"not a set", `{"keys":7}`, "Key Set"},
		{"wrong alg", `{"keys":[{"kty":"oct","alg":"RS256","k":"` + base64.RawURLEncoding.EncodeToString([]byte(secret)) + `"}]}`, "alg"},
		{"off the curve", `{"keys":[{"kty":"EC","crv":"P-256","x":"AQ","y":"AQ"}]}`, "curve"},
		{"small RSA", `{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}`, "2048"},
		{"missing file of a long name", "/etc/roomtick/keys/of-the-login-of-the-studio.pem", "no such file"},
		{"missing file elsewhere", "keys/of-the-login-of-the-studio/login.jwks", "no such file"},
		{"public key as DER", file(t, string(der)), "PEM"},
		{"public key of SSH", file(t, "ssh-rsa "+base64.StdEncoding.EncodeToString(der)+" login@studio"), "SSH"},
		{"list of keys", `[{"kty":"RSA","n":"AQAB","e":"AQAB"}]`, "Key Set"},
		{"truncated PEM", "-----BEGIN PUBLIC KEY-----\nAAAA", "PEM"},
	} {
		if _, err := New(Config{Key: row.key}, noon); err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%s: %v does not say %q", row.name, err, row.says)
		}
	}
}

func FuzzVerify(f *testing.F) {
	v, err := New(Config{Key: secret}, noon)
	if err != nil {
		f.Fatal(err)
	}
	text, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"sub": "ada", "exp": noon.Add(time.Hour).Unix()}).SignedString([]byte(secret))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, token string) {
		if id, err := v.Verify(token, noon); err == nil && (token != text && strings.Count(token, ".") != 2 || id.Player == "") {
			t.Errorf("%q proves %+v", token, id)
		}
	})
}
