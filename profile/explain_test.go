package profile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestExplain: which file gave a value, and over what.
func TestExplain(t *testing.T) {
	p, err := layered(map[string]string{
		"vmloom.yaml":       shared + "extends: [base.yaml]\nlima: {extra: {a: {b: 1}, c: [x]}}\n",
		"base.yaml":         "guest: {user: {uid: 501}, timezone: Etc/UTC}\nautostart: login\nsockets: [{name: docker, check: docker ps}]\n",
		"vmloom.local.yaml": "guest: {user: {uid: 1234}, packages: [htop]}\nautostart: null\nsockets: [{name: docker, env: DH}]\nlima: {extra: {a: {b: 2}}}\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"guest.user.uid":            "guest.user.uid: 1234 at vmloom.local.yaml:1:21, 1000 at :7:24, 501 at base.yaml:1:21",
		"guest.timezone":            "guest.timezone: Etc/UTC at base.yaml:1:37",
		"autostart":                 "autostart: off by default, taken out at vmloom.local.yaml:2:12",
		"resources.disk":            "resources.disk: 50GiB by default",
		"home.disk":                 "home.disk: none by default",
		"wezterm":                   "wezterm: none by default",
		"guest.env":                 "guest.env.EDITOR: vim at :9:17\nguest.env.PAGER: less at :9:29",
		"sockets[docker].env":       "sockets[0].env: DH at vmloom.local.yaml:3:31",
		"sockets[0].check":          "sockets[0].check: docker ps at base.yaml:3:33",
		"ports[80]":                 "ports[0].guest: 80 at :13:17\nports[0].host: 8080 at :13:27",
		"guest.packages":            "guest.packages[0]: git at :8:14\nguest.packages[1]: ripgrep at :8:19\nguest.packages[2]: {nix: fd, apt: fd-find} at :8:28\nguest.packages[3]: htop at vmloom.local.yaml:1:39",
		"lima.extra":                "lima.extra.a.b: 2 at vmloom.local.yaml:4:23, 1 at :15:23\nlima.extra.c: [x] at :15:30",
		"lima.extra.a.b":            "lima.extra.a.b: 2 at vmloom.local.yaml:4:23, 1 at :15:23",
		"guest.user.authorizedKeys": "guest.user.authorizedKeys: [] by default",
		"guest.usr":                 "field guest.usr: there is none of that name: did you mean user?",
		"guest.user.uid.x":          "field guest.user.uid.x: there is none of that name",
		"sockets[agnet]":            "field sockets[agnet]: there is none of that name: did you mean agent?",
		"wezterm.domain":            "field wezterm.domain: there is none of that name",
		"guest..user":               `field "guest..user": must be keys with dots between them, such as guest.user.uid`,
	} {
		found, err := p.Explain(path)
		var lines []string
		for _, e := range found {
			line := e.Path + ": "
			for i, s := range e.Said {
				if i > 0 {
					line += ", "
				}
				line += fmt.Sprintf("%s at %s:%d:%d", s.Value, s.File, s.Line, s.Col)
			}
			if e.Said == nil {
				line += e.Value + " by default"
			}
			if e.Removed != nil {
				line += fmt.Sprintf(", taken out at %s:%d:%d", e.Removed.File, e.Removed.Line, e.Removed.Col)
			}
			lines = append(lines, line)
		}
		if err != nil {
			lines = append(lines, err.Error())
		}
		if d := cmp.Diff(want, strings.Join(lines, "\n")); d != "" {
			t.Errorf("%s: -want +got:\n%s", path, d)
		}
	}
}

// TestExplainAll: every field of every golden profile has an explanation, and each section for itself.
func TestExplainAll(t *testing.T) {
	files, _ := filepath.Glob("../testdata/golden/*/vmloom.yaml")
	asked := 0
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p, err := Load("vmloom.yaml", src)
		if err != nil {
			continue // it extends others
		}
		for _, field := range append(fieldsOf(profileType).names, "") {
			if all, err := p.Explain(field); err != nil || len(all) == 0 {
				t.Errorf("%s: %q: %v, %v", file, field, all, err)
			}
			asked++
		}
	}
	if asked < 100 {
		t.Errorf("asked for %d sections only", asked)
	}
}
