package profile

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestGuixFilesOfParts: what a part names lies beside the part, and a file stands for all channels.
func TestGuixFilesOfParts(t *testing.T) {
	files := map[string]string{
		"vmloom.yaml": "version: 1\nname: dev\nextends: [../team/base.yaml]\nhost: {os: linux, user: ada}\nguest: {system: guix}\n",
	}
	files["../team/base.yaml"] = `guix:
  channels: ./channels.scm
  loadPath: [./modules, ../more]
  substitutes: [{url: "https://a.example.org", key: ./a.pub}, {url: "https://b.example.org", key: "(public-key (q #11#))"}]
`
	p, err := layered(files)
	if err != nil {
		t.Fatal(report(err))
	}
	got := []string{p.Guix.Channels.File()}
	got = append(got, p.Guix.LoadPath...)
	for _, s := range p.Guix.Substitutes {
		got = append(got, s.Key)
	}
	if d := cmp.Diff([]string{"../team/channels.scm", "../team/modules", "../more", "../team/a.pub", "(public-key (q #11#))"}, got); d != "" {
		t.Error(d)
	}
	applied := Applied{"guix.channels", "../team/channels.scm", []Cost{Switch}}
	if !slices.ContainsFunc(p.Applied(), func(a Applied) bool { return cmp.Equal(a, applied) }) {
		t.Errorf("%v", p.Applied())
	}
	if e, err := p.Explain("guix.channels"); err != nil || len(e) != 1 || e[0].Value != "../team/channels.scm" || len(e[0].Said) != 1 || e[0].Said[0].File != "../team/base.yaml" {
		t.Errorf("%v %v", e, err)
	}

	files["vmloom.local.yaml"] = "guix: {channels: [{name: guix, commit: 230aa373f315f247852ee07dff34146e9b480aec}], substitutes: [https://a.example.org: null]}\n"
	p, err = layered(files)
	if err != nil {
		t.Fatal(report(err))
	}
	if p.Guix.Channels.File() != "" || p.Guix.Channels[0].Branch != "master" || len(p.Guix.Substitutes) != 1 {
		t.Errorf("%+v", p.Guix)
	}
	if e, err := p.Explain("guix.channels"); err != nil || len(e) != 3 || e[1].Path != "guix.channels[0].branch" && e[0].Path != "guix.channels[0].name" {
		t.Errorf("%v %v", e, err)
	}
}
