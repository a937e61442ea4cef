package profile

import (
	"fmt"
	"math"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/lima"
	"vmloom/pattern"
)

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
	"locale": localeMeant, "ip": addressIn, "address": likelyIPv4, "mac": likelyMAC, "proxy": likelyProxy, "beyond proxy": likelyBeyond, "lima home": likelyLimaHome, "beside": besideProfile,
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
	case f == forms["absolute"] && strings.HasPrefix(text, "~"):
		return "a home is written out here: /home/NAME"
	case f == forms["absolute"]:
		return "begin it with a slash"
	case f == forms["beside"] && (strings.HasPrefix(text, "/") || strings.HasPrefix(text, "~")):
		return "it goes along with the profile: copy it beside it, and write ./" + path.Base(text)
	case f == forms["zone"] && zoneMeant(text) != "":
		return zoneMeant(text)
	case f == forms["proxy"] && strings.HasPrefix(strings.ToLower(text), "socks"):
		return "write the URL of one that speaks http; programs that know SOCKS take guest.env: {ALL_PROXY: socks5://…}"
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
	if m := binarySize().FindStringSubmatch(text); m != nil {
		return "write " + m[1] + strings.ToUpper(m[2]) + "iB"
	}
	if strings.HasSuffix(text, "%") {
		return "say how much it is, such as 8GiB: a share would differ from host to host"
	}
	return ""
}

// binarySize is one with its unit as Kubernetes has it.
var binarySize = pattern.New(`^([0-9]{1,6}) ?([KMGTkmgt])i$`)

// leadingZero is a number that is octal to some readers, and to others not.
var leadingZero = pattern.New(`^0[0-9_]+$`)

// onlyNumber is a text with one whole number in it: 4 cores, v1, 1.0.
var onlyNumber = pattern.New(`^[^0-9]*?([1-9][0-9]{0,5})(?:\.0+)?[^0-9]*$`)

// numberMeant words the hint for what is no whole number.
func numberMeant(text string) string {
	if n, err := strconv.ParseInt(text, 0, 32); err == nil && n >= 0 && !leadingZero().MatchString(text) { // 0x50, 0o120, 1_000
		return fmt.Sprintf("write %d", n)
	}
	if f, err := strconv.ParseFloat(text, 32); err == nil && f >= 0 && f < math.MaxInt32 && f == math.Trunc(f) && !leadingZero().MatchString(text) { // 1e3
		return fmt.Sprintf("write %.0f", f)
	}
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
	"host": "{os: linux}", "guest": `{system: ubuntu, release: "26.04"}`, "guest.user": "{name: NAME}", "guest.env": "{NAME: value}", "guest.proxy": "{http: http://proxy.example.org:3128}", "guest.setup": "{once: [./setup.sh]}", "network": "{forward: listed}", "network.hosts": "{db.internal: 10.0.0.5}", "resources": "{cpus: 4, memory: 8GiB, disk: 50GiB}",
	"home": "{disk: 40GiB}", "lima": "{instance: NAME}", "lima.extra": "{KEY: VALUE}, in Lima's words", "qemu": "{sshPort: 2222}", "wezterm": "{}", "wezterm.keys": "{newTab: CTRL+SHIFT+T}",
	"nix": "{modules: [./local.nix]}", "guix": "{manifest: ./manifest.scm}", "build": "{on: auto}",
}

// required are keys that must be there, as they may be written, with [] for each element of a list.
var required = map[string]string{
	"name": "write name: dev", "guix.channels[].commit": "guix describe shows the commit that you have", "sockets[].name": "write name: docker, or what else you call it",
	"disks[].name": "write name: data, or what else you call it", "disks[].size": "write size: 20GiB", "disks[].mount": "write mount: /data",
	"lima.networks[].name": "write name: user-v2", "guest.proxy.http": "write http: http://proxy.example.org:3128", "mounts[].host": "write host: ~/src", "ports[].guest": "write guest: 8080",
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
