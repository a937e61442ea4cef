package profile

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"path"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// FleetName is the file that several machines share.
const FleetName = "vmloom.fleet.yaml"

// FleetTree is the directory beside it that its files go to.
const FleetTree = SharedTree + "/" + fleetDir

// fleetDir is a name that no profile may have.
const fleetDir = "fleet"

// Fleet is what several machines share: what stands under each of their profiles, who builds for
// them, and where what was built is found.
type Fleet struct {
	// Version of the format: 1.
	Version int `yaml:"version" jsonschema:"required,enum=1"`
	// Machines are the profiles, as paths from this file on; * stands for any part of a name.
	Machines []string `yaml:"machines" jsonschema:"required" form:"glob"`
	// Defaults are merged under each profile by the rules of extends: the machine's own word wins.
	Defaults Defaults `yaml:"defaults"`
	// Builders are machines that nix or guix hand builds to.
	Builders []Builder `yaml:"builders"`
	// Caches are where what was built is found.
	Caches []Cache `yaml:"caches"`
	// Images are where everybody downloads an image that one has built.
	Images Images `yaml:"images"`
	// Build says where images are built, and how many at once, unless a profile does.
	Build Build `yaml:"build"`
	// CI is for whoever builds them all.
	CI CI `yaml:"ci"`

	file   string
	source []byte
	pos    map[string]Pos
}

// Builder is a machine that nix or guix hand builds to. Their daemon, which is root, reaches it by ssh.
type Builder struct {
	// Host is its name or address. No alias of an ssh config holds for the daemon.
	Host string `yaml:"host" jsonschema:"required" form:"host name"`
	// Port of its ssh. Default: 22.
	Port int `yaml:"port" jsonschema:"minimum=1,maximum=65535"`
	// User who logs in there.
	User string `yaml:"user" jsonschema:"required" form:"account"`
	// Systems that it builds for.
	Systems []string `yaml:"systems" jsonschema:"required,enum=x86_64-linux,enum=aarch64-linux,enum=x86_64-darwin,enum=aarch64-darwin"`
	// Key is the file of root's private key, on the machine that hands builds out.
	Key string `yaml:"key" jsonschema:"required" form:"plain path"`
	// HostKey is the text of its /etc/ssh/ssh_host_ed25519_key.pub.
	HostKey string `yaml:"hostKey" jsonschema:"required" form:"public key"`
	// Jobs at once. Default: 1.
	Jobs int `yaml:"jobs" jsonschema:"minimum=1,maximum=1000"`
	// Speed beside the others'. Default: 1.
	Speed int `yaml:"speed" jsonschema:"minimum=1,maximum=1000"`
	// Features that it has: kvm, big-parallel, nixos-test.
	Features []string `yaml:"features" form:"nix setting"`
	// Mandatory are features that a build must ask for to go there.
	Mandatory []string `yaml:"mandatory" form:"nix setting"`
	// Engines that it builds for. Default: nix and guix.
	Engines []string `yaml:"engines" jsonschema:"enum=nix,enum=guix"`
}

// Builds reports whether the builder is one of nix, or of guix.
func (b Builder) Builds(engine string) bool {
	return len(b.Engines) == 0 || slices.Contains(b.Engines, engine)
}

// Store is the URI by which nix knows the builder.
func (b Builder) Store() string {
	host := b.Host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return "ssh-ng://" + b.User + "@" + host
}

// Cache is where what was built is found.
type Cache struct {
	// URL of the cache.
	URL string `yaml:"url" jsonschema:"required" form:"substituter"`
	// Key is the public key of a cache of nix, as NAME:BASE64.
	Key string `yaml:"key" form:"nix key"`
	// GuixKey is the public key of a server of guix: the text of its signing-key.pub.
	GuixKey string `yaml:"guixKey" form:"guix key"`
	// Netrc is a file with the name and password for it, where it asks for them.
	Netrc string `yaml:"netrc" form:"plain path"`
	// SecretKey is the file of the key that what is pushed is signed with, on the machine that builds.
	SecretKey string `yaml:"secretKey" form:"plain path"`
	// Push is where what was built here is copied to, as nix copy --to takes it.
	Push string `yaml:"push" form:"substituter"`
	// PushBy is a command that takes the store paths that were built as its last words.
	PushBy []string `yaml:"pushBy"`
}

