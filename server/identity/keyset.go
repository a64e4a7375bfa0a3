package identity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
)

// webKey is a JSON Web Key, RFC 7517 and 7518, with what we read of it.
type webKey struct {
	Kty string `json:"kty"`
	Kid string `json:"kid"`
	Use string `json:"use"`
	Alg string `json:"alg"`

	N   string `json:"n"` // RSA
	E   string `json:"e"`
	Crv string `json:"crv"` // EC and OKP
	X   string `json:"x"`
	Y   string `json:"y"`
	K   string `json:"k"` // oct
	D   string `json:"d"` // of a private key
}

// parseSet reads a JSON Web Key Set, as logins publish it. Keys for encryption are
// passed over.
func parseSet(data []byte) (keys, error) {
	var set struct {
		Keys []webKey `json:"keys"`
	}
	if err := json.Unmarshal(data, &set); err != nil {
		return nil, fmt.Errorf("not a JSON Web Key Set: %w", err)
	}
	var all keys
	for i, w := range set.Keys {
		if w.Use != "" && w.Use != "sig" {
			continue
		}
		k, err := w.key()
		if err != nil {
			return nil, fmt.Errorf("key %d of the set: %w", i+1, err)
		}
		all = append(all, k)
	}
	if len(all) == 0 {
		return nil, errors.New(`a key set without keys to sign with; use {"keys": [...]}`)
	}
	return all, nil
}

func (w *webKey) key() (key, error) {
	if w.D != "" {
		return key{}, errors.New("a private key, which only the login may have; leave out d and the primes")
	}
	public, err := w.public()
	if err != nil {
		return key{}, err
	}
	k, err := newKey(w.Kid, public)
	if err != nil || w.Alg == "" {
		return k, err
	}
	if !slices.Contains(k.algs, w.Alg) {
		return key{}, fmt.Errorf("alg %.20q is none of a key of kty %.20q", w.Alg, w.Kty)
	}
	k.algs = []string{w.Alg}
	return k, nil
}

func (w *webKey) public() (crypto.PublicKey, error) {
	switch w.Kty {
	case "RSA":
		n, e := number(w.N), number(w.E)
		if n == nil || e == nil || !e.IsInt64() || e.Int64() < 3 || e.Int64() > 1<<31-1 {
			return nil, errors.New("n or e is no number")
		}
		return &rsa.PublicKey{N: n, E: int(e.Int64())}, nil
	case "EC":
		return w.elliptic()
	case "OKP":
		x, err := base64.RawURLEncoding.DecodeString(w.X)
		if err != nil || len(x) != ed25519.PublicKeySize || w.Crv != "Ed25519" {
			return nil, errors.New("not an Ed25519 key")
		}
		return ed25519.PublicKey(x), nil
	case "oct":
		return base64.RawURLEncoding.DecodeString(w.K)
	}
	return nil, fmt.Errorf("kty %.20q; use RSA, EC, OKP or oct", w.Kty)
}

func (w *webKey) elliptic() (crypto.PublicKey, error) {
	curves := map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}
	curve := curves[w.Crv]
	if curve == nil {
		return nil, fmt.Errorf("crv %.20q; use P-256, P-384 or P-521", w.Crv)
	}
	x, y := number(w.X), number(w.Y)
	size := (curve.Params().BitSize + 7) / 8
	if x == nil || y == nil || len(x.Bytes()) > size || len(y.Bytes()) > size {
		return nil, errors.New("x or y is no number of the curve")
	}
	point := append([]byte{4}, x.FillBytes(make([]byte, size))...) // uncompressed
	k, err := ecdsa.ParseUncompressedPublicKey(curve, append(point, y.FillBytes(make([]byte, size))...))
	if err != nil {
		return nil, errors.New("not a point of the curve")
	}
	return k, nil
}

// number reads a Base64urlUInt, nil if it is none.
func number(text string) *big.Int {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) == 0 {
		return nil
	}
	return new(big.Int).SetBytes(b)
}
