package generate_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v4"

	"vmloom/generate"
	"vmloom/internal/tooltest"
	"vmloom/profile"
)

// hostile are values that some language reads as more than text.
var hostile = []string{
	`'`, `"`, `''`, `""`, "`id`", "$(touch x)", "${HOME}", "$HOME", "$", "%h", "%%", "%", "{{.User}}", "{{", "{{`", "}}", "{{/*", "it's \"both\"",
	`"; os.exit()`, `"}); os.exit() --`, "]]>", "<!-- x", "-->", "--", "<script>alert(1)</script>", "&amp;", "a & b", "<b>",
	"a\nb", "a\r\nb", "\r", "\x00", "\x1b[31m", "\x7f", "\u0085", "\u009f", "\ufeff", "\u2028", "\u2029", "\u202e", "\ufdd0", "\ufffe", "\uffff", "\U0001fffe", "😀 ä", "\t",
	"-rf", "--help", "~", "~root", "~/x", "../../etc/passwd", "../..", "/..//x", `\`, `end\`, `\\`, `\n`, `\0`, "#", "# x", "a #b", ": ", "a: b", "|", "a|b", "||", ";", "&&", "!", "!!x", "*", "?", "[a]",
	"@", "=", "a=b", " lead", "trail ", "  ", "", ".", "..", "a,b", "yes", "null", "1e3", "0x10", "007", "12:30", "on", "nan",
	"VMLOOM_ENV", "EOF", "[[x]]", "---", "```", "> q", "1. x", "[l](javascript:x)", "![i](x)", "| a | b |", "end", "then", "'$(touch x)'", `\'; touch x; '`,
	strings.Repeat("x", 5000), strings.Repeat("'", 200), strings.Repeat("é", 60),
}

// marker stands for a value in an output that is known to be right.
type marker struct{ prefix, text string }

// field is a place of the profile that holds text: a path of keys, where "[]" is
// an element of a list; the last may be the key of a map itself.
type field struct {
	path  []string
	isKey bool
}

func (f field) String() string {
	s := strings.ReplaceAll(strings.Join(f.path, "."), ".[]", "[]")
	if f.isKey {
		s += " (key)"
	}
	return s
}

// textFields are all places of a profile that hold text, found in its type, so
// that no new field is forgotten.
func textFields(t *testing.T) []field {
	var out []field
	var walk func(typ reflect.Type, path []string)
	walk = func(typ reflect.Type, path []string) {
		path = slices.Clone(path)
		switch typ {
		case reflect.TypeFor[profile.Size]():
			out = append(out, field{path: path})
			return
		case reflect.TypeFor[profile.Extra]():
			deep := append(path, "hostResolver", "hosts", "HOSTILE")
			out = append(out, field{path: deep}, field{path: deep, isKey: true})
			return
		case reflect.TypeFor[profile.Package]():
			out = append(out, field{path: path}) // as a name; then as a mapping
		}
		switch typ.Kind() {
		case reflect.String:
			out = append(out, field{path: path})
		case reflect.Pointer:
			walk(typ.Elem(), path)
		case reflect.Slice:
			walk(typ.Elem(), append(path, "[]"))
		case reflect.Map:
			deep := append(path, "HOSTILE")
			out = append(out, field{path: deep}, field{path: deep, isKey: true})
		case reflect.Struct:
			for i := range typ.NumField() {
				if name := typ.Field(i).Tag.Get("yaml"); name != "" && name != "-" {
					walk(typ.Field(i).Type, append(path, name))
				}
			}
		case reflect.Int, reflect.Int64, reflect.Bool:
		default:
			t.Errorf("%v: a %v: say how a test sets it", path, typ)
		}
	}
	walk(reflect.TypeFor[profile.Profile](), nil)
	return out
}

