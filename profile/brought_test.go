package profile

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const authority = `-----BEGIN CERTIFICATE-----
MIIBijCCATGgAwIBAgIUW0HKXUuOwur40e6YlWkL6jabHiIwCgYIKoZIzj0EAwIw
GjEYMBYGA1UEAwwPRXhhbXBsZSBDb3JwIENBMCAXDTI2MTEyNjE4MjcxN1oYDzIx
MjYxMTAyMTgyNzE3WjAaMRgwFgYDVQQDDA9FeGFtcGxlIENvcnAgQ0EwWTATBgcq
hkjOPQIBBggqhkjOPQMBBwNCAATYSrbCgGO50lD30AED6OJL4htXdgAFUrroelky
diy20Hg2p58K+0bgOT4F97PaQ69loPNIYL/nB5Cq5V6MiCd5o1MwUTAdBgNVHQ4E
FgQUmmsig6zgrhLmKySXOK/dNLBj07QwHwYDVR0jBBgwFoAUmmsig6zgrhLmKySX
OK/dNLBj07QwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiB1V096
16wLkf2bvePHlJUz50hTjUeSyreR8tZdQQLx/QIgUIIK4qUcpqzlIF6P1QDqepLD
9jhhw6QbrXSniw8MO0I=
-----END CERTIFICATE-----
`

