package adopt

import (
	"cmp"
	"net"
	"slices"
	"strings"

	"vmloom/lima"
	"vmloom/profile"
	"vmloom/wezterm"
)

// sshDomain is WezTerm's domain of the instance, and the keys that lead to it.
type sshDomain struct {
	name, domains string
	newTab        []string
}

func (s sshDomain) text(line func(string, ...any)) {
	if s.name == "" {
		return
	}
	line("wezterm:")
	line("  domain: %s", q(s.name))
	line("  via: exec   # runs OpenSSH, which knows Lima's port, keys and Include")
	var keys flow
	keys.text("domains", s.domains)
	if len(s.newTab) > 0 {
		var tabs []string
		for _, k := range s.newTab {
			tabs = append(tabs, q(k))
		}
		keys = append(keys, "newTab: ["+strings.Join(tabs, ", ")+"]")
	}
	if len(keys) > 0 {
		line("  keys: %s", keys)
	}
}

// alias is the Host name in the ssh.config that Lima writes for the instance.
func (a *Adoption) alias() string {
	return lima.Hostname(cmp.Or(a.in.Instance, lima.Default))
}

func (a *Adoption) readWezTerm() {
	for _, f := range a.in.WezTerm {
		if len(f.Data) <= MaxBytes {
			a.readLua(f, wezterm.Tokens(string(f.Data)))
		}
	}
	for _, f := range a.in.WezTerm { // keys may stand in another file than the domain
		if len(f.Data) <= MaxBytes {
			a.readKeys(f, wezterm.Tokens(string(f.Data)))
		}
	}
}

// readLua looks for domains: ssh_domains = {…} anywhere.
func (a *Adoption) readLua(f File, tokens []wezterm.Token) {
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		if t.Kind != 'n' || t.Text != "ssh_domains" || i+2 >= len(tokens) || tokens[i+1].Kind != '=' || tokens[i+2].Kind == '=' {
			continue
		}
		a.find(f, t.Line, t.Col, "wezterm-assigned", "ssh_domains is assigned: WezTerm's own domains SSH:HOST, one for each host of ~/.ssh/config, are gone",
			"append instead, as the module that vmloom makes does")
		if tokens[i+2].Kind != '{' {
			continue
		}
		table, next := tableAt(tokens, i+2, 0)
		i = next - 1 // what is inside is no other assignment
		for _, d := range table.list {
			a.readDomain(f, d)
		}
	}
}

func (a *Adoption) readDomain(f File, d luaTable) {
	address, ok := d.fields["remote_address"]
	if !ok {
		return
	}
	host, port, err := net.SplitHostPort(address.Text)
	local := err == nil && (host == "127.0.0.1" || host == "localhost")
	if !local && address.Text != a.alias() && host != a.alias() {
		return // somewhere else
	}
	if name := d.fields["name"].Text; a.domain.name == "" {
		a.domain.name = name
	}
	switch {
	case local && port == scalar(a.root, "ssh", "localPort"):
		a.find(f, address.Line, address.Col, "wezterm-host-key", address.Text+": WezTerm asks to trust the guest's new key after each rebuild", "wezterm: {via: exec} of the profile runs OpenSSH, which does not")
	case local:
		a.find(f, address.Line, address.Col, "hard-coded-port", clean(address.Text)+": Lima takes another port at each start (ssh.localPort is 0)", "wezterm: {via: exec} of the profile runs ssh "+a.alias()+", which follows the port")
	default:
		a.find(f, address.Line, address.Col, "wezterm-alias", clean(address.Text)+": WezTerm's own SSH reads no Include with ~ or an absolute path (wezterm PR 5184), so this name leads nowhere", "wezterm: {via: exec} of the profile runs OpenSSH, which reads it")
	}
}

// readKeys looks for key bindings that open the domain or the list of domains.
func (a *Adoption) readKeys(f File, tokens []wezterm.Token) {
	if a.domain.name == "" {
		return
	}
	for _, b := range allTables(tokens) {
		k, ok := b.fields["key"]
		if !ok || k.Line == 0 {
			continue
		}
		text := k.Text
		if mods := b.fields["mods"].Text; mods != "" {
			text = strings.ReplaceAll(mods, "|", "+") + "+" + text
		}
		text = strings.ReplaceAll(text, " ", "")
		parsed, ok := profile.ParseKey(text)
		if !ok {
			continue
		}
		switch {
		case b.says(is("SpawnTab")) && b.says(is(a.domain.name)):
			a.domain.newTab = append(a.domain.newTab, spelled(parsed))
		case b.says(is("ShowLauncherArgs")) && b.says(func(w string) bool { return strings.Contains(w, "DOMAINS") }):
			a.domain.domains = spelled(parsed)
		default:
			continue
		}
		if action := profile.DefaultAction(parsed); action != "" {
			a.find(f, k.Line, k.Col, "key-shadow", spelled(parsed)+" hides WezTerm's own binding "+action, "choose another key, or accept it with open eyes: the profile keeps it")
		}
	}
	a.domain.newTab = slices.Compact(a.domain.newTab)
}

// is looks for one word.
func is(wanted string) func(string) bool { return func(word string) bool { return word == wanted } }

// spelled writes a key as profiles do: CMD+SHIFT+T.
func spelled(k profile.Key) string {
	key := k.Key
	if len(key) == 1 {
		key = strings.ToUpper(key)
	}
	if k.Mods == "" {
		return key
	}
	return strings.ReplaceAll(k.Mods, "|", "+") + "+" + key
}
