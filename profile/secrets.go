package profile

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"
)

// What a secret is made of where it stands in a command: no reference to a variable,
// a file or another command.
const (
	secretStart = `[^\s"'$` + "`" + `;&|<>(){}/~-]`
	secretRest  = `[^\s"'$` + "`" + `;&|<>(){}]`
)

// secretRules find what looks like a secret, each in its group. The beginnings of
// tokens are those that their issuers document.
var secretRules = []string{
	// NAME=value, name: value
	`(?:[A-Z0-9_]*(?:TOKEN|SECRET|PASSWORD|PASSWD|API[_-]?KEY|ACCESS[_-]?KEY)[A-Z0-9_]*["']?[ \t]*[=:][ \t]*["']?)(` + secretStart + secretRest + `{5,})`,
	// tokens that say whose they are
	`\b(ops_[A-Za-z0-9_-]{20,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|A[KS]IA[A-Z0-9]{16}|glpat-[A-Za-z0-9_-]{16,}|xox[abp]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{10,}` +
		`|npm_[A-Za-z0-9]{30,}|hf_[A-Za-z0-9]{30,}|AIza[A-Za-z0-9_-]{35}|sk-[A-Za-z0-9_-]{20,}|[sr]k_live_[A-Za-z0-9]{16,}|tskey-[A-Za-z0-9-]{10,}|pypi-[A-Za-z0-9_-]{20,}` +
		`|dckr_pat_[A-Za-z0-9_-]{20,}|dop_v1_[a-f0-9]{40,}|glsa_[A-Za-z0-9_]{20,}|hvs\.[A-Za-z0-9_-]{20,}|whsec_[A-Za-z0-9+/]{20,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}` +
		`|AGE-SECRET-KEY-1[A-Z0-9]{40,}|eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+)`,
	`(-----BEGIN [A-Z ]*PRIVATE KEY-----)`,
	// https://name:password@host
	`\b[a-z][a-z0-9+.-]*://[^\s/:@"']*:([^\s/:@"'${}]{3,})@`,
	// curl -u name:password
	`\b(?:curl|wget|https?)\b[^\n|;&]*\s(?:-u|--user|-U|--proxy-user)[ =]?["']?[^\s:"'$]+:(` + secretRest + `{4,})`,
	// docker login -p password
	`\blogin\b[^\n|;&]*\s(?:-p|--password)[ =]["']?(` + secretStart + secretRest + `{3,})`,
	`\bsshpass\s+-p ?["']?(` + secretStart + secretRest + `{2,})`,
	`\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^\n|;&]*\s-p["']?(` + secretStart + secretRest + `{3,})`,
	// --authkey=…, --access-token …
	`\s--(?:auth-?key|(?:[a-z]+-)*(?:token|password|passphrase|secret|api-?key))[= ]["']?(` + secretStart + secretRest + `{5,})`,
	`\b(?:Bearer|Authorization: (?:Basic|token))\s+([A-Za-z0-9._~+/=-]{16,})`,
	// netrc
	`\blogin\s+\S+\s+password\s+(` + secretStart + secretRest + `{3,})`,
	// echo name:password | chpasswd
	`([A-Za-z0-9_.-]+:[^\s:"'$]{4,})["']?\s*\|\s*(?:sudo\s+)?chpasswd`,
}