// place finds or makes the node of a path, and gives also the node that holds it.
func place(n *yaml.Node, path []string) (holder, value *yaml.Node, at int) {
	for i, key := range path {
		kind := yaml.MappingNode
		if key == "[]" {
			kind = yaml.SequenceNode
		}
		if n.Kind != kind {
			*n = yaml.Node{Kind: kind}
		}
		holder, at = n, -1
		switch {
		case key == "[]" && i+1 < len(path) && path[i+1] != "[]":
			for j, e := range n.Content { // the first that has the key
				if at < 0 && e.Kind == yaml.MappingNode && lookupNode(e, path[i+1]) > 0 {
					at = j
				}
			}
		case key == "[]" && len(n.Content) > 0:
			at = 0
		case key != "[]":
			at = lookupNode(n, key)
		}
		if at < 0 {
			if key != "[]" {
				n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key})
			}
			n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str"})
			at = len(n.Content) - 1
		}
		n = n.Content[at]
	}
	return holder, n, at
}

func lookupNode(m *yaml.Node, key string) int {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			return i + 1
		}
	}
	return -1
}

func cloneNode(n *yaml.Node) *yaml.Node {
	c := *n
	c.Content = nil
	for _, x := range n.Content {
		c.Content = append(c.Content, cloneNode(x))
	}
	return &c
}

// hole stands in a profile's text where a value goes.
const hole = "@HOLE@"

// holed is the profile with a hole in place of one text. Prefix "=" keeps what
// stands there before the value.
func (f field) holed(t testing.TB, base *yaml.Node, prefix string) string {
	doc := cloneNode(base)
	holder, node, at := place(doc.Content[0], f.path)
	if prefix == "=" {
		prefix = node.Value
	}
	text := yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: prefix + hole}
	if f.isKey {
		*holder.Content[at-1] = text
		holder.Content[at].Value = "value"
	} else {
		*node = text
	}
	src := string(mustDump(t, doc))
	if strings.Count(src, hole+`"`) != 1 {
		t.Fatalf("no hole at %s:\n%s", f, src)
	}
	return src
}

// filled puts a value into the hole, which stands in double quotes.
func filled(holed, value string) []byte {
	var b strings.Builder
	for _, r := range value {
		switch {
		case r == '"' || r == '\\':
			b.WriteRune('\\')
			b.WriteRune(r)
		case r < ' ' || 0x7f <= r && r < 0xa0 || r > 0x2000 && r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return []byte(strings.Replace(holed, hole, b.String(), 1))
}

// hostileBases are the full profile, and what it is on another host: between
// them every target and every form of it.
func hostileBases(t *testing.T) map[string]*yaml.Node {
	t.Helper()
	full, err := os.ReadFile("../testdata/golden/full/vmloom.yaml")
	if err != nil {
		t.Fatal(err)
	}
	bases := map[string]*yaml.Node{}
	for name, set := range map[string]map[string]string{
		"mac": {},
		"linux": {
			"host.os": "linux", "host.home": "/home/rosh.b", "lima.vmType": "qemu", "wezterm.via": "exec",
			"rosetta": "false", "resources.nested": "false",
		},
		"mac, ssh": {"wezterm.via": "ssh"},
	} {
		doc := &yaml.Node{}
		if err := yaml.Load(full, doc); err != nil {
			t.Fatal(err)
		}
		top := doc.Content[0]
		for path, value := range set {
			_, node, _ := place(top, strings.Split(path, "."))
			node.Value = value
		}
		if at := lookupNode(top, "targets"); at > 0 && name == "linux" {
			top.Content = slices.Delete(top.Content, at-1, at+1)
		}
		_, cards, _ := place(top, []string{"lima", "networks"})
		for i, card := range cards.Content {
			if name == "linux" { // which has neither Apple's nor vmnet's
				card.Content[1].Value = []string{"user-v2", "odd"}[i]
			}
		}
		for _, s := range top.Content[lookupNode(top, "sockets")].Content {
			if lookupNode(s, "from") > 0 && lookupNode(s, "host") < 0 && name == "linux" {
				s.Content = append(s.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: "host"}, &yaml.Node{Kind: yaml.ScalarNode, Value: "~/." + s.Content[1].Value + ".sock"})
			}
		}
		bases[name] = doc
	}
	return bases
}

// build is the whole way of a profile.
func build(src []byte) (*profile.Profile, []generate.File, error) {
	p, err := profile.Load("vmloom.yaml", src)
	if err != nil {
		return nil, nil, err
	}
	files, err := generate.Files(p, nil)
	return p, files, err
}

// flatCache keeps what was read already: most values change few files.
type flatCache struct {
	mu   sync.Mutex
	seen map[string][]string
}

func (c *flatCache) flatten(t testing.TB, files []generate.File) (out []string, err error) {
	for _, f := range files {
		key := f.Path + "\x00" + string(f.Data)
		c.mu.Lock()
		entries, ok := c.seen[key]
		c.mu.Unlock()
		if !ok {
			if entries, err = flatten(t, []generate.File{f}); err != nil {
				return nil, err
			}
			for i := range entries {
				entries[i] = normal(entries[i])
			}
			c.mu.Lock()
			c.seen[key] = entries
			c.mu.Unlock()
		}
		out = append(out, entries...)
	}
	return out, nil
}

// spent collects what real programs shall read, to ask each of them once.
type spent struct {
	mu      sync.Mutex
	scripts map[string]script // by text
	configs map[string]bool   // ssh's
	values  []realCase
}

type realCase struct {
	p     *profile.Profile
	files []generate.File
}

func (s *spent) add(p *profile.Profile, files []generate.File) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values = append(s.values, realCase{p, files})
	for _, f := range files {
		a := artefact{path: f.Path, data: string(f.Data)}
		found, _ := scriptsIn(a)
		for _, b := range fences(a) {
			if b.info == "sh" {
				found = append(found, script{a.path, b.text})
			}
		}
		for _, x := range found {
			s.scripts[x.text] = x
		}
		if f.Path == "ssh/config" {
			s.configs[a.data] = true
		}
	}
}

