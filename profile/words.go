package profile

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/lima"
	"vmloom/pattern"
)

// Other programs' words for the keys of a profile, by the mapping that they stand
// in, [] for each element of a list. Case, dashes and underscores count for nothing.

// renamed are keys that have another name in the same mapping.
var renamed = map[string]map[string]string{
	"":           {"hostname": "name", "vmname": "name", "volumes": "mounts", "additionaldisks": "disks", "datadisks": "disks", "extradisks": "disks", "shares": "mounts", "portforwards": "ports", "publish": "ports", "provider": "runner", "driver": "runner"},
	"guest":      {"distro": "system", "distribution": "system", "os": "system", "image": "system", "version": "release", "architecture": "arch", "tz": "timezone", "lang": "locale", "pkgs": "packages", "environment": "env", "users": "user", "account": "user"},
	"guest.user": {"username": "name", "login": "name", "sshkeys": "authorizedKeys", "sshauthorizedkeys": "authorizedKeys", "publickeys": "authorizedKeys", "keys": "authorizedKeys", "homedir": "home", "id": "uid"},
	"host":       {"username": "user", "system": "os", "platform": "os"},
	"resources":  {"ram": "memory", "mem": "memory", "cores": "cpus", "vcpus": "cpus", "processors": "cpus", "storage": "disk", "disksize": "disk"},
	"home":       {"size": "disk"},
	"disks[]":    {"mountpoint": "mount", "guest": "mount", "path": "mount", "target": "mount", "capacity": "size", "disk": "size", "label": "name"},
	"mounts[]":   {"location": "host", "source": "host", "src": "host", "path": "host", "hostpath": "host", "from": "host", "mountpoint": "guest", "target": "guest", "destination": "guest", "dst": "guest", "guestpath": "guest", "to": "guest", "rw": "writable"},
	"ports[]":    {"guestport": "guest", "containerport": "guest", "target": "guest", "container": "guest", "hostport": "host", "published": "host", "local": "host", "proto": "protocol", "hostip": "address", "ip": "address", "bind": "address", "bindaddress": "address", "guestportrange": "guest", "hostportrange": "host"},
	"sockets[]":  {"path": "host", "hostsocket": "host", "guestsocket": "guest", "preset": "from", "variable": "env"},
	"lima":       {"name": "instance", "ssh": "sshPort", "driver": "vmType"},
	"build":      {"where": "on", "host": "on", "builder": "on"},
	"wezterm":    {"name": "domain"},
}

// elsewhere are keys that a profile says otherwise: how.
var elsewhere = map[string]map[string]string{
	"": {
		"cores": "write resources: {cpus: N}", "ram": "write resources: {memory: 8GiB}", "mem": "write resources: {memory: 8GiB}",
		"docker": "write sockets: [{name: docker, from: docker}]", "ssh": "keys: guest.user.authorizedKeys; the host's agent: sockets: [{name: agent, from: ssh-agent}]",
		"image": "guest.system and guest.release choose the image; guest.image names one of your own", "images": "guest.system and guest.release choose the image; guest.image names one of your own", "os": "write guest: {system: ubuntu, release: \"26.04\"}, or host: {os: linux}",
		"distro": "write guest: {system: ubuntu, release: \"26.04\"}", "networks": "ports: forwards ports of the guest; lima.networks are those of Lima's that it is in", "dns": "write network: {dns: [1.1.1.1]}",
		"nestedvirtualization": "write resources: {nested: true}",
		"include":              "write extends: [FILE]", "imports": "write extends: [FILE]", "username": "write guest: {user: {name: NAME}}",
	},
	"guest": {
		"name": "the name of the VM is the name: at the top", "hostname": "the name of the VM is the name: at the top", "cpus": "belongs below resources:", "memory": "belongs below resources:",
		"services": "a NixOS guest takes modules: nix.modules; another guest scripts: lima.extra.provision", "snaps": "packages are those of the system's own manager",
		"username": "write user: {name: NAME}",
	},
	"lima":            {"nestedvirtualization": "write resources: {nested: true}"},
	"guest.user":      {"password": "accounts have no password: authorizedKeys lets further keys in", "sudo": "the account has sudo: remove the line", "groups": "a NixOS guest takes modules: nix.modules; another guest scripts: lima.extra.provision"},
	"build":           {"machines": "write builders: in vmloom.fleet.yaml (docs/fleets.md)", "builders": "write builders: in vmloom.fleet.yaml (docs/fleets.md)"},
	"nix.inputs.*":    {"inputs": "write follows: {nixpkgs: nixpkgs} for inputs: {nixpkgs: {follows: nixpkgs}}", "ref": "write it into the url: github:OWNER/REPOSITORY/REF", "rev": "write it into the url: github:OWNER/REPOSITORY/REV"},
	"home":            {"path": "the directory is guest.user.home", "dir": "the directory is guest.user.home"},
	"mounts[]":        {"readonly": "remove it: a mount is read-only unless it says writable: true", "ro": "remove it: a mount is read-only unless it says writable: true", "type": "lima.mountType is that of all mounts", "options": "write sshfs: or 9p:, by lima.mountType", "cache": "write sshfs: {cache: false} or 9p: {cache: mmap}, by lima.mountType"},
	"network":         {"lima": "write lima: {networks: [{name: user-v2}]}", "networks": "write lima: {networks: [{name: user-v2}]}", "address": "an address is the network's to give: lima.networks[].macAddress keeps one where that goes by it"},
	"lima.networks[]": {"address": "the network gives it: a fixed macAddress keeps one where that goes by it", "ip": "the network gives it: a fixed macAddress keeps one where that goes by it"},
	"ports[]":         {"port": "write guest: for the VM's, host: for this machine's"},
}

