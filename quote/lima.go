package quote

import "strings"

// LimaTemplate writes s as text in which Lima sees no template action. Lima executes
// every script of its YAML as a Go template, so that `docker ps --format {{.Names}}`
// silently becomes <no value>. The result is still to be quoted for YAML.
func LimaTemplate(s string) (string, error) {
	return strings.ReplaceAll(s, "{{", "{{`{{`}}"), check("lima", s)
}