// TestHostile puts every hostile value into every text of a profile. Either the
// profile is refused in words, or all outputs hold the value as data: read back,
// they are those of a harmless value with the one in place of the other.
func TestHostile(t *testing.T) {
	fields := textFields(t)
	if len(fields) < 50 {
		t.Errorf("only %d fields", len(fields))
	}
	cache := &flatCache{seen: map[string][]string{}}
	real := &spent{scripts: map[string]script{}, configs: map[string]bool{}}
	var mu sync.Mutex
	accepted := map[string]int{}
	t.Run("fields", func(t *testing.T) {
		for baseName, base := range hostileBases(t) {
			if _, _, err := build(mustDump(t, base)); err != nil {
				t.Fatalf("%s: %v", baseName, err)
			}
			for at, f := range fields {
				// The third differs from the first in the WezTerm module alone.
				if baseName == "mac, ssh" && f.path[0] != "wezterm" && !slices.Contains([]string{"name", "lima.instance", "guest.user.name"}, f.String()) {
					continue
				}
				t.Run(baseName+"/"+f.String(), func(t *testing.T) {
					t.Parallel()
					every := 1
					switch {
					case testing.Short():
						every = 12
					case baseName != "linux" && !tooltest.Full(): // the same outputs, and others of the host
						every = 3
					}
					h := hostileField{t: t, at: at, every: every, field: f, base: base, cache: cache, real: real}
					n := h.run()
					mu.Lock()
					accepted[f.String()] += n
					mu.Unlock()
				})
			}
		}
	})
	// What must carry any text does; else this test would pass by refusing all.
	for _, f := range []string{"guest.env.HOSTILE", "guest.user.authorizedKeys[]", "mounts[].host", "sockets[].host", "sockets[].check", "lima.extra.hostResolver.hosts.HOSTILE", "wezterm.keys.newTab[]"} {
		if n, ran := accepted[f]; ran && n < 4 && !testing.Short() {
			t.Errorf("%s: only %d hostile values were accepted", f, accepted[f])
		}
	}
	t.Run("dash", func(t *testing.T) {
		var scripts []script
		for _, s := range real.scripts {
			scripts = append(scripts, s)
		}
		t.Logf("%d scripts", len(scripts))
		parseMany(t, tooltest.Need(t, "dash"), scripts)
	})
	t.Run("run", func(t *testing.T) { runHostile(t, real.values) })
	t.Run("ssh", func(t *testing.T) {
		ssh := tooltest.Need(t, "ssh")
		t.Logf("%d configs", len(real.configs))
		for config := range real.configs {
			file := filepath.Join(t.TempDir(), "config")
			if err := os.WriteFile(file, []byte(strings.ReplaceAll(config, "Include ~/", "Include /no/such/")), 0o600); err != nil {
				t.Fatal(err)
			}
			checkSSH(t, ssh, file, "example.org", map[string]string{"hostname": "example.org", "port": "22"})
		}
	})
}