// plainKey is a key as its case and its dashes do not count.
func plainKey(key string) string {
	return strings.NewReplacer("-", "", "_", "", "“", "", "”", "", "„", "").Replace(strings.ToLower(key))
}

var element = pattern.New(`\[[0-9]+\]`)

// meantKey is the key of a mapping that another program's word stands for; empty: none is known.
func meantKey(path, key string, names []string) string {
	plain := plainKey(key)
	for _, name := range names {
		if plainKey(name) == plain {
			return name
		}
	}
	return renamed[element().ReplaceAllString(path, "[]")][plain]
}

func hasKey(n *yaml.Node, key string) bool {
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return true
		}
	}
	return false
}

// otherwise says how a profile says what a key of another program's says; empty: not known.
func otherwise(path, key string) string {
	place := element().ReplaceAllString(path, "[]")
	if strings.HasPrefix(place, "nix.inputs.") {
		place = "nix.inputs.*"
	}
	if hint := elsewhere[place][plainKey(key)]; hint != "" {
		return hint
	}
	if (place == "" || place == "lima") && len(homes()[key]) == 0 && slices.Contains(lima.KeysOf(""), key) {
		return "belongs below lima.extra:"
	}
	return ""
}

// likely writes a text of a form that a wrong one may have meant, by the form's name.
var likely = map[string]func(string) string{
	"label": slug, "account": account, "instance": slug, "host path": likelyHostPath,
	"scm file": besideProfile, "directory": besideProfile, "nix module": likelyModule,
	"guix key or file": func(text string) string {
		if strings.HasSuffix(text, ".pub") {
			return besideProfile(text)
		}
		return ""
	},
	"web": func(text string) string {
		if host, _, _ := strings.Cut(text, "/"); strings.Contains(host, ".") && !strings.Contains(text, " ") {
			return "https://" + text
		}
		return ""
	},
	"ip": addressIn,
	"place": func(text string) string {
		if host, ok := strings.CutPrefix(text, "ssh:"); ok && !strings.HasPrefix(host, "/") {
			return "ssh://" + host
		}
		return ""
	},
}

// inForm is the hint with a text that f takes; empty: none is near.
func inForm(f *form, text string) string {
	switch {
	case f == forms["absolute"]:
		return "begin it with a slash: it is a path in the guest"
	case f == forms["nix module"] && strings.Contains(text, "#"):
		return "a module of yours imports what has another name: imports = [ inputs.INPUT.ATTRIBUTE ];"
	case f == forms["nix package"] && strings.Contains(text, "#"):
		if of, attribute, _ := strings.Cut(text, "#"); of == "nixpkgs" && f.ok(attribute) {
			return "write " + attribute
		}
		return "a module of yours takes a package of an input: environment.systemPackages = [ inputs.INPUT.packages.${pkgs.system}.NAME ];"
	}
	for name, write := range likely {
		if forms[name] != f {
			continue
		}
		if strings.Contains(text, "{{") || strings.Contains(text, "${") {
			return "write the value itself: nothing is expanded in a profile"
		}
		if meant := write(text); meant != "" && f.ok(meant) {
			return "write " + meant
		}
	}
	return ""
}

