package engine

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// A signature of minisign is that of the image and, with it, of a trusted comment. Ours names the image and its
// SHA-256, so that a lock can be trusted before the image is there, and the image by its digest.

// minisignKey is a public key of minisign: the last line of its file.
type minisignKey struct {
	id  [8]byte
	key ed25519.PublicKey
}

func parseMinisignKey(text string) (k minisignKey, err error) {
	raw, err := unbase64(text)
	if err != nil || len(raw) != 2+8+ed25519.PublicKeySize || string(raw[:2]) != "Ed" {
		return k, errors.New("is no public key of minisign: the last line of its .pub file, RW…")
	}
	copy(k.id[:], raw[2:])
	k.key = raw[10:]
	return k, nil
}

// minisignSignature is the text of a .minisig file.
type minisignSignature struct {
	id             [8]byte
	image, comment []byte // signatures: of the image, and of that with the comment
	trusted        string
}

const (
	untrustedPrefix = "untrusted comment: "
	trustedPrefix   = "trusted comment: "
)

var errNoSignature = errors.New("is no signature of minisign")

func parseMinisignSignature(text string) (s minisignSignature, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 5 || lines[4] != "" || !strings.HasPrefix(lines[0], untrustedPrefix) {
		return s, errNoSignature
	}
	trusted, ok := strings.CutPrefix(lines[2], trustedPrefix)
	if !ok {
		return s, errNoSignature
	}
	image, err := unbase64(lines[1])
	if err != nil || len(image) != 2+8+ed25519.SignatureSize || string(image[:2]) != "ED" && string(image[:2]) != "Ed" {
		return s, errNoSignature
	}
	comment, err := unbase64(lines[3])
	if err != nil || len(comment) != ed25519.SignatureSize {
		return s, errNoSignature
	}
	s = minisignSignature{image: image[10:], comment: comment, trusted: trusted}
	copy(s.id[:], image[2:])
	return s, nil
}

// unbase64 takes one spelling of a value alone; Go's own reader skips line ends.
func unbase64(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, errNoSignature
	}
	return base64.StdEncoding.Strict().DecodeString(text)
}

// trustedComment is what the signature of an image has to say.
func trustedComment(key, sha256 string) string {
	return "vmloom image " + key + " sha256:" + sha256
}

// verifySignature holds a record's signature to a public key: who has the other half has said that the image of this
// name has this digest.
func verifySignature(public, key string, r Record) error {
	k, err := parseMinisignKey(public)
	if err != nil {
		return err
	}
	if r.Signature == "" {
		return errors.New("is not signed")
	}
	s, err := parseMinisignSignature(r.Signature)
	switch {
	case err != nil:
		return fmt.Errorf("its signature %w", err)
	case s.id != k.id:
		return errors.New("is signed by another key")
	case !ed25519.Verify(k.key, append(append([]byte{}, s.image...), s.trusted...), s.comment):
		return errors.New("its signature is wrong")
	case s.trusted != trustedComment(key, r.SHA256):
		return fmt.Errorf("its signature is that of another image: %q", s.trusted)
	}
	return nil
}