func mustDump(t testing.TB, n *yaml.Node) []byte {
	t.Helper()
	src, err := yaml.Dump(n)
	if err != nil {
		t.Fatal(err)
	}
	return src
}

type hostileField struct {
	t     *testing.T
	at    int // of the field among all
	every int // so many values are one sample: over the fields, each value has its turn
	field field
	base  *yaml.Node
	cache *flatCache
	real  *spent
}

// origin is where a path starts from: outputs hold it in words of their own, and the rest as data.
var origin = regexp.MustCompile(`^(~|\.|\.\.(/\.\.)*)/`)

// onlyOrigin is a path without a rest.
var onlyOrigin = regexp.MustCompile(`^(\.|\.\.(/\.\.)*)$`)

// run gives the number of hostile values that were accepted.
func (h *hostileField) run() (accepted int) {
	var markers []marker
	for _, prefix := range []string{"", "=", "./"} {
		markers = append(markers, marker{prefix, "zq7marker"}, marker{prefix, `zq7"marker`}, marker{prefix, "zq7@marker"})
	}
	markers = append(markers, marker{"~/", "zq7marker"}, marker{"../../", "zq7marker"})
	prefixes := []string{""}
	if _, node, _ := place(cloneNode(h.base).Content[0], h.field.path); node.Value != "" { // what is there already
		prefixes = append(prefixes, "=")
	}
	if strings.HasPrefix(h.field.String(), "wezterm.keys") {
		markers = append(markers, marker{"CMD+", "F5"})
		prefixes = append(prefixes, "CMD+")
	}
	if h.field.isKey {
		markers = append(markers, marker{"", "ZQ7MARKER"})
	}
	text := map[string]string{}
	var baselines []baseline
	known := map[string]bool{}
	for _, m := range markers {
		if text[m.prefix] == "" {
			text[m.prefix] = h.field.holed(h.t, h.base, m.prefix)
		}
		_, files, err := build(filled(text[m.prefix], m.text))
		if err != nil {
			continue
		}
		entries, err := h.cache.flatten(h.t, files)
		if err != nil {
			h.t.Fatalf("%q: %v", m, err)
		}
		baselines = append(baselines, newBaseline(m, entries))
		known[m.prefix] = true
	}
	if known["./"] && !known[""] { // a path that must say where it starts from
		prefixes = append(prefixes, "./")
	}
	for _, prefix := range prefixes {
		for i, value := range hostile {
			if (i+h.at)%h.every != 0 {
				continue
			}
			if prefix == "=" && value == "" {
				continue // what is there already
			}
			prefix := prefix
			if from := origin.FindString(value); prefix == "" && text[from] != "" && !onlyOrigin.MatchString(value) {
				prefix, value = from, value[len(from):]
			}
			p, files, err := build(filled(text[prefix], value))
			if err != nil {
				h.checkRefusal(value, err)
				continue
			}
			accepted++
			h.real.add(p, files)
			got, err := h.cache.flatten(h.t, files)
			if err != nil {
				h.t.Errorf("%s%q: %v", prefix, value, err)
				continue
			}
			nearest, fewest := "", 1<<30
			for _, b := range baselines {
				if b.prefix != prefix {
					continue
				}
				d := b.different(got, value)
				if len(d) < fewest {
					nearest, fewest = strings.Join(d, "\n"), len(d)
				}
			}
			switch {
			case fewest == 1<<30 && onlyOrigin.MatchString(value): // no text is a marker of it
			case fewest == 1<<30:
				h.t.Errorf("%s%q is accepted, and no harmless value is", prefix, value)
			case fewest > 0:
				h.t.Errorf("%s%.60q: is not held as data:\n%s", prefix, value, nearest)
			}
		}
	}
	return accepted
}

