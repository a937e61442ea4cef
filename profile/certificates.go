package profile

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"vmloom/pattern"
)

// Certificate is one that the guest trusts, in PEM, with the file that it is in.
type Certificate struct{ File, PEM string }

// Certificates are those of guest.caCerts.
func (p *Profile) Certificates() (all []Certificate) {
	for _, file := range p.Guest.CACerts {
		rest := []byte(p.brought[file])
		for block, rest := pem.Decode(rest); block != nil; block, rest = pem.Decode(rest) {
			all = append(all, Certificate{file, strings.TrimSpace(string(pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes})))})
		}
	}
	return all
}

// otherPEM are what people take for a certificate, with the command that makes one of it.
var otherPEM = map[string]string{
	"TRUSTED CERTIFICATE": "a plain one is made by: openssl x509 -in FILE -out PEM",
	"PKCS7":               "its certificates are printed by: openssl pkcs7 -print_certs -in FILE -out PEM",
	"X509 CERTIFICATE":    "a plain one is made by: openssl x509 -in FILE -out PEM",
	"CERTIFICATE REQUEST": "it asks an authority for a certificate: name that authority's own",
}

// notPEM are files without a line of PEM, with the command that makes one of them.
var notPEM = []struct {
	is         func(text string) bool
	what, hint string
}{
	{begins("\xff\xfe", "\xfe\xff"), "is text in UTF-16", "in UTF-8 it is: iconv -f utf-16 -t utf-8 FILE -o PEM"},
	{indented, "has blanks before its lines", "without them it is read: sed -i 's/^[[:blank:]]*//' FILE"},
	{signedData, "is a bundle of PKCS #7", "its certificates are printed by: openssl pkcs7 -inform der -print_certs -in FILE -out PEM"},
	{pkcs12, "is a bundle of PKCS #12", "its certificates are printed by: openssl pkcs12 -nokeys -in FILE -out PEM"},
	{begins("\xfe\xed\xfe\xed"), "is a key store of Java's", "a certificate of it is printed by: keytool -exportcert -rfc -keystore FILE -alias NAME -file PEM"},
	{begins("ssh-", "ecdsa-", "sk-"), "is a key of SSH", "guest.user.authorizedKeys takes its line"},
	{begins("<"), "is a web page", "download the certificate itself"},
}

func begins(with ...string) func(string) bool {
	return func(text string) bool {
		return slices.ContainsFunc(with, func(one string) bool { return strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), one) })
	}
}

// indented holds for PEM that was copied out of another file.
func indented(text string) bool {
	return indentedPEM().MatchString(text)
}

var indentedPEM = pattern.New(`(?m)^[ \t]+-----BEGIN CERTIFICATE-----`)

// signedData is what DER has near the begin of PKCS #7, pkcs12 that of PKCS #12: its version.
func signedData(text string) bool {
	return strings.HasPrefix(text, "0") && strings.Contains(text[:min(len(text), 20)], "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02")
}

func pkcs12(text string) bool {
	return strings.HasPrefix(text, "0") && strings.Contains(text[:min(len(text), 8)], "\x02\x01\x03")
}

// pemOf is a name beside a file for the same in PEM.
func pemOf(file string) string {
	name := strings.TrimSuffix(file, path.Ext(file)) + ".pem"
	if name == file {
		name = strings.TrimSuffix(file, ".pem") + "-ca.pem"
	}
	return name
}

func certificateMistake(file, text string) (reason, hint string) {
	n, named := 0, strings.NewReplacer("FILE", file, "PEM", pemOf(file))
	for block, rest := pem.Decode([]byte(text)); block != nil; block, rest = pem.Decode(rest) {
		if strings.HasSuffix(block.Type, "PRIVATE KEY") {
			return "holds a private key, which no VM needs to trust its certificate", "take the key out: from -----BEGIN to -----END"
		}
		if hint := otherPEM[block.Type]; hint != "" {
			return "holds a " + strings.ToLower(block.Type), named.Replace(hint)
		}
		if _, err := x509.ParseCertificate(block.Bytes); block.Type != "CERTIFICATE" || err != nil {
			return fmt.Sprintf("holds a %s that is no certificate", strings.ToLower(block.Type)), "name the certificate of the authority, in PEM"
		}
		n++
	}
	if _, err := x509.ParseCertificate([]byte(text)); err == nil {
		return "is a certificate in DER", "in PEM it is: openssl x509 -inform der -in " + file + " -out " + pemOf(file)
	}
	if n > 0 && bytes.Count([]byte(text), []byte("-----BEGIN ")) > n {
		return "holds a certificate that is not whole", "one begins with -----BEGIN CERTIFICATE----- and ends with -----END CERTIFICATE-----"
	}
	if n > 0 {
		return "", ""
	}
	for _, other := range notPEM {
		if other.is(text) {
			return other.what, named.Replace(other.hint)
		}
	}
	return "holds no certificate in PEM", "one begins with -----BEGIN CERTIFICATE----- and ends with -----END CERTIFICATE-----"
}

