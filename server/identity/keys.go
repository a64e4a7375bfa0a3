package identity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// key is one that tokens may be signed with. What kind of key it is decides which
// algorithms it takes: a token that names another alg, "none" or HS256 with our public
// key as its secret, meets no key.
type key struct {
	id   string // kid; empty if it has none
	algs []string
	key  crypto.PublicKey // or the secret, []byte
}

type keys []key

var errNoKey = errors.New("identity: no key for the token")

// methods lists the algorithms of all keys.
func (k keys) methods() []string {
	var all []string
	for _, key := range k {
		all = append(all, key.algs...)
	}
	return all
}

// forToken is a jwt.Keyfunc: the keys whose kid and algorithm are the token's.
func (k keys) forToken(t *jwt.Token) (any, error) {
	kid, _ := t.Header["kid"].(string)
	var set jwt.VerificationKeySet
	for _, key := range k {
		if slices.Contains(key.algs, t.Method.Alg()) && (kid == "" || key.id == "" || key.id == kid) {
			set.Keys = append(set.Keys, key.key)
		}
	}
	if len(set.Keys) == 0 {
		return nil, errNoKey
	}
	return set, nil
}

const (
	minSecret  = 32       // bytes, as long as the hash of HS256
	minRSA     = 2048     // bits
	maxKeyFile = 64 << 10 // bytes
)

// readKeys reads the keys from the file that text names, or from text itself.
func readKeys(text string) (keys, error) {
	if info, err := os.Stat(text); err == nil && !info.IsDir() {
		if info.Size() > maxKeyFile {
			return nil, fmt.Errorf("%s has more than %d bytes; it is no key", text, maxKeyFile)
		}
		data, err := os.ReadFile(text)
		if err != nil {
			return nil, err
		}
		k, err := parseKeys(strings.TrimSpace(string(data)))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", text, err)
		}
		return k, nil
	}
	if len(text) < minSecret && strings.ContainsAny(text, `./\`) || looksLikePath(text) {
		return nil, errors.New("no such file; if it is the secret itself, put that into a file")
	}
	return parseKeys(text)
}

// looksLikePath is true of names of files. The name of one that is not there must never
// become a secret: others can guess it.
func looksLikePath(text string) bool {
	ext := path.Ext(text)
	return text != "" && (strings.ContainsRune(`/.~\`, rune(text[0])) || len(ext) > 1 && len(ext) <= 6 && !strings.ContainsAny(ext, "/+= "))
}

// parseKeys reads a PEM file with public keys or certificates, a JSON Web Key Set, or a
// shared secret. What might be a public key in another form is never taken for a secret:
// everybody knows it, and could sign.
func parseKeys(text string) (keys, error) {
	text = strings.TrimPrefix(text, "\ufeff")
	switch {
	case strings.Contains(text, "-----BEGIN"): // there may be a comment before it
		return parsePEM([]byte(text))
	case strings.HasPrefix(text, "{"), strings.HasPrefix(text, "["), strings.Contains(text, `"kty"`):
		return parseSet([]byte(text))
	case strings.HasPrefix(text, "ssh-"), strings.HasPrefix(text, "ecdsa-sha2-"):
		return nil, errors.New("a key for SSH; ssh-keygen -e -m pkcs8 makes a PEM file of it")
	case !printable(text):
		return nil, errors.New("neither PEM, nor JSON, nor a secret of printable characters; openssl pkey -pubin -inform DER makes a PEM file of a binary key")
	}
	k, err := newKey("", []byte(text))
	return keys{k}, err
}

func parsePEM(rest []byte) (keys, error) {
	var all keys
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		public, err := parseBlock(block)
		if err != nil {
			return nil, err
		}
		k, err := newKey("", public)
		if err != nil {
			return nil, err
		}
		all = append(all, k)
	}
	if len(all) == 0 {
		return nil, errors.New("not a PEM file")
	}
	return all, nil
}

func parseBlock(block *pem.Block) (crypto.PublicKey, error) {
	switch {
	case strings.Contains(block.Type, "PRIVATE"):
		return nil, errors.New("a private key, which only the login may have; give its public key")
	case block.Type == "CERTIFICATE":
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		return c.PublicKey, nil
	case block.Type == "RSA PUBLIC KEY":
		return x509.ParsePKCS1PublicKey(block.Bytes)
	}
	return x509.ParsePKIXPublicKey(block.Bytes)
}

// newKey decides which algorithms a key takes.
func newKey(id string, public crypto.PublicKey) (key, error) {
	k := key{id: id, key: public}
	switch p := public.(type) {
	case []byte:
		if len(p) < minSecret {
			return key{}, fmt.Errorf("a secret shorter than %d bytes; use a random one, such as the output of openssl rand -hex 32", minSecret)
		}
		k.algs = []string{"HS256", "HS384", "HS512"}
	case *rsa.PublicKey:
		if p.N.BitLen() < minRSA {
			return key{}, fmt.Errorf("an RSA key of %d bits; use %d or more", p.N.BitLen(), minRSA)
		}
		k.algs = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}
	case ed25519.PublicKey:
		k.algs = []string{"EdDSA"}
	case *ecdsa.PublicKey:
		alg := map[int]string{256: "ES256", 384: "ES384", 521: "ES512"}[p.Curve.Params().BitSize]
		if alg == "" {
			return key{}, errors.New("an elliptic key of another curve; use P-256, P-384 or P-521")
		}
		k.algs = []string{alg}
	default:
		return key{}, fmt.Errorf("a key of kind %T; use RSA, P-256, P-384, P-521, Ed25519 or a secret", public)
	}
	return k, nil
}