// baseline is what an output holds with a harmless value in a field.
type baseline struct {
	marker
	apart map[string]int // entries without the marker, and how often each
	with  []string       // entries with it
}

func newBaseline(m marker, entries []string) baseline {
	b := baseline{marker: m, apart: map[string]int{}}
	for _, e := range entries {
		if strings.Contains(e, m.text) {
			b.with = append(b.with, e)
		} else {
			b.apart[e]++
		}
	}
	return b
}

// different compares entries with those of the marker that stands for the value.
func (b baseline) different(got []string, value string) (out []string) {
	count := maps.Clone(b.apart)
	// The ssh alias of an instance has dashes for what is no host name.
	dashed := strings.NewReplacer(".", "-", "_", "-").Replace(value)
	alias := strings.NewReplacer("lima-"+b.text, "lima-"+dashed, "lima-full-vm-1"+b.text, "lima-full-vm-1"+dashed, b.text, value)
	for _, e := range b.with {
		count[normal(alias.Replace(e))]++
	}
	for _, e := range got {
		count[e]--
	}
	for e, n := range count {
		if n != 0 {
			out = append(out, fmt.Sprintf("%+d %.300q", n, e))
		}
	}
	slices.Sort(out)
	return out
}

// ownLabel is the home's label, which is made of a hash of the name.
var ownLabel = regexp.MustCompile(`\bvmloom-[0-9a-f]{8}\b`)

// normal sorts the words of a line again, whose order the value may have changed.
func normal(e string) string {
	e = ownLabel.ReplaceAllString(e, "vmloom-HASH")
	switch {
	case strings.Contains(e, ": prose "):
		return loose(e)
	case strings.Contains(e, ": sh "):
		file, line, _ := strings.Cut(e, ": sh ")
		words := strings.Split(line, active+" ")
		slices.Sort(words)
		return file + ": sh " + strings.Join(words, active+" ")
	}
	return e
}

// goWords are words of Go and of our libraries that no user should read.
var goWords = regexp.MustCompile(`reflect|yaml\.|\*?profile\.|interface (?:\{|conversion)|struct|%!|panic|runtime|<nil>|strconv`)

func (h *hostileField) checkRefusal(value string, err error) {
	h.t.Helper()
	var ps profile.Problems
	var texts []string
	if !errors.As(err, &ps) {
		h.t.Errorf("%q: is refused without a place: %v", value, err)
	}
	for _, p := range ps {
		if p.Line < 1 || p.Col < 1 || p.Reason == "" {
			h.t.Errorf("%q: no place or reason: %+v", value, p)
		}
		texts = append(texts, strings.ReplaceAll(p.String(), value, ""), p.Hint)
	}
	for _, text := range texts {
		if text = strings.ReplaceAll(text, value, ""); goWords.MatchString(text) {
			h.t.Errorf("%q: speaks Go: %s", value, text)
		}
		for _, r := range text {
			if r < ' ' && r != '\n' && r != '\t' || 0x7f <= r && r < 0xa0 {
				h.t.Errorf("%q: prints a control character: %q", value, text)
				break
			}
		}
	}
}

// parseMany has a shell read scripts without running them, all at once.
func parseMany(t *testing.T, shell string, scripts []script) {
	t.Helper()
	dir := t.TempDir()
	writeScripts(t, dir, scripts)
	cmd := exec.Command(shell, "-c", `for f in *; do "$0" -n "$f" || echo "$f"; done`, shell)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%s -n: %v\n%.3000s", shell, err, out)
	}
}