// read reads a certificate, which certificateMistake has read before; nil: nobody could.
func (c Certificate) read() *x509.Certificate {
	block, _ := pem.Decode([]byte(c.PEM))
	if block == nil {
		return nil
	}
	read, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil
	}
	return read
}

// isAuthority holds for what OpenSSL takes for an authority's: a root of version 1 says nothing of it.
func isAuthority(c *x509.Certificate) bool {
	return c.IsCA || !c.BasicConstraintsValid && (c.KeyUsage&x509.KeyUsageCertSign != 0 || c.Version == 1 && isRoot(c))
}

// isRoot holds for one that its own subject has issued.
func isRoot(c *x509.Certificate) bool { return bytes.Equal(c.RawIssuer, c.RawSubject) }

// eachCertificate visits those of guest.caCerts with their fields.
func (p *Profile) eachCertificate(visit func(at string, c Certificate, read *x509.Certificate)) {
	for _, c := range p.Certificates() {
		if read := c.read(); read != nil {
			visit(item("guest.caCerts", slices.Index(p.Guest.CACerts, c.File)), c, read)
		}
	}
}

// certificates warns of those of servers, by which programs do not all trust the server.
func (l *linter) certificates() {
	p, issuers := l.p, map[string]bool{}
	p.eachCertificate(func(_ string, _ Certificate, c *x509.Certificate) { issuers[string(c.RawSubject)] = isAuthority(c) })
	p.eachCertificate(func(at string, own Certificate, c *x509.Certificate) {
		only := p.System().Manager.OnlyAuthorities
		of := own.File + ": holds the certificate of " + cmp.Or(c.Subject.CommonName, strings.Join(c.DNSNames, ", "), "a server") + ", which is no authority's: "
		switch {
		case isAuthority(c), issuers[string(c.RawIssuer)]:
		case isRoot(c) && only:
			l.warn("ca-leaf", at, of+p.System().Title+" leaves it out of those that it trusts", "make it with the extension basicConstraints=CA:TRUE, or name an authority's")
		case only:
			l.warn("ca-leaf", at, of+p.System().Title+" leaves it out of those that it trusts", "name the certificate of "+issuerOf(c)+", which has issued it")
		case !isRoot(c):
			l.warn("ca-leaf", at, of+"OpenSSL, and with it Python, trusts no server by it", "name the certificate of "+issuerOf(c)+", which has issued it")
		}
	})
}

// issuerOf names who has issued a certificate.
func issuerOf(c *x509.Certificate) string {
	return cmp.Or(c.Issuer.CommonName, strings.Join(c.Issuer.Organization, ", "), "the authority")
}

// expired warns of certificates that do not count on a day.
func (l *linter) expired(today time.Time) {
	l.p.eachCertificate(func(at string, own Certificate, c *x509.Certificate) {
		of := own.File + ": the certificate of " + cmp.Or(c.Subject.CommonName, "the authority")
		switch ends, begins := c.NotAfter.UTC().Format(time.DateOnly), c.NotBefore.UTC().Format(time.DateOnly); {
		case ends < today.Format(time.DateOnly):
			l.warn("ca-expired", at, of+" has expired on "+ends+": nothing is trusted by it", "name the new one of the same authority")
		case begins > today.AddDate(0, 0, 1).Format(time.DateOnly):
			l.warn("ca-expired", at, of+" counts from "+begins+" on: nothing is trusted by it before", "name the one that counts today beside it")
		}
	})
}
