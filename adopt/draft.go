package adopt

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/profile"
)

// draft is a profile in the making.
type draft struct {
	name, instance, vmType string
	host                   Host
	sshPort                int
	system, release, arch  string
	image                  struct{ location, digest string } // where it is no release's
	nixOwn                 bool
	user                   struct {
		name, home, shell string
		uid               int
		uidOfHost         bool
	}
	keys         []string
	timezone     string
	locale       string
	packages     []pkg
	env          map[string]string
	cpus         int
	memory, disk string
	homeDisk     bool
	homeName     string // where it is not the profile's
	hostname     string // where it is not the profile's
	mounts       []mount
	sockets      []socket
	ports        []port
	token        bool
	autostart    string
	wezterm      sshDomain
	extra        *yaml.Node
}

type (
	pkg   struct{ name, own string }
	mount struct {
		host, guest string
		writable    bool
	}
	port   struct{ guest, host int }
	socket struct {
		name, from, host, guest, env    string
		mounted                         bool // from a mount that could not work, or the wrong socket
		plainHost, plainGuest, plainEnv bool // is what the profile fills in
	}
)

var (
	plainText = regexp.MustCompile(`^([A-Za-z_/]|~/)[A-Za-z0-9_./-]*$|^[0-9]+[KMGT]iB$`)
	reserved  = strings.Fields("y n yes no on off true false null nil none nan inf infinity")
	place     = regexp.MustCompile(`^([a-z]+)\[([0-9]+)\]`)
)

