package profile

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io/fs"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"
)

// certificateFiles are those that cases of lints name: an authority's, and what is none.
var certificateFiles = sync.OnceValue(func() map[string]string {
	day := func(year int) time.Time { return time.Date(year, time.March, 1, 0, 0, 0, 0, time.UTC) }
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	made := func(name string, ca bool, by *x509.Certificate, from, until int) (*x509.Certificate, string) {
		c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: day(from), NotAfter: day(until), BasicConstraintsValid: true, IsCA: ca}
		if by == nil {
			by = c
		}
		der, err := x509.CreateCertificate(rand.Reader, c, by, key.Public(), key)
		if err != nil {
			panic(err)
		}
		read, err := x509.ParseCertificate(der)
		if err != nil {
			panic(err)
		}
		return read, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	}
	root, authority := made("Corp CA", true, nil, 2020, 2120)
	_, server := made("db.example.org", false, root, 2020, 2120)
	_, self := made("git.example.org", false, nil, 2020, 2120)
	_, old := made("Old CA", true, nil, 2020, 2025)
	_, next := made("Next CA", true, nil, 2030, 2040)
	return map[string]string{"corp.pem": authority, "server.pem": server, "self.pem": self, "chain.pem": server + authority, "old.pem": old, "next.pem": next}
})

// besideLints reads what cases of lints have beside them.
func besideLints(file string) ([]byte, error) {
	if text, ok := certificateFiles()[file]; ok {
		return []byte(text), nil
	}
	return nil, fs.ErrNotExist
}

// TestNoPEM: what people have of a certificate beside PEM is told by its bytes, with the command that makes PEM of it.
func TestNoPEM(t *testing.T) {
	for _, c := range []struct{ file, text, want string }{
		{"./a.p12", "0\x82\x04\x1c\x02\x01\x030\x82\x03\xd2\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", "is a bundle of PKCS #12 [its certificates are printed by: openssl pkcs12 -nokeys -in ./a.p12 -out ./a.pem]"},
		{"./a.p7b", "0\x82\x01\xa3\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0", "is a bundle of PKCS #7 [its certificates are printed by: openssl pkcs7 -inform der -print_certs -in ./a.p7b -out ./a.pem]"},
		{"./a.cer", "\xff\xfe-\x00-\x00", "is text in UTF-16 [in UTF-8 it is: iconv -f utf-16 -t utf-8 ./a.cer -o ./a.pem]"},
		{"./a.jks", "\xfe\xed\xfe\xed\x00\x00\x00\x02", "is a key store of Java's [a certificate of it is printed by: keytool -exportcert -rfc -keystore ./a.jks -alias NAME -file ./a.pem]"},
		{"./a.pub", "ssh-ed25519 AAAA me@here\n", "is a key of SSH [guest.user.authorizedKeys takes its line]"},
		{"./a.pem", "\n<!DOCTYPE html>\n", "is a web page [download the certificate itself]"},
		{"./a.pem", "  " + strings.ReplaceAll(authority, "\n", "\n  "), "has blanks before its lines [without them it is read: sed -i 's/^[[:blank:]]*//' ./a.pem]"},
		{"./a.pem", strings.ReplaceAll(authority, "CERTIFICATE", "X509 CERTIFICATE"), "holds a x509 certificate [a plain one is made by: openssl x509 -in ./a.pem -out ./a-ca.pem]"},
		{"./a.pem", strings.ReplaceAll(authority, "\n", "\r\n"), ""},
	} {
		reason, hint := certificateMistake(c.file, c.text)
		if got := reason + " [" + hint + "]"; got != c.want && reason+c.want != "" {
			t.Errorf("%s: %s\nnot %s", c.file, got, c.want)
		}
	}
}
