package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"path"
	"slices"
	"sync"
	"testing"
	"time"

	"vmloom/internal/tooltest"
)

// guestProxy is a proxy of this host's, behind which is one server of packages.
type guestProxy struct {
	port string
	mu   sync.Mutex
	urls []string
}

func newGuestProxy(t *testing.T) *guestProxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { l.Close() })
	_, port, err := net.SplitHostPort(l.Addr().String())
	must(t, err)
	p := &guestProxy{port: port}
	list, deb := makePackage(t)
	files := map[string]string{"Packages": list, "docker.io.deb": deb}
	go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.urls = append(p.urls, r.URL.String())
		p.mu.Unlock()
		text, ok := files[path.Base(r.URL.Path)]
		if !ok || r.URL.Host != "packages.example.org" { // who takes it for a server names none
			http.NotFound(w, r)
			return
		}
		io.WriteString(w, text)
	}))
	return p
}

// asked are the URLs that it was asked for.
func (p *guestProxy) asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.urls)
}

// guestTLS is a server of this host's with a certificate of an authority of its own.
type guestTLS struct{ port, ca string }

func newGuestTLS(t *testing.T) *guestTLS {
	t.Helper()
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Example Corp"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	server := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: ca.NotBefore, NotAfter: ca.NotAfter, DNSNames: []string{"host.example"}}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	root, err := x509.CreateCertificate(rand.Reader, ca, ca, &caKey.PublicKey, caKey)
	must(t, err)
	leaf, err := x509.CreateCertificate(rand.Reader, server, ca, &key.PublicKey, caKey)
	must(t, err)
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{leaf}, PrivateKey: key}}})
	must(t, err)
	t.Cleanup(func() { l.Close() })
	go tooltest.Serve(l, func(c net.Conn) { fmt.Fprintln(c, "trusted") })
	_, port, err := net.SplitHostPort(l.Addr().String())
	must(t, err)
	return &guestTLS{port, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root}))}
}

// asked is a line of sh that succeeds in the guest where its system trusts the server.
func (s *guestTLS) asked() string {
	return "openssl s_client -connect 10.0.2.2:" + s.port + " -servername host.example -verify_hostname host.example -verify_return_error </dev/null"
}
