package adopt

import (
	"path"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/lima"
	"vmloom/profile"
)

// value is YAML data to be compared: a scalar, or named values. The elements of
// a list are named by what tells them apart, such as a mount by its place in the
// guest, so that their order does not matter.
type value struct {
	node *yaml.Node // as written; of a list's element, the element
	text string     // of a scalar
	null bool
	many bool // mapping or list
	list bool
	keys []string
	at   map[string]*value
}

func newScalar(text string) *value { return &value{text: text} }

func (v *value) get(keys ...string) *value {
	for _, k := range keys {
		if v == nil {
			return nil
		}
		v = v.at[k]
	}
	return v
}

// str is the text at keys; empty where there is none.
func (v *value) str(keys ...string) string {
	if v = v.get(keys...); v == nil || v.null {
		return ""
	}
	return v.text
}

func (v *value) set(key string, to *value) {
	if v.at == nil {
		v.at = map[string]*value{}
	}
	if v.at[key] == nil {
		v.keys = append(v.keys, key)
	}
	v.at[key] = to
}

// renew puts the meaning of what was written in its place.
func (v *value) renew(key, text string) {
	to := newScalar(text)
	if old := v.get(key); old != nil {
		to.node = old.node
	}
	v.set(key, to)
}

func (v *value) fill(key, text string) {
	if old := v.get(key); old == nil || old.null {
		v.set(key, newScalar(text))
	}
}

// fillDefaults fills in what Lima does at a place.
func (v *value) fillDefaults(place string, names ...string) {
	for _, name := range names {
		if text, ok := limaDefault(lima.Join(place, name)); ok {
			v.fill(name, text)
		}
	}
}

func sizeWords(bytes int64) string { return strconv.FormatInt(bytes, 10) + " bytes" }

// reader turns templates into values.
type reader struct {
	host   Host
	user   lima.GuestVars
	filled bool // by limactl
}

// onHost is a path of the host, its home written out.
func (r *reader) onHost(s string) string {
	if rest, ok := strings.CutPrefix(s, "{{.Home}}"); ok {
		s = "~" + rest
	}
	if r.host.Home == "" {
		return strings.TrimSuffix(s, "/")
	}
	return path.Clean(r.host.path(s))
}

// top reads a whole template.
func (r *reader) top(root *yaml.Node) *value {
	v := r.read("", root)
	for _, field := range []string{"memory", "disk"} {
		if s := v.get(field); s != nil && !s.null {
			if bytes, ok := lima.ParseSize(s.text); ok {
				s.text = sizeWords(bytes)
			}
		}
	}
	if home := v.get("user", "home"); home != nil {
		home.text = r.user.Expand(home.text)
	}
	v.move([]string{"rosetta"}, []string{"vmOpts", "vz", "rosetta"})
	v.move([]string{"cpuType"}, []string{"vmOpts", "qemu", "cpuType"})
	if v.str("arch") == "default" {
		v.get("arch").null = true
	}
	v.withoutContainerd()
	if v.str("vmType") == "default" {
		v.get("vmType").null = true
	}
	return v
}

// move brings the values of a key of older Limas to where Lima takes them for: what is there
// already stays, and what is empty is none.
func (v *value) move(from, to []string) {
	old := v.get(from...)
	if old == nil || !old.many {
		return
	}
	v.remove(from[0])
	for _, k := range to {
		if next := v.get(k); next == nil || !next.many {
			v.set(k, &value{many: true})
		}
		v = v.get(k)
	}
	for _, k := range old.keys {
		if one := old.at[k]; one.text != "" && v.str(k) == "" {
			v.set(k, one)
		}
	}
}

// withoutContainerd has Lima install none where it does not: in a plain instance whatever
// the template says, and for other processors unless it says so.
func (v *value) withoutContainerd() {
	const key = "containerd"
	plain := v.str("plain") == "true"
	if arch := v.str("arch"); !plain && (arch == "" || arch == "x86_64" || arch == "aarch64") {
		return
	}
	if v.get(key) == nil {
		v.set(key, &value{many: true})
	}
	for _, of := range []string{"system", "user"} {
		if plain {
			v.get(key).renew(of, "false")
			continue
		}
		v.get(key).fill(of, "false")
	}
}

// read turns a node at a place such as mounts[] into a value.
func (r *reader) read(place string, n *yaml.Node) *value {
	v := &value{node: n}
	switch {
	case place == "base" && n.Kind == yaml.ScalarNode && !isNull(n), place == "additionalDisks[]" && n.Kind == yaml.ScalarNode:
		if place == "additionalDisks[]" {
			v.many = true
			v.set("name", newScalar(n.Value))
			v.fillDefaults(place, "format")
			return v
		}
		return r.read(place, &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{n}, Line: n.Line, Column: n.Column})
	case n.Kind == yaml.SequenceNode:
		v.many, v.list = true, true
		for i, c := range n.Content {
			e := r.read(place+"[]", c)
			name := r.name1(place, i, e)
			for j := 2; v.at[name] != nil; j++ {
				name = strings.TrimSuffix(name, "#"+strconv.Itoa(j-1)) + "#" + strconv.Itoa(j)
			}
			v.set(name, e)
		}
	case n.Kind == yaml.MappingNode:
		v.many = true
		for i := 0; i+1 < len(n.Content); i += 2 {
			v.set(n.Content[i].Value, r.read(lima.Join(place, n.Content[i].Value), n.Content[i+1]))
		}
		r.complete(place, v)
	default:
		v.text, v.null = n.Value, isNull(n)
		if v.null && (strings.HasPrefix(place, "param.") || strings.HasPrefix(place, "env.")) {
			v.text, v.null = "", false // it is there, and empty
		}
		if place == "base[]" {
			if rest, old := strings.CutPrefix(v.text, "template://"); old {
				v.text = "template:" + rest
			}
		}
	}
	return v
}

