package adopt

import (
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"vmloom/pattern"
	"vmloom/profile"
)

// findSecrets marks what holds a secret: a profile is shared, and is no place for one.
func (a *Adoption) findSecrets() {
	report := func(holder, n *yaml.Node, text string) {
		line := n.Line
		if m := profile.SecretSpans(text); m != nil && (n.Style&(yaml.LiteralStyle|yaml.FoldedStyle)) != 0 {
			line += 1 + countLines(text[:m[0][0]])
		}
		a.secret[holder] = !a.in.Secrets
		cure := "keep it out of files that are shared: guest: {envFile: FILE} of the profile brings variables in at each start; or put it into a file of the guest's home"
		if opToken().MatchString(text) {
			cure = "onepassword: {tokenFile: ~/.config/op/token} of the profile brings it in at each start, and no file holds it"
		}
		if !a.in.Secrets {
			cure += "; --secrets copies it all the same"
		}
		a.find(a.in.Lima, line, n.Column, "secret", "holds a secret in plain text, and so does every copy of this file", cure)
		last := &a.Findings[len(a.Findings)-1]
		last.Source = last.Source[:strings.IndexAny(last.Source, "=:")+1] + "…"
		last.Caret = min(last.Caret, utf8.RuneCountInString(last.Source))
	}
	for _, list := range []string{"provision", "probes", "copyToHost"} {
		for _, it := range items(child(a.root, list)) {
			for _, field := range []string{"script", "content"} {
				if n := child(it, field); n != nil && profile.SecretSpans(n.Value) != nil {
					report(it, n, n.Value)
				}
			}
		}
	}
	for _, section := range []string{"env", "param"} {
		if n := child(a.root, section); n != nil && n.Kind == yaml.MappingNode {
			for i := 0; i+1 < len(n.Content); i += 2 {
				k, v := n.Content[i], n.Content[i+1]
				if v.Kind == yaml.ScalarNode && profile.SecretsIn(k.Value, v.Value) != nil {
					report(v, v, k.Value+"="+v.Value)
				}
			}
		}
	}
}

var opToken = pattern.New(`OP_SERVICE_ACCOUNT_TOKEN|ops_[A-Za-z0-9_-]{20,}`)

func countLines(s string) (n int) {
	for _, c := range s {
		if c == '\n' {
			n++
		}
	}
	return n
}