// likelyModule is a file of Nix that a path may have meant: a directory stands for its default.nix.
func likelyModule(text string) string {
	if !strings.HasSuffix(text, ".nix") {
		text = strings.TrimSuffix(text, "/") + "/default.nix"
	}
	if strings.HasPrefix(text, "./") || strings.HasPrefix(text, "../") {
		return text
	}
	return besideProfile(text)
}

// besideProfile is a path without a beginning as one relative to the profile.
func besideProfile(text string) string {
	if strings.HasPrefix(text, "/") || strings.HasPrefix(text, "~") {
		return ""
	}
	return "./" + text
}

// slug makes a name of a text, as a label has it: My_Box.local is my-box.
func slug(text string) string {
	text, _, _ = strings.Cut(text, " //")
	text, _, _ = strings.Cut(text, ".")
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	return strings.TrimLeft(strings.Join(words, "-"), "0123456789-")
}

// account is the name of an account that a text may have meant: Ada@example.org is ada.
func account(text string) string {
	text, _, _ = strings.Cut(text, "@")
	return strings.ReplaceAll(slug(strings.ReplaceAll(text, ".", " ")), "-", "")
}

var drive = pattern.New(`^([A-Za-z]):[\\/]`)

func likelyHostPath(text string) string {
	for _, home := range []string{"$HOME", "${HOME}", "%h"} {
		if rest, ok := strings.CutPrefix(text, home+"/"); ok {
			return "~/" + rest
		}
	}
	switch m := drive().FindStringSubmatch(text); {
	case text == "~":
		return "~/"
	case m != nil:
		return "/mnt/" + strings.ToLower(m[1]) + "/" + strings.ReplaceAll(text[3:], `\`, "/") // as WSL has it
	case strings.HasPrefix(text, "~"):
		if _, below, ok := strings.Cut(text, "/"); ok {
			return "~/" + below
		}
	case forms["plain path"].ok("/" + text):
		return "./" + text
	}
	return ""
}

// releaseMeant words the hint for a release that the system has not got.
func releaseMeant(s System, text string) string {
	word := strings.ToLower(text)
	switch word {
	case "latest", "newest", "current", "stable":
		return "write " + strconv.Quote(s.Latest())
	}
	for _, r := range slices.Backward(s.Releases) {
		switch {
		case r.Code != "" && strings.Contains(word, r.Code), word == "lts" && r.Long,
			slices.Contains(strings.FieldsFunc(word, func(r rune) bool { return (r < '0' || r > '9') && r != '.' }), r.Name), // 26.04 LTS
			strings.HasPrefix(word, r.Name+"."),                                                    // 13.1
			strings.ReplaceAll(r.Name, ".0", ".") == word, strings.TrimSuffix(r.Name, "0") == word: // numbers that lost a zero
			return "write " + strconv.Quote(r.Name)
		}
	}
	return ""
}

// systemMeant answers a system that has its release in its name.
func systemMeant(text string) string {
	word := strings.ToLower(text)
	for _, s := range Systems() {
		if rest, ok := strings.CutPrefix(word, s.Name); ok && rest != "" {
			if len(s.Releases) == 0 {
				return "write system: " + s.Name
			}
			release := releaseMeant(s, strings.Trim(rest, " :-_/"))
			return "write system: " + s.Name + ", release: " + strings.TrimPrefix(release, "write ")
		}
	}
	return ""
}

// fraction is a size that is no whole number of its unit.
var fraction = pattern.New(`^([0-9]{1,4})[.,]([0-9]{1,3}) ?([MGTmgt])(?:i?[Bb])?$`)

// sizeMeant words the hint for a size that is not written as one.
func sizeMeant(text string) string {
	if m := fraction().FindStringSubmatch(text); m != nil {
		number, err := strconv.ParseFloat(m[1]+"."+m[2], 64)
		smaller := map[string]string{"T": "GiB", "G": "MiB", "M": "KiB"}[strings.ToUpper(m[3])]
		if n := int64(number * 1024); err == nil && n > 0 {
			return fmt.Sprintf("write %d%s", n, smaller)
		}
	}
	if strings.HasSuffix(text, "%") {
		return "say how much it is, such as 8GiB: a share would differ from host to host"
	}
	return ""
}

// onlyNumber is a text with one whole number in it: 4 cores, v1, 1.0.
var onlyNumber = pattern.New(`^[^0-9]*?([1-9][0-9]{0,5})(?:\.0+)?[^0-9]*$`)

// numberMeant words the hint for what is no whole number.
func numberMeant(text string) string {
	if m := onlyNumber().FindStringSubmatch(text); m != nil && !strings.HasPrefix(text, "-") {
		return "write " + m[1]
	}
	return ""
}

// elements writes a mapping such as {8080: 80} as the elements that belong in the list at path.
func elements(path string, n *yaml.Node) string {
	list, ok := fieldsOf(profileType).byName[path]
	if !ok || profileType.Field(list.index).Type.Elem().Kind() != reflect.Struct {
		return ""
	}
	own := fieldsOf(profileType.Field(list.index).Type.Elem()).byName
	var out []string
	for i := 0; i+1 < len(n.Content) && i < 6; i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if own[key.Value].known() { // it is an element itself
			return ""
		}
		if key.Kind != yaml.ScalarNode || value.Kind != yaml.ScalarNode {
			return ""
		}
		element := inShape(item(path, i/2), key.Value+":"+value.Value)
		if value.ShortTag() == "!!null" {
			element = inShape(item(path, i/2), key.Value)
		}
		if !strings.Contains(element, key.Value) {
			return ""
		}
		out = append(out, element)
	}
	return strings.Join(out, ", ")
}

// variables writes NAME=value texts as a mapping; empty: they are none.
func variables(texts ...string) string {
	var out []string
	for _, text := range texts {
		name, value, ok := strings.Cut(text, "=")
		if name = strings.TrimPrefix(name, "export "); !ok || !forms["variable"].ok(name) {
			return ""
		}
		if value == "" || strings.ContainsAny(value, "{}[],#&*!|>'\"%@`: ") {
			value = strconv.Quote(value)
		}
		out = append(out, name+": "+value)
	}
	return "{" + strings.Join(out, ", ") + "}"
}