// Images are where everybody downloads an image that one has built.
type Images struct {
	// URL of the directory that they are downloaded from.
	URL string `yaml:"url" form:"image server"`
	// Key is the public key of minisign by which they are signed, the last line of its .pub file.
	Key string `yaml:"key" form:"minisign key"`
	// SecretKey is the file of its other half, on the machine that builds.
	SecretKey string `yaml:"secretKey" form:"plain path"`
	// PushBy is the command that brings an image there: {image} in it is the file, {name} what it is called there.
	PushBy []string `yaml:"pushBy"`
}

// CI is for whoever builds all machines.
type CI struct {
	// Runners are what runs the jobs of a system: x86_64-linux: ubuntu-24.04.
	Runners map[string]string `yaml:"runners"`
}

// runners are those of GitHub's that run the jobs of a system, unless ci.runners names others.
var runners = map[string]string{"x86_64-linux": "ubuntu-24.04", "aarch64-linux": "ubuntu-24.04-arm"}

// RunnerOf is what runs the jobs of a system; nil is no fleet.
func (f *Fleet) RunnerOf(system string) string {
	if f != nil && f.CI.Runners[system] != "" {
		return f.CI.Runners[system]
	}
	return runners[system]
}

// Defaults are what stands under the profiles of a fleet.
type Defaults struct {
	root *yaml.Node
}

func (f *Defaults) decode(d *decoder, n *yaml.Node, at string) {
	if n.Kind != yaml.MappingNode {
		d.wrongType(n, at, "a mapping")
		return
	}
	f.root = n
	for i, key := range pairs(n) {
		path := join(at, key.Value)
		d.pos[path] = d.place(n.Content[2*i])
		switch key.Value {
		case "name":
			d.bad(path, "is each machine's own", "take it out")
		case "extends":
			d.bad(path, "does not belong into what stands under every profile", "a profile itself extends others")
		}
	}
}

func (f *Defaults) encode(*writer, string) *yaml.Node { return f.root }

// LoadFleet reads a fleet's file. The error is nil or Problems.
func LoadFleet(file string, src []byte) (*Fleet, error) {
	f := &Fleet{file: file, source: src, pos: map[string]Pos{}}
	d := &decoder{src: bytes.TrimPrefix(src, bom), part: true, pos: f.pos, wrong: map[string]bool{}, unread: map[string]bool{}, budget: maxNodes}
	root := d.parse()
	if root != nil {
		d.decode(root, "", reflect.ValueOf(f).Elem())
		f.fill(root)
		f.validate(d)
	}
	if len(d.problems) > 0 {
		d.problems.sort(f.sources())
		return nil, d.problems
	}
	return f, nil
}

func (f *Fleet) sources() []Source { return []Source{{Text: f.source}} }

// fill completes what the file leaves out. What it says of building stands under the profiles, too.
func (f *Fleet) fill(root *yaml.Node) {
	for i := range f.Builders {
		b := &f.Builders[i]
		b.Port, b.Jobs, b.Speed = max(b.Port, 1), max(b.Jobs, 1), max(b.Speed, 1)
		if _, given := f.pos[item("builders", i)+".port"]; !given {
			b.Port = 22
		}
	}
	under := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: root.Line, Column: root.Column}
	if f.Defaults.root != nil {
		under.Content = slices.Clone(f.Defaults.root.Content)
	}
	has := func(n *yaml.Node, name string) bool {
		return slices.ContainsFunc(pairs(n), func(k *yaml.Node) bool { return k.Value == name })
	}
	for i, key := range pairs(root) {
		if key.Value == "build" && !has(under, "build") {
			under.Content = append(under.Content, key, root.Content[2*i+1])
		}
	}
	f.Defaults.root = under
}

