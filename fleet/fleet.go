// Package fleet makes what the machines of a fleet share. In go the fleet and its machines'
// profiles; out come files below generated/fleet, in the formats of those who read them: a
// flake of all machines, nix's builders and caches, guix's machines, ssh's hosts, a step of a
// CI. Nix and Guix schedule what is built, vmloom never does. It reads no file and runs no tool.
package fleet

import (
	"encoding/base64"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"vmloom/generate"
	"vmloom/profile"
	"vmloom/templates"
)

// Machine is one of the fleet.
type Machine struct {
	*profile.Profile
	// File is its profile, from the fleet's file on, with slashes.
	File string
}

// output is a file that a fleet may have.
type output struct {
	path, template string
	mode           fs.FileMode
	wanted         func(*view) bool
}

func outputs() []output {
	nix := func(v *view) bool { return len(v.Builders) > 0 }
	guix := func(v *view) bool { return len(v.Guix) > 0 }
	any := func(v *view) bool { return len(v.All) > 0 }
	return []output{
		{"flake.nix", "fleet/flake.nix.tmpl", 0o644, func(v *view) bool { return len(v.Machines) > 0 }},
		{"nix/machines", "fleet/machines.nixconf.tmpl", 0o644, nix},
		{"nix/builders.nix", "fleet/builders.nix.tmpl", 0o644, nix},
		{"nix/nix.conf", "fleet/nix.nixconf.tmpl", 0o644, func(v *view) bool { return nix(v) || len(v.Caches)+len(v.Push) > 0 }},
		{"nix/push.sh", "fleet/push.sh.tmpl", 0o755, func(v *view) bool { return len(v.Push) > 0 }},
		{"guix/machines.scm", "fleet/machines.scm.tmpl", 0o644, guix},
		{"guix/guix.scm", "fleet/guix.scm.tmpl", 0o644, func(v *view) bool { return guix(v) || len(v.Servers) > 0 }},
		{"ssh/builders.conf", "fleet/builders.ssh_config.tmpl", 0o644, any},
		{"ssh/known_hosts", "fleet/known_hosts.nixconf.tmpl", 0o644, any},
		{"github/action.yml", "fleet/action.yaml.tmpl", 0o644, func(*view) bool { return true }},
	}
}

// Files makes those of a fleet, sorted by path.
func Files(f *profile.Fleet, machines []Machine) ([]generate.File, error) {
	v := newView(f, machines)
	var out []generate.File
	for _, o := range outputs() {
		if !o.wanted(v) {
			continue
		}
		data, err := templates.Render(o.template, v)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.path, err)
		}
		out = append(out, generate.File{Path: o.path, Mode: o.mode, Data: data})
	}
	slices.SortFunc(out, func(a, b generate.File) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

// view is what the templates print.
type view struct {
	From, Dir, Root     string
	Builders, Guix, All []builder // of nix, of guix, and both
	Caches, Servers     []cache   // of nix, and of guix
	Push                []push
	Netrc, Hook         string
	*flakes
}

// hook is where nix calls push.sh from: it wants an absolute path.
const hook = "/etc/nix/vmloom-push.sh"

type builder struct {
	profile.Builder
}

type cache struct {
	profile.Cache
	KeyName string // of its file in the store
}

type push struct {
	// Sign is what signs before, where there is a key.
	Sign, Words []string
	To          string
}

// nixWords are those of nix, whatever its settings.
func nixWords(args ...string) []string {
	return append([]string{"nix", "--extra-experimental-features", "nix-command"}, args...)
}

func newView(f *profile.Fleet, machines []Machine) *view {
	v := &view{From: f.File(), Dir: profile.FleetTree, Root: f.File(), Hook: hook, flakes: newFlakes(machines)}
	for _, b := range f.Builders {
		one := builder{b}
		v.All = append(v.All, one)
		if b.Builds("nix") {
			v.Builders = append(v.Builders, one)
		}
		if b.Builds("guix") {
			v.Guix = append(v.Guix, one)
		}
	}
	for i, c := range f.Caches {
		one := cache{c, fmt.Sprintf("substitutes-%d.pub", i+1)}
		if c.Key != "" {
			v.Caches = append(v.Caches, one)
		}
		if c.GuixKey != "" {
			v.Servers = append(v.Servers, one)
		}
		if c.Netrc != "" {
			v.Netrc = c.Netrc
		}
		to := push{Words: c.PushBy, To: c.URL}
		if c.Push != "" {
			to = push{Words: nixWords("copy", "--to", c.Push), To: c.Push}
		}
		if c.SecretKey != "" { // what was built before there was a hook, too
			to.Sign = nixWords("store", "sign", "--recursive", "--key-file", c.SecretKey)
		}
		if len(to.Words) > 0 {
			v.Push = append(v.Push, to)
		}
	}
	return v
}

// URLs and Keys are those of the caches of nix.
func (v *view) URLs() []string { return mapped(v.Caches, func(c cache) string { return c.URL }) }

// Keys are their public keys.
func (v *view) Keys() []string { return mapped(v.Caches, func(c cache) string { return c.Key }) }

// PublicHostKey is the host key as nix has it.
func (b builder) PublicHostKey() string {
	return base64.StdEncoding.EncodeToString([]byte(b.HostKeyText()))
}

// HostKeyText is the host key without its comment.
func (b builder) HostKeyText() string { return b.KeyType() + " " + b.KeyBlob() }

// KeyType is the first word of the host key.
func (b builder) KeyType() string { return strings.Fields(b.HostKey)[0] }

// KeyBlob is the key itself.
func (b builder) KeyBlob() string { return strings.Fields(b.HostKey)[1] }

// KnownName is the host as known_hosts has it.
func (b builder) KnownName() string {
	if b.Port != 22 {
		return fmt.Sprintf("[%s]:%d", b.Host, b.Port)
	}
	return b.Host
}

// SystemsWord, FeaturesWord and MandatoryWord are lists as one word of nix's machines.
func (b builder) SystemsWord() string { return listWord(b.Systems) }

// FeaturesWord is that of what it can do: what is mandatory, it can, too.
func (b builder) FeaturesWord() string { return listWord(b.Features) }

// MandatoryWord is that of what a build must ask for.
func (b builder) MandatoryWord() string { return listWord(b.Mandatory) }

func listWord(words []string) string {
	if len(words) == 0 {
		return "-"
	}
	return strings.Join(words, ",")
}

func mapped[A, B any](list []A, f func(A) B) []B {
	out := make([]B, 0, len(list))
	for _, one := range list {
		out = append(out, f(one))
	}
	return out
}

// flakeOf is a machine's flake.nix, from generated/fleet on.
func flakeOf(m Machine) string {
	return "/../../" + path.Join(path.Dir(m.File), profile.SharedTree, m.Name, "flake.nix")
}
