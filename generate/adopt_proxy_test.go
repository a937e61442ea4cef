package generate_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"vmloom/adopt"
	"vmloom/profile"
)

// TestAdoptProxy: variables that say a proxy become guest.proxy, whose template differs for reasons alone. One that a
// profile cannot say stays a variable.
func TestAdoptProxy(t *testing.T) {
	for _, c := range []struct {
		env  string
		want profile.Proxy
	}{
		{"{http_proxy: 'http://p.example.org:3128', HTTPS_PROXY: 'http://p.example.org:3128', no_proxy: 'localhost, .internal,10.0.0.5'}",
			profile.Proxy{HTTP: "http://p.example.org:3128", HTTPS: "http://p.example.org:3128", NoProxy: []string{".internal", "10.0.0.5"}}},
		{"{http_proxy: 'http://a:1', https_proxy: 'http://b:2'}", profile.Proxy{HTTP: "http://a:1", HTTPS: "http://b:2"}},
		{"{http_proxy: 'http://127.0.0.1:3128', https_proxy: 'http://127.0.0.1:3128'}", profile.Proxy{}}, // which Lima puts the host's address for
		{"{http_proxy: 'http://a:1'}", profile.Proxy{}},
		{"{http_proxy: 'socks5://a:1', https_proxy: 'socks5://a:1'}", profile.Proxy{}},
	} {
		old := []byte("base: template:_images/debian-13\nenv: " + c.env + "\n")
		a, p, text, _, ds := adopted(t, adopt.Input{Lima: adopt.File{Name: "lima.yaml", Data: old}, Instance: "box", Host: adopt.Host{OS: "linux", User: "ada", Home: "/home/ada"}})
		for _, d := range ds {
			if d.Why == "" && !a.HoldsSecret(d) {
				t.Errorf("%s: %q -> %q: not explained\n%s", d.Path, d.Old, d.New, text)
			}
		}
		if d := cmp.Diff(c.want, p.Guest.Proxy); d != "" || p.HasProxy() == (p.Guest.Env["http_proxy"] != "") || p.Lima.Extra.Node != nil {
			t.Errorf("%s\n%s%s", c.env, d, text)
		}
	}
}