// q writes text as YAML, for readers of 1.1 and 1.2 alike.
func q(s string) string {
	if plainText.MatchString(s) && !slices.Contains(reserved, strings.ToLower(s)) {
		return s
	}
	b := &strings.Builder{}
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil {
		return `""`
	}
	var out strings.Builder
	for _, r := range strings.TrimSuffix(b.String(), "\n") {
		if 0x7f <= r && r < 0xa0 || r == 0xfeff || 0xfffe <= r && r <= 0xffff {
			fmt.Fprintf(&out, `\u%04x`, r)
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}

// flow collects a mapping on one line.
type flow []string

func (f *flow) text(key, value string) {
	if value != "" {
		*f = append(*f, key+": "+q(value))
	}
}

func (f *flow) number(key string, value int) {
	if value != 0 {
		*f = append(*f, key+": "+strconv.Itoa(value))
	}
}

func (f flow) String() string { return "{" + strings.Join(f, ", ") + "}" }

func (d *draft) text(header []string) ([]byte, error) {
	var b strings.Builder
	for i, line := range header {
		if i == 1 {
			b.WriteString("#\n")
		}
		b.WriteString("# " + clean(line) + "\n")
	}
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("version: 1")
	line("name: %s", q(d.name))
	var host flow
	host.text("os", d.host.OS)
	host.text("user", d.host.User)
	host.text("home", d.host.Home)
	line("host: %s", host)
	if len(d.extra.Content) == 0 {
		line("lima: %s", d.lima())
	}
	line("")
	d.guest(line)
	line("")
	line("resources: {cpus: %d, memory: %s, disk: %s}", d.cpus, q(d.memory), q(d.disk))
	if d.homeDisk {
		name := ""
		if d.homeName != "" {
			name = ", name: " + q(d.homeName)
		}
		line("home: {disk: %s%s}   # the disk is there already: limactl disk list shows its size", "40GiB", name)
	} else {
		line("# home: {disk: 40GiB}   # a disk of its own: the home outlives rebuilds; bring along what is in it today")
	}
	d.shared(line)
	if d.autostart != "" || d.wezterm.name != "" {
		line("")
	}
	if d.autostart != "" {
		line("autostart: %s", d.autostart)
	}
	d.wezterm.text(line)
	if d.nixOwn {
		line("nix: {base: own}")
	}
	if err := d.writeExtra(&b); err != nil {
		return nil, err
	}
	return []byte(b.String()), nil
}

func (d *draft) lima() (f flow) {
	f.text("instance", d.instance)
	f.number("sshPort", d.sshPort)
	if d.vmType == "qemu" || d.vmType == "vz" {
		f.text("vmType", d.vmType)
	}
	return f
}

// writeExtra ends the text with what has no field, as it stood.
func (d *draft) writeExtra(b *strings.Builder) error {
	if len(d.extra.Content) == 0 {
		return nil
	}
	b.WriteString("\n# What the profile has no field for goes into the template as it stands.\nlima:\n")
	for _, item := range d.lima() {
		b.WriteString("  " + item + "\n")
	}
	b.WriteString("  extra:\n")
	var out bytes.Buffer
	dump, err := yaml.NewDumper(&out, yaml.WithIndent(2))
	if err == nil {
		if err = dump.Dump(block(d.extra)); err == nil {
			err = dump.Close()
		}
	}
	if err != nil {
		return fmt.Errorf("lima.extra: %w", err)
	}
	for line := range strings.Lines(strings.TrimRight(out.String(), "\n")) {
		if strings.TrimSpace(line) != "" {
			line = "    " + line
		}
		b.WriteString(line)
	}
	b.WriteString("\n")
	return nil
}

// block copies a node so that mappings and lists stand one value a line, and
// text that ends in blank lines keeps them wherever it stands.
func block(n *yaml.Node) *yaml.Node {
	c := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value, Style: n.Style}
	if n.Kind != yaml.ScalarNode && len(n.Content) > 0 {
		c.Style &^= yaml.FlowStyle
	}
	if n.Kind == yaml.ScalarNode && (strings.HasSuffix(n.Value, "\n\n") || n.Value == "\n" || strings.HasPrefix(n.Value, " ") || strings.Contains(n.Value, " \n")) {
		c.Style = yaml.DoubleQuotedStyle
	}
	for _, child := range n.Content {
		c.Content = append(c.Content, block(child))
	}
	return c
}

func (d *draft) guest(line func(string, ...any)) {
	line("guest:")
	line("  system: %s", q(d.system))
	if d.release != "" {
		line("  release: %s", q(d.release))
	}
	if d.arch != "" {
		line("  arch: %s", q(d.arch))
	}
	if d.image.location != "" {
		var image flow
		image.text("location", d.image.location)
		image.text("digest", d.image.digest)
		line("  image: %s", image)
	}
	if d.hostname != "" {
		line("  hostname: %s", q(d.hostname))
	}
	var user flow
	user.text("name", d.user.name)
	if d.user.uidOfHost {
		user.text("uid", profile.HostUID.String())
	} else {
		user.number("uid", d.user.uid)
	}
	user.text("home", d.user.home)
	user.text("shell", d.user.shell)
	if len(d.keys) > 0 {
		var keys []string
		for _, k := range d.keys {
			keys = append(keys, q(k))
		}
		user = append(user, "authorizedKeys: ["+strings.Join(keys, ", ")+"]")
	}
	line("  user: %s", user)
	if d.timezone != "" {
		line("  timezone: %s", q(d.timezone))
	}
	if d.locale != "" {
		line("  locale: %s", q(d.locale))
	}
	if len(d.packages) > 0 && profile.SystemNamed(d.system).SetUp == profile.ByCloudInit {
		var names []string
		for _, p := range d.packages {
			if p.name != "" {
				names = append(names, q(p.name))
			} else {
				names = append(names, "{"+profile.SystemNamed(d.system).Manager.Column+": "+q(p.own)+"}")
			}
		}
		line("  packages: [%s]", strings.Join(names, ", "))
	}
	if len(d.env) > 0 {
		line("  env:")
		for _, name := range slices.Sorted(maps.Keys(d.env)) {
			line("    %s: %s", q(name), q(d.env[name]))
		}
	}
}

func (d *draft) shared(line func(string, ...any)) {
	if len(d.mounts) > 0 {
		line("")
		line("mounts:")
	}
	for _, m := range d.mounts {
		var f flow
		f.text("host", m.host)
		f.text("guest", m.guest)
		if m.writable {
			f = append(f, "writable: true")
		}
		line("  - %s", f)
	}
	if len(d.sockets) > 0 {
		line("")
		line("sockets:   # a socket cannot be reached through a mount: it is forwarded")
	}
	for _, s := range d.sockets {
		var f flow
		f.text("name", s.name)
		f.text("from", s.from)
		if !s.plainHost {
			f.text("host", s.host)
		}
		if !s.plainGuest {
			f.text("guest", s.guest)
		}
		if !s.plainEnv {
			f.text("env", s.env)
		}
		line("  - %s", f)
	}
	if d.token {
		line("")
		line("onepassword: {tokenFile: ~/.config/op/token}")
	}
	if len(d.ports) > 0 {
		line("")
		line("ports:")
	}
	for _, p := range d.ports {
		line("  - {guest: %d, host: %d}", p.guest, p.host)
	}
}
