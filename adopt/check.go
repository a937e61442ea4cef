package adopt

import (
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/pattern"
)

// checkTemplate looks at what the template itself gets wrong, whatever becomes of it.
func (a *Adoption) checkTemplate() {
	a.checkKeys()
	if c := child(a.root, "containerd"); isNull(child(c, "user")) && (isNull(child(a.root, "plain")) || scalar(a.root, "plain") == "false") {
		a.at(key(a.root, "containerd"), "containerd-default", "containerd.user: is not set, and Lima's default is true: 250 MiB are downloaded and a daemon runs", "the profile keeps it so: take containerd out of it to be rid of that")
	}
	for _, list := range []string{"provision", "probes"} {
		for _, it := range items(child(a.root, list)) {
			a.checkScript(it)
		}
	}
	for _, f := range append([]File{a.in.Lima}, a.in.Plists...) {
		number := 0
		for line := range strings.Lines(string(f.Data)) {
			number++
			if i := strings.Index(line, "launchctl load"); i >= 0 {
				a.find(f, number, i+1, "launchctl-load", "launchctl load is of the past: it says nothing when it does not work", `launchctl bootstrap "gui/$(id -u)" FILE`)
			}
		}
	}
}

var (
	action      = pattern.New(`\{\{[^\n]*?\}\}`)
	knownAction = pattern.New("^\\{\\{-?\\s*((if|else|end|with|range)\\b[^`]*|\\.(Home|UID|User|Name|Hostname|Dir|Param\\.[A-Za-z_][A-Za-z0-9_]*)|`[^`]*`|\"[^\"]*\")\\s*-?\\}\\}$")
)

// checkScript finds what Lima would make of a script: it takes each for a Go template.
func (a *Adoption) checkScript(it *yaml.Node) {
	n := child(it, "script")
	if n == nil || n.Kind != yaml.ScalarNode {
		return
	}
	for _, m := range action().FindAllStringIndex(n.Value, -1) {
		found := n.Value[m[0]:m[1]]
		if knownAction().MatchString(found) || m[0] > 0 && strings.HasSuffix(n.Value[:m[0]], "`") {
			continue
		}
		line := n.Line
		if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
			line += 1 + countLines(n.Value[:m[0]])
		}
		a.find(a.in.Lima, line, 1, "template-braces", clean(found)+": Lima takes the script for a Go template: this becomes <no value>, or stops the script from being one", "write {{`{{`}} for two opening braces")
	}
	if mode := scalar(it, "mode"); mode == "ansible" {
		a.at(child(it, "mode"), "deprecated", "mode: ansible is deprecated", "run ansible-playbook on the host, over ssh "+a.alias())
	}
}