// secretText finds what looks like a secret in the text of a script or a value: its
// groups are what must not be shown.
var secretText = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)` + strings.Join(secretRules, "|"))
})

// Words of a variable's name, and beginnings of a token.
var (
	secretWords   = strings.Fields("TOKEN SECRET PASSWORD PASSWD API_KEY APIKEY ACCESS_KEY ACCESSKEY PRIVATE_KEY PRIVATEKEY")
	leadsThither  = strings.Fields("_FILE _PATH _DIR _CMD _COMMAND _URL")
	tokenPrefixes = strings.Fields("ops_ ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ AKIA ASIA glpat- xox xapp- npm_ hf_ AIza sk- eyJ PRIVATE chpasswd tskey- k_live_ whsec_ SG. pypi- dckr_pat_ dop_v1_ glsa_ hvs. AGE-SECRET-KEY-1")
	// words of commands that take a secret for an argument
	secretTakers = strings.Fields("curl wget http login sshpass mysql mariadb --auth --token --pass --secret --api -token -password bearer")
)

// SecretName reports whether a variable of that name holds a secret: its words end
// in one of those, and it is no path or command that leads to one.
func SecretName(name string) bool {
	if name == "" {
		return false
	}
	name = strings.ToUpper(name)
	if slices.ContainsFunc(leadsThither, func(end string) bool { return strings.HasSuffix(name, end) }) {
		return false
	}
	return slices.ContainsFunc(secretWords, func(word string) bool {
		return strings.HasSuffix(name, word) || strings.Contains(name, word+"_")
	})
}

// mayHold is a quick look that spares most texts the slow one.
func mayHold(text string) bool {
	if len(text) < len("a://:abc@") { // the shortest of all that secretText finds
		return false
	}
	if slices.ContainsFunc(tokenPrefixes, func(start string) bool { return strings.Contains(text, start) }) {
		return true
	}
	lower := strings.ToLower(text)
	if strings.Contains(text, " ") && slices.ContainsFunc(secretTakers, func(word string) bool { return strings.Contains(lower, word) }) {
		return true
	}
	if !strings.ContainsAny(text, "=:") {
		return false
	}
	return strings.Contains(text, "://") && strings.Contains(text, "@") ||
		slices.ContainsFunc([]string{"token", "secret", "passw", "key"}, func(word string) bool { return strings.Contains(lower, word) })
}

// SecretSpans are the parts of a text that look like secrets, from and to, in order.
func SecretSpans(text string) (spans [][2]int) {
	if !mayHold(text) {
		return nil
	}
	for _, m := range secretText().FindAllStringSubmatchIndex(text, -1) {
		for g := 2; g < len(m); g += 2 {
			if m[g] >= 0 {
				secret := strings.TrimRight(text[m[g]:m[g+1]], ",]") // YAML's
				if leads(secret) {
					continue
				}
				spans = append(spans, [2]int{m[g], m[g] + len(secret)})
			}
		}
	}
	return spans
}

// leads reports whether a value is no secret, but says where one is.
func leads(value string) bool {
	return slices.ContainsFunc([]string{"/", "~", "$", "./", "op://", "file:", "env:", "@"}, func(start string) bool { return strings.HasPrefix(value, start) })
}

// SecretsIn are the secrets of a variable, or of another text, whose name is empty.
func SecretsIn(name, value string) (found []string) {
	if SecretName(name) && len(value) >= 6 && !leads(value) {
		return []string{value}
	}
	for _, s := range SecretSpans(value) {
		found = append(found, value[s[0]:s[1]])
	}
	return found
}

// MaskSecrets replaces secrets by dots.
func MaskSecrets(text string) string {
	return replaceSecrets(text, func(string) string { return "…" })
}

// HideSecrets is MaskSecrets for a line whose columns are spoken of.
func HideSecrets(line string) string {
	return replaceSecrets(line, func(secret string) string { return strings.Repeat("*", len([]rune(secret))) })
}

func replaceSecrets(text string, by func(string) string) string {
	var b strings.Builder
	from := 0
	for _, s := range SecretSpans(text) {
		b.WriteString(text[from:s[0]] + by(text[s[0]:s[1]]))
		from = s[1]
	}
	return b.String() + text[from:]
}

// secret is one that stands in a profile.
type secret struct {
	pos    Pos
	path   string
	values []string
}

// Secrets are the secrets that stand in the profile, and come into files that are made of it.
func (p *Profile) Secrets() (values []string) {
	for _, s := range p.secrets() {
		values = append(values, s.values...)
	}
	return values
}

func (p *Profile) secrets() (all []secret) {
	p.texts(reflect.ValueOf(p).Elem(), "", "", func(path, name, value string) {
		if found := SecretsIn(name, value); found != nil {
			all = append(all, secret{find(p.pos, path), path, found})
		}
	})
	for _, s := range p.SetupScripts() {
		for _, at := range SecretSpans(s.Text) {
			all = append(all, secret{find(p.pos, s.Field), s.Field, []string{s.Text[at[0]:at[1]]}})
		}
	}
	eachScalar(p.Lima.Extra.Node, "lima.extra", "", func(n *yaml.Node, path, name string) {
		if found := SecretsIn(name, n.Value); found != nil {
			all = append(all, secret{Pos{File: p.from[n].file, Line: n.Line, Col: n.Column}, path, found})
		}
	})
	return all
}

// SecretID is the ID of the lint that warns of a secret.
const SecretID = "secret"

// texts visits every text of a profile; name is that of a variable.
func (p *Profile) texts(v reflect.Value, path, name string, visit func(path, name, value string)) {
	switch v.Kind() {
	case reflect.String:
		visit(path, name, v.String())
	case reflect.Pointer:
		if !v.IsNil() && v.Type() != reflect.TypeFor[*yaml.Node]() {
			p.texts(v.Elem(), path, "", visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			p.texts(v.Index(i), item(path, i), "", visit)
		}
	case reflect.Map:
		if variables, ok := v.Interface().(map[string]string); ok {
			for _, name := range slices.Sorted(maps.Keys(variables)) {
				visit(join(path, name), name, variables[name])
			}
		}
	case reflect.Struct:
		for _, name := range fieldsOf(v.Type()).names {
			if f := v.Field(fieldsOf(v.Type()).byName[name].index); !f.IsZero() {
				p.texts(f, join(path, name), "", visit)
			}
		}
	}
}

// eachScalar visits the scalars below a node; name is the key of one.
func eachScalar(n *yaml.Node, path, name string, visit func(n *yaml.Node, path, name string)) {
	switch {
	case n == nil:
	case n.Kind == yaml.ScalarNode:
		visit(n, path, name)
	case n.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i].Value
			eachScalar(n.Content[i+1], join(path, key), key, visit)
		}
	default:
		for i, child := range n.Content {
			eachScalar(child, item(path, i), "", visit)
		}
	}
}

// secrets warns of what no file that is shared should hold.
func (l *linter) secrets() {
	for _, s := range l.p.secrets() {
		l.problems = append(l.problems, Problem{Pos: s.pos, Path: brief(s.path), ID: SecretID,
			Reason: "holds a secret in plain text, and so does every file that is made of it, and the VM",
			Hint:   "write it into a file of the host that you alone may read, and name that: guest: {envFile: ~/.config/" + l.p.Name + "/env}; onepassword brings the token of a password manager"})
	}
}