// complete gives an element what Lima's defaults say (limayaml/defaults.go).
func (r *reader) complete(place string, v *value) {
	if r.filled {
		v.withoutEcho(place)
	}
	switch place {
	case "mounts[]":
		location := r.onHost(v.str("location"))
		if text, ok := unescaped(location); ok {
			location = text
		}
		v.renew("location", location)
		point, ok := unescaped(r.user.Expand(v.str("mountPoint")))
		if !ok {
			point = v.str("mountPoint")
		}
		if point == "" {
			point = location
		}
		v.renew("mountPoint", point)
		v.fillDefaults(place, "writable")
	case "images[]":
		v.renew("location", plainPath(v.str("location")))
	case "additionalDisks[]":
		v.fillDefaults(place, "format")
	case "provision[]":
		v.fillDefaults(place, "mode")
	case "probes[]":
		v.fillDefaults(place, "mode")
	case "portForwards[]":
		r.completeForward(place, v)
	}
}

func (r *reader) completeForward(place string, v *value) {
	v.fillDefaults(place, "reverse", "ignore", "static")
	for _, side := range []string{"guest", "host"} { // a range of one port is that port
		if from := v.str(side+"PortRange", "0"); from != "" && from == v.str(side+"PortRange", "1") {
			v.remove(side + "PortRange")
			v.renew(side+"Port", from)
		}
	}
	if v.str("guestSocket") != "" || v.str("hostSocket") != "" {
		if guest, ok := unescaped(r.user.Expand(v.str("guestSocket"))); ok && guest != "" {
			v.renew("guestSocket", guest)
		}
		if host := v.str("hostSocket"); !strings.HasPrefix(host, "~") { // a ~ is none to Lima
			if text, ok := unescaped(strings.Replace(host, "{{.Home}}", "~", 1)); ok && host != "" {
				v.renew("hostSocket", r.onHost(text))
			}
		}
		return
	}
	if v.str("guestIPMustBeZero") == "true" {
		v.fill("guestIP", "0.0.0.0")
	}
	v.fillDefaults(place, "proto", "guestIP", "hostIP")
	if v.get("guestPort") == nil && v.get("guestPortRange") == nil {
		v.fill("guestPort", "1-65535")
	}
	switch several := v.get("guestPortRange"); {
	case v.get("hostPort") != nil || v.get("hostPortRange") != nil:
	case several != nil:
		v.set("hostPortRange", several)
	default:
		v.fill("hostPort", v.str("guestPort"))
	}
}

// name1 tells an element of a list from the others.
func (r *reader) name1(place string, i int, v *value) string {
	switch place {
	case "base":
		if v.many {
			return v.str("url")
		}
		return v.text
	case "images":
		return v.str("arch") + " " + v.str("location")
	case "mounts":
		return v.str("mountPoint")
	case "additionalDisks":
		return v.str("name")
	case "portForwards":
		if s := v.str("guestSocket"); s != "" && v.str("reverse") == "true" {
			return s
		}
		if s := v.str("hostSocket"); s != "" {
			return s
		}
		ports := v.str("guestPort")
		if v.get("guestPortRange") != nil {
			ports = "range " + v.str("guestPortRange", "0") + "-" + v.str("guestPortRange", "1")
		}
		return v.str("proto") + " " + v.str("guestIP") + ":" + ports
	case "provision":
		script, _ := unescaped(v.str("script"))
		if own := ownScript(script); own != "" {
			return "vmloom's " + own
		}
		return v.str("mode") + " " + summary(v)
	case "probes":
		if d := v.str("description"); d != "" {
			return d
		}
		return summary(v)
	}
	return strconv.Itoa(i)
}

// summary is what a script does, in a few words: its first line that is no comment, and how long it is.
func summary(v *value) string {
	text := ""
	for _, field := range []string{"script", "content", "expression", "path", "file", "playbook"} {
		if s := v.str(field); s != "" && text == "" {
			text = s
		}
	}
	line := []rune(profile.MaskSecrets(clean(firstLine(text))))
	return string(line[:min(len(line), 60)]) + " (" + strconv.Itoa(len(text)) + " bytes)"
}

// firstLine is the first line of a script that does something.
func firstLine(text string) string {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "set -") {
			return line
		}
	}
	return ""
}
