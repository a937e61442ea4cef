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

// takeDomain gives the profile the domain that leads to the VM.
func (a *Adoption) takeDomain() {
	if d := a.domain; d.name != "" {
		a.made.WezTerm = &profile.WezTerm{Domain: d.name, Via: "exec", Keys: profile.WezTermKeys{Domains: d.domains, NewTab: d.newTab}}
		a.remarks["wezterm.domain"] = ""
	}
}

// instance is Lima's name of the VM.
func (a *Adoption) instance() string { return cmp.Or(a.in.Instance, lima.Default) }

// alias is the Host name in the ssh.config that Lima writes for the instance.
func (a *Adoption) alias() string {
	return lima.Hostname(a.instance())
}

// luaDomain is a domain of somebody's WezTerm.
type luaDomain struct {
	file    File
	name    string
	address wezterm.Token // zero: none that can be read here
	runs    bool          // a program that names the VM
	user    string        // who logs in; empty: not said, or not in words
	key     string        // the file of the key
	line    int
}

func (a *Adoption) readWezTerm() {
	var all []luaDomain
	for _, f := range a.in.WezTerm {
		if len(f.Data) <= MaxBytes {
			all = append(all, a.domainsIn(f, wezterm.Tokens(string(f.Data)))...)
		}
	}
	a.takeDomains(all)
	for _, f := range a.in.WezTerm { // keys may stand in another file than the domain
		if len(f.Data) <= MaxBytes {
			a.readKeys(f, wezterm.Tokens(string(f.Data)))
		}
	}
}

// domainsIn are the domains of a file: assigned to ssh_domains, brought into it by
// table.insert or by an index, and those of exec_domain that name the VM.
func (a *Adoption) domainsIn(f File, tokens []wezterm.Token) (out []luaDomain) {
	known := textsOf(tokens)
	is := func(i int, kind byte, text string) bool {
		return i < len(tokens) && tokens[i].Kind == kind && tokens[i].Text == text
	}
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		switch {
		case is(i, 'n', "exec_domain") && is(i+1, '(', "") && i+2 < len(tokens):
			if name, _, ok := known.text(tokens, i+2); ok && a.callNames(tokens[i+1:]) {
				out = append(out, luaDomain{file: f, name: name, line: t.Line, runs: true})
			}
		case !is(i, 'n', "ssh_domains"):
		case is(i+1, '=', "") && is(i+2, '{', ""):
			a.assigned(f, t)
			table, next := tableAt(tokens, i+2, 0, known)
			i = next - 1 // what is inside is no other assignment
			for _, d := range table.list {
				out = append(out, newDomain(f, d))
			}
		case is(i+1, '=', "") && !is(i+2, '=', ""):
			if !is(i+4, 'n', "default_ssh_domains") { // which gives WezTerm's own
				a.assigned(f, t)
				a.note("%s:%d: ssh_domains is made by code that is not read here: look whether it leads to this VM", f.Name, t.Line)
			}
		case is(i+1, ',', "") && is(i+2, '{', ""): // table.insert(config.ssh_domains, {…})
			table, next := tableAt(tokens, i+2, 0, known)
			i = next - 1
			out = append(out, newDomain(f, table))
		case is(i+1, '[', ""): // config.ssh_domains[#config.ssh_domains + 1] = {…}
			for j := i + 2; j < min(i+12, len(tokens)); j++ {
				if is(j, ']', "") && is(j+1, '=', "") && is(j+2, '{', "") {
					table, next := tableAt(tokens, j+2, 0, known)
					i = next - 1
					out = append(out, newDomain(f, table))
					break
				}
			}
		}
	}
	return out
}

func (a *Adoption) assigned(f File, t wezterm.Token) {
	a.find(f, t.Line, t.Col, "wezterm-assigned", "ssh_domains is assigned: WezTerm's own domains SSH:HOST, one for each host of ~/.ssh/config, are gone",
		"append instead, as the module that vmloom makes does")
}

func newDomain(f File, t luaTable) luaDomain {
	return luaDomain{file: f, name: t.fields["name"].Text, address: t.fields["remote_address"], user: t.fields["username"].Text, key: t.tables["ssh_option"].fields["identityfile"].Text, line: t.line}
}

// callNames reports whether the call whose bracket opens at the first token names the VM.
func (a *Adoption) callNames(tokens []wezterm.Token) bool {
	depth := 0
	for _, t := range tokens {
		switch t.Kind {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return false
			}
		case 's':
			if t.Text == a.alias() || strings.HasSuffix(t.Text, " "+a.alias()) {
				return true
			}
		}
	}
	return false
}

// sure is how certain it is that something on this host leads to the VM.
type sure int

// From what cannot be to what must.
const (
	isOther sure = iota
	mayBe
	likely
	certain
)

// leads judges an address of this host, with who logs in by which key.
func (a *Adoption) leads(host, port, user, key string) sure {
	fixed := scalar(a.root, "ssh", "localPort")
	switch {
	case host == a.alias():
		return certain
	case host != "127.0.0.1" && host != "localhost", fixed != "" && fixed != "0" && port != fixed:
		return isOther
	case port == fixed:
		return certain
	case key != "" && !strings.Contains(key, "/.lima/") || user != "" && user != a.guestUser():
		return isOther
	case key != "" || user != "":
		return likely
	}
	return mayBe
}

// guestUser is the account of the guest, as far as the template tells.
func (a *Adoption) guestUser() string {
	return cmp.Or(scalar(a.root, "user", "name"), lima.GuestUser(a.host.User))
}

func (a *Adoption) domainLeads(d luaDomain) sure {
	if d.runs {
		return certain
	}
	host, port, err := net.SplitHostPort(d.address.Text)
	if err != nil {
		host = d.address.Text
	}
	return a.leads(host, port, d.user, d.key)
}

// takeDomains takes the domain that leads to the VM for the profile's, and names the others.
func (a *Adoption) takeDomains(all []luaDomain) {
	most, one := isOther, 0
	for _, d := range all {
		switch s := a.domainLeads(d); {
		case s > most:
			most, one = s, 1
		case s == most:
			one++
		}
	}
	for _, d := range all {
		if most == isOther || a.domainLeads(d) < most || most == mayBe && one > 1 {
			a.note("%s:%d: WezTerm's domain %s: left alone, nothing says that it is this VM's", d.file.Name, d.line, cmp.Or(clean(d.name), "without a name"))
			continue
		}
		if a.domain.name == "" {
			a.domain.name = d.name
		}
		a.judgeDomain(d)
	}
}

func (a *Adoption) judgeDomain(d luaDomain) {
	address := d.address
	_, port, err := net.SplitHostPort(address.Text)
	switch {
	case d.runs:
	case err != nil || strings.HasPrefix(address.Text, a.alias()):
		a.find(d.file, address.Line, address.Col, "wezterm-alias", clean(address.Text)+": WezTerm's own SSH reads no Include with ~ or an absolute path (wezterm PR 5184), so this name leads nowhere", "wezterm: {via: exec} of the profile runs OpenSSH, which reads it")
	case port == scalar(a.root, "ssh", "localPort"):
		a.find(d.file, address.Line, address.Col, "wezterm-host-key", clean(address.Text)+": WezTerm asks to trust the guest's new key after each rebuild", "wezterm: {via: exec} of the profile runs OpenSSH, which does not")
	default:
		a.find(d.file, address.Line, address.Col, "hard-coded-port", clean(address.Text)+": Lima takes another port at each start (ssh.localPort is 0)", "wezterm: {via: exec} of the profile runs ssh "+a.alias()+", which follows the port")
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