// shapes are mappings as they may be written, by their paths.
var shapes = map[string]string{
	"host": "{os: linux}", "guest": `{system: ubuntu, release: "26.04"}`, "guest.user": "{name: NAME}", "guest.env": "{NAME: value}", "guest.proxy": "{http: http://proxy.example.org:3128}", "resources": "{cpus: 4, memory: 8GiB, disk: 50GiB}",
	"home": "{disk: 40GiB}", "lima": "{instance: NAME}", "lima.extra": "{KEY: VALUE}, in Lima's words", "qemu": "{sshPort: 2222}", "wezterm": "{}", "wezterm.keys": "{newTab: CTRL+SHIFT+T}",
	"nix": "{modules: [./local.nix]}", "guix": "{manifest: ./manifest.scm}", "build": "{on: auto}",
}

// required are keys that must be there, as they may be written, with [] for each element of a list.
var required = map[string]string{
	"name": "write name: dev", "guix.channels[].commit": "guix describe shows the commit that you have", "sockets[].name": "write name: docker, or what else you call it",
	"disks[].name": "write name: data, or what else you call it", "disks[].size": "write size: 20GiB", "disks[].mount": "write mount: /data",
	"mounts[].host": "write host: ~/src", "ports[].guest": "write guest: 8080",
}

// example words the hint for a key that is missing.
func example(path, name string) string {
	at := join(path, name)
	if shape := shapes[at]; shape != "" {
		return "write " + name + ": " + shape
	}
	if strings.HasPrefix(at, "nix.inputs.") {
		return "write url: github:OWNER/REPO"
	}
	return required[element().ReplaceAllString(at, "[]")]
}

// PackageMeant is the name of the package map that a name with a version or a
// prefix has in it; empty where the name itself leads somewhere.
func PackageMeant(name string) string {
	if len(SamePackages(name)) > 0 {
		return ""
	}
	plain := name
	for _, at := range []string{"#", "/", "::"} {
		if _, after, ok := strings.Cut(plain, at); ok {
			plain = after
		}
	}
	plain = strings.ToLower(strings.TrimPrefix(plain, "pkgs."))
	if i := strings.IndexAny(plain, "=:<>~@ "); i > 0 {
		plain = plain[:i]
	}
	for _, try := range []string{plain, strings.TrimRight(plain, "0123456789.-")} {
		if same := SamePackages(try); len(same) > 0 {
			return same[0].Name
		}
	}
	return ""
}