func (f *Fleet) validate(d *decoder) {
	if len(f.Machines) == 0 && !d.wrong["machines"] {
		d.bad("machines", "is empty", "name the profiles: machines: [machines/*/vmloom.yaml]")
	}
	for i, m := range f.Machines {
		if _, err := path.Match(m, ""); err != nil {
			d.bad(item("machines", i), "is no pattern: a bracket is not closed", "write * for any part of a name")
		}
		if m != path.Clean(m) && "./"+path.Clean(m) != m {
			d.bad(item("machines", i), "must be written plainly: "+path.Clean(m))
		}
	}
	seen := map[string]int{}
	for i, b := range f.Builders {
		at := item("builders", i)
		if first, double := seen[b.Host]; double && b.Host != "" {
			d.bad(at+".host", "is that of "+item("builders", first)+" too", "one builder may have several systems: systems: [x86_64-linux, aarch64-linux]")
		}
		seen[b.Host] = i
		if len(b.Systems) == 0 {
			d.bad(at+".systems", "is empty", "name what it builds: [x86_64-linux]")
		}
		if fault := keyFault(b.HostKey); b.HostKey != "" && fault != "" {
			d.bad(at+".hostKey", fault, "copy the line of /etc/ssh/ssh_host_ed25519_key.pub there, or of: ssh-keyscan -t ed25519 "+b.Host)
		}
	}
	for i, c := range f.Caches {
		at := item("caches", i)
		if c.Key == "" && c.GuixKey == "" {
			d.bad(at, "has no key, and nothing is taken from a cache that cannot be trusted", "key: NAME:BASE64 for nix (nix key convert-secret-to-public), guixKey for guix (/etc/guix/signing-key.pub there)")
		}
		if c.Push != "" && len(c.PushBy) > 0 {
			d.bad(at+".pushBy", "says the same as push", "keep one of the two")
		}
		if c.SecretKey != "" && c.Push == "" && len(c.PushBy) == 0 {
			d.bad(at+".secretKey", "signs what is pushed, and nothing is", "push: URL, or take it out")
		}
	}
	f.validateImages(d)
	for system := range f.CI.Runners {
		if !slices.Contains([]string{"x86_64-linux", "aarch64-linux"}, system) {
			d.bad(join("ci.runners", system), "is no system of a guest", "x86_64-linux or aarch64-linux")
		}
	}
}

func (f *Fleet) validateImages(d *decoder) {
	i := f.Images
	if len(i.PushBy) > 0 {
		all := strings.Join(i.PushBy, " ")
		switch {
		case i.URL == "":
			d.bad("images.pushBy", "brings images to where nobody finds them", "url: https://… is where they are downloaded from then")
		case !strings.Contains(all, "{image}") || !strings.Contains(all, "{name}"):
			d.bad("images.pushBy", "must name {image}, the file, and {name}, what it is called there", "pushBy: [scp, \"{image}\", \"HOST:/srv/images/{name}\"]")
		case i.Key != "" && i.SecretKey == "":
			d.bad("images.key", "is asked of whoever downloads, and nothing signs what is brought there", "secretKey: the file that minisign -G -W has made")
		}
	}
	if i.SecretKey != "" && i.Key == "" {
		d.bad("images.secretKey", "signs images, and nobody would ask for that", "key: the last line of its .pub file")
	}
}

// keyFault says what is wrong with a public key of ssh whose form is right; empty: nothing.
func keyFault(key string) string {
	words := strings.Fields(key)
	if len(words) < 2 {
		return "" // its form is told
	}
	blob, err := base64.StdEncoding.DecodeString(words[1])
	if err != nil || len(blob) < 4 {
		return "is cut short, or has a letter too many"
	}
	n := binary.BigEndian.Uint32(blob)
	if uint64(n) > uint64(len(blob)-4) || string(blob[4:4+n]) != words[0] {
		return "is not a key of the kind that it begins with, " + words[0]
	}
	if words[0] == "ssh-ed25519" && len(blob) != 4+len("ssh-ed25519")+4+32 {
		return "is cut short, or has a letter too many"
	}
	return ""
}

// File is the name of the file that the fleet was read from.
func (f *Fleet) File() string { return f.file }

// Has reports whether a profile, by its path from the fleet's file with slashes, is one of its machines.
func (f *Fleet) Has(profile string) bool {
	return slices.ContainsFunc(f.Machines, func(pattern string) bool { return machineOf(pattern, profile) })
}

// Nth gives the profiles of those named that the i-th pattern of machines means.
func (f *Fleet) Nth(i int, profiles []string) (out []string) {
	for _, p := range profiles {
		if machineOf(f.Machines[i], p) {
			out = append(out, p)
		}
	}
	return out
}

// machineOf reports whether a pattern means a profile: its file, or the directory that it lies in.
func machineOf(pattern, profile string) bool {
	pattern = path.Clean(pattern)
	if ok, _ := path.Match(pattern, profile); ok {
		return true
	}
	ok, _ := path.Match(pattern, path.Dir(profile))
	return ok && path.Base(profile) == "vmloom.yaml"
}

// ProblemAt is what there is to say of a field, with its line to show.
func (f *Fleet) ProblemAt(path, reason string) Problem {
	ps := Problems{{Pos: find(f.pos, path), Path: path, Reason: reason}}
	ps.sort(f.sources())
	return ps[0]
}