// TestBrought: what is wrong with a file whose content goes into the VM is said at the line that names it.
func TestBrought(t *testing.T) {
	files := map[string]string{
		"a.sh": "#!/bin/sh\necho a\n", "up/b.py": "#!/usr/bin/env python3\n", "plain": "echo\n", "dos.sh": "#!/bin/sh\r\necho\r\n", "bin": "#!\x00\xff", "bom.sh": "\ufeff#!/bin/sh\n", "latin.sh": "#!/bin/sh\necho \xe9\n", "big.sh": "#!/bin/sh\n" + strings.Repeat("#", maxBrought), "huge.sh": strings.Repeat("#", MaxBytes+1),
		"token.sh": "#!/bin/sh\nexport GITHUB_TOKEN=ghp_0123456789abcdefghijklmnopqrstuvwxyz\n",
		"ca.pem":   "# ours\n" + authority + authority, "empty.pem": "", "cut.pem": authority + authority[:200], "request.pem": strings.ReplaceAll(authority, "CERTIFICATE", "CERTIFICATE REQUEST"),
		"trusted.pem": strings.ReplaceAll(authority, "CERTIFICATE", "TRUSTED CERTIFICATE"), "chain.p7b": strings.ReplaceAll(authority, "CERTIFICATE", "PKCS7"),
		"key.pem": authority + strings.ReplaceAll(authority, "CERTIFICATE", "PRIVATE KEY"),
	}
	read := func(file string) ([]byte, error) {
		if file == "../out.sh" {
			return nil, fs.ErrPermission
		}
		text, ok := files[file]
		if !ok {
			return nil, fs.ErrNotExist
		}
		if len(text) > MaxBytes {
			return nil, ErrLarge
		}
		return []byte(text), nil
	}
	for _, c := range []struct{ guest, want string }{
		{"{system: debian, release: '13', user: {name: u}, setup: {once: [./a.sh], boot: [./a.sh], user: [./up/b.py]}, caCerts: [./ca.pem]}", ""},
		{"{system: nixos, user: {name: u}, caCerts: [./ca.pem]}", ""},
		{"{system: nixos, user: {name: u}, setup: {once: [./a.sh]}}", "4:48: guest.setup: does not apply to nixos: its system is declared, and a script would not outlive a switch [write it as a file of nix.modules]"},
		{"{system: guix, user: {name: u}, setup: {user: [./a.sh]}}", "4:47: guest.setup: does not apply to guix: its system is declared, and a script would not outlive a switch [write it as a file of guix.modules]"},
		{"{system: debian, release: '13', user: {name: u}, setup: {once: [./no.sh, /a.sh, ../out.sh, ./plain, ./dos.sh, ./bin, ./big.sh, ./up/../a.sh, ./a.sh, ./a.sh]}}", `4:72: guest.setup.once[0]: ./no.sh: no such file beside the profile [write it, or remove the line]
4:81: guest.setup.once[1]: must be a path relative to the profile, such as ./setup.sh, without | [it goes along with the profile: copy it beside it, and write ./a.sh]
4:88: guest.setup.once[2]: ../out.sh: permission denied [name a file of this project]
4:99: guest.setup.once[3]: ./plain: does not begin with #! and its interpreter [begin it with #!/bin/sh]
4:108: guest.setup.once[4]: ./dos.sh: has line ends of Windows, which its interpreter takes for part of its name [sed -i 's/\r$//' the file]
4:118: guest.setup.once[5]: ./bin: is no text [let a script fetch the program, and name the script]
4:125: guest.setup.once[6]: ./big.sh: is larger than 256 KiB [let a small script fetch what is large]
4:135: guest.setup.once[7]: must be written plainly: ./a.sh
4:157: guest.setup.once[9]: ./a.sh is named before [remove one of them]`},
		{"{system: debian, release: '13', user: {name: u}, setup: {once: [./huge.sh]}}", "4:72: guest.setup.once[0]: ./huge.sh: is larger than 256 KiB [let a small script fetch what is large]"},
		{"{system: debian, release: '13', user: {name: u}, setup: {once: [./bom.sh, ./latin.sh]}, caCerts: [./trusted.pem, ./chain.p7b]}", `4:72: guest.setup.once[0]: ./bom.sh: begins with a byte order mark, by which no system knows its interpreter [sed -i '1s/^\xef\xbb\xbf//' the file]
4:82: guest.setup.once[1]: ./latin.sh: is text in another encoding than UTF-8 [iconv -f latin1 -t utf-8 makes it, if it is Latin 1]
4:106: guest.caCerts[0]: ./trusted.pem: holds a trusted certificate [a plain one is made by: openssl x509 -in ./trusted.pem -out ./trusted-ca.pem]
4:121: guest.caCerts[1]: ./chain.p7b: holds a pkcs7 [its certificates are printed by: openssl pkcs7 -print_certs -in ./chain.p7b -out ./chain.pem]`},
		{"{system: debian, release: '13', user: {name: u}, caCerts: [./empty.pem, ./cut.pem, ./request.pem, ./key.pem, ./a.sh, ./ca.pem, ./ca.pem]}", `4:67: guest.caCerts[0]: ./empty.pem: holds no certificate in PEM [one begins with -----BEGIN CERTIFICATE----- and ends with -----END CERTIFICATE-----]
4:80: guest.caCerts[1]: ./cut.pem: holds a certificate that is not whole [one begins with -----BEGIN CERTIFICATE----- and ends with -----END CERTIFICATE-----]
4:91: guest.caCerts[2]: ./request.pem: holds a certificate request [it asks an authority for a certificate: name that authority's own]
4:106: guest.caCerts[3]: ./key.pem: holds a private key, which no VM needs to trust its certificate [take the key out: from -----BEGIN to -----END]
4:117: guest.caCerts[4]: ./a.sh: holds no certificate in PEM [one begins with -----BEGIN CERTIFICATE----- and ends with -----END CERTIFICATE-----]
4:135: guest.caCerts[6]: ./ca.pem is named before [remove one of them]`},
	} {
		p, err := Layers{Read: read}.Load("vmloom.yaml", []byte("version: 1\nname: a\nhost: {os: linux}\nguest: "+c.guest+"\n"))
		var got []string
		if ps, ok := err.(Problems); ok {
			for _, problem := range ps {
				line := fmt.Sprintf("%d:%d: ", problem.Pos.Line, problem.Pos.Col) + problem.Path + ": " + problem.Reason
				if problem.Hint != "" {
					line += " [" + problem.Hint + "]"
				}
				got = append(got, line)
			}
		}
		if d := cmp.Diff(c.want, strings.Join(got, "\n")); d != "" {
			t.Errorf("%s\n%s", c.guest, d)
		}
		if err == nil && len(p.Certificates()) != 2 {
			t.Errorf("%d certificates", len(p.Certificates()))
		}
	}
	// What is in a script counts, and is seen.
	load := func() *Profile {
		p, err := Layers{Read: read}.Load("vmloom.yaml", []byte("version: 1\nname: a\nhost: {os: linux}\nhome: {disk: 1GiB}\nguest: {system: debian, release: '13', user: {name: u}, setup: {once: [./token.sh]}}\n"))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p, before := load(), ""
	for _, w := range Lint(p, nil) {
		before += w.Path + ": " + w.ID
	}
	if before != "guest.setup.once[0]: "+SecretID {
		t.Errorf("warns: %s", before)
	}
	applied := func(p *Profile) string {
		for _, a := range p.Applied() {
			if strings.HasPrefix(a.Path, "guest.setup.once[./token.sh]") {
				return a.Value
			}
		}
		return ""
	}
	was := applied(p)
	files["token.sh"] = "#!/bin/sh\n"
	if now := applied(load()); was == "" || now == "" || now == was {
		t.Errorf("was %q, is %q", was, now)
	}
}