// hostHome and hostProject are where the pieces that are run find the user's home and
// the profile's directory, which has a name of its own kind.
const hostHome, hostProject = "/HOST-HOME", `/my $(touch x)"  *`

// onHost is a path of the host where it is complete.
func onHost(path string) string {
	rest, inHome := strings.CutPrefix(path, "~/")
	switch {
	case inHome:
		return hostHome + "/" + rest
	case path == ".":
		return hostProject
	case strings.HasPrefix(path, "."):
		return hostProject + "/" + strings.TrimPrefix(path, "./")
	}
	return path
}

// runHostile has real shells run the parts of the scripts that carry free text:
// the variables of login shells, the further keys, the forwarded sockets.
func runHostile(t *testing.T, cases []realCase) {
	dir := t.TempDir()
	var driver strings.Builder
	var want strings.Builder
	seen := map[string]bool{}
	n := 0
	add := func(text, run, expect string) {
		if seen[text] {
			return
		}
		seen[text] = true
		n++
		file := fmt.Sprintf("%04d.sh", n)
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&driver, "printf '%%s\\0' %s; ("+run+")\n", file, file)
		want.WriteString(file + "\x00" + expect)
	}
	for _, c := range cases {
		for _, f := range c.files {
			a := artefact{path: f.Path, data: string(f.Data)}
			scripts, err := scriptsIn(a)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range scripts {
				if value, set := c.p.Guest.Env["GREETING"]; set && strings.HasSuffix(s.name, "profile.d") {
					add(s.text, `. ./%s; printf '%%s\0' "$GREETING" "$HOSTILE"`, value+"\x00"+c.p.Guest.Env["HOSTILE"]+"\x00")
				}
				if _, keys, ok := strings.Cut(s.text, "\nkeys="); ok {
					_, keys, _ = strings.Cut(keys, "\n")
					keys, _, _ = strings.Cut(keys, "\n\n")
					text := fmt.Sprintf("rm -f keys; : >keys; keys=keys\n%s\n%s\ncat keys\n", keys, keys)
					add(text, ". ./%s", strings.Join(c.p.Guest.User.Keys(), "\n")+"\n")
				}
				if head, calls, ok := strings.Cut(s.text, "\nforward "); ok && strings.Contains(head, "\nforward() {") {
					var all strings.Builder
					for _, socket := range slices.Concat(c.p.ToGuest(), c.p.ToHost()) {
						all.WriteString(socket.Name + "\x00" + socket.Guest + "\x00" + onHost(socket.Host) + "\x00")
					}
					calls, _, _ = strings.Cut(calls, "\n[ \"$failed\"")
					add("HOME="+hostHome+"\nproject='"+hostProject+"'\nforward() { printf '%s\\0' \"$@\"; }\noffer() { forward \"$@\"; }\nforward "+calls+"\n", ". ./%s", all.String())
				}
			}
		}
	}
	t.Logf("%d pieces", n)
	if n < 100 && !testing.Short() {
		t.Errorf("only %d pieces to run", n)
	}
	for _, shell := range []string{"dash", "bash"} {
		t.Run(shell, func(t *testing.T) {
			script := filepath.Join(t.TempDir(), "driver")
			if err := os.WriteFile(script, []byte(driver.String()), 0o644); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(tooltest.Need(t, shell), script)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "GREETING=", "HOSTILE=")
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%v", err)
			}
			got, wanted := strings.Split(string(out), "\x00"), strings.Split(want.String(), "\x00")
			for i := range wanted {
				if i >= len(got) || got[i] != wanted[i] {
					t.Fatalf("piece %d:\n got %.500q\nwant %.500q", i, got[min(i, len(got)-1):min(i+3, len(got))], wanted[i:min(i+3, len(wanted))])
				}
			}
			if _, err := os.Stat(filepath.Join(dir, "x")); err == nil {
				t.Error("a value was run: there is a file x")
			}
		})
	}
}
