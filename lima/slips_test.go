package lima

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// TestSlips holds what is refused here to what limactl refused, line by line.
func TestSlips(t *testing.T) {
	for name, text := range recorded(t, "slips.txtar") {
		part, said, _ := strings.Cut(strings.TrimSpace(text), "\n= ")
		var doc yaml.Node
		if err := yaml.Load([]byte(part), &doc); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var why []string
		for _, p := range Check(doc.Content[0]) {
			if p.Refused() {
				why = append(why, string(p.Fault))
			}
		}
		for _, s := range Slips(doc.Content[0]) {
			if s.Refused {
				why = append(why, s.Reason)
			}
		}
		if refused := said != "OK"; refused != (len(why) > 0) {
			t.Errorf("%s: %q\nlimactl: %s\nhere: %q", name, part, said, why)
		}
	}
}

// TestSlipsTaken are those that Lima takes, and does otherwise than they seem to say.
func TestSlipsTaken(t *testing.T) {
	for part, want := range map[string]string{
		`provision: [{script: "docker ps --format {{.Names}} {{.User}}"}]`:                                         "{{.Names}} is no word of Lima's",
		`provision: [{script: "docker ps --format '{{json .}}' {{.User}}"}]`:                                       `{{.User}} stays as it is: function "json" not defined`,
		`provision: [{script: "docker ps --format '{{json .}}'"}]`:                                                 "",
		"provision: [{script: \"{{.Home}} {{if .User}}{{.UID}}{{else}}{{.Nope}}{{end}}{{`{{.Names}}`}}\"}]":        "{{.Nope}} is no word of Lima's",
		`{param: {x: y}, provision: [{script: "{{.Param.x}} {{.Param.z}} {{.Param.ours}}"}]}`:                      "{{.Param.z}} is no parameter",
		`{base: "template:x", provision: [{script: "{{.Param.z}}"}]}`:                                              "",
		`portForwards: [{guestSocket: /run/x.sock, hostSocket: "~/x.sock", reverse: true}]`:                        "is not expanded",
		`portForwards: [{guestSocket: "/run/{{.UID}}/x.sock", hostSocket: "{{.GlobalTempDir}}/x", reverse: true}]`: "",
		`portForwards: [{guestSocket: "{{.Dir}}/x.sock", hostSocket: "{{.Hostname}}"}]`:                            "{{.Dir}} is no word of Lima's",
		`networks: [{lima: 5}]`:                                          "is none of Lima's own networks",
		`networks: [{lima: bridged}]`:                                    "",
		`cpus: -1`:                                                       "is no number of processors",
		`cpuType: {x86: host}`:                                           "is no processor of Lima's",
		`vmOpts: {qemu: {cpuType: {arm64: host}}}`:                       "is no processor of Lima's",
		`user: {home: "/home/{{.Usr}}"}`:                                 "{{.Usr}} is no word of Lima's",
		`user: {home: "/home/{{.User}}"}`:                                "",
		`provision: [{script: "{{range .Parm}}{{.x}}{{end}}"}]`:          "{{.Parm}} is no word of Lima's",
		`provision: [{script: "{{with .Param}}{{.x}}{{$.Hom}}{{end}}"}]`: "{{.Hom}} is no word of Lima's",
		`message: "{{.SSHLocalPort}} {{range .Networks}}{{.Lima}}{{$.Name}}{{else}}{{.Dir}}{{end}}{{with .Config}}{{.CPUs}}{{end}}"`: "",
		`message: "{{range .Networks}}{{$.User}}{{else}}{{.Home}}{{end}}"`:                                                           "{{.User}} is no word of a message",
		`provision: [{mode: data, path: /x, content: a, format: yaml}]`:                                                              "does nothing in the mode data",
		`provision: [{mode: yq, path: /x, expression: ., overwrite: false}]`:                                                         "does nothing in the mode yq",
		`provision: [{script: a, expression: .}]`:                                                                                    "does nothing in the mode system",
		`minimumLimaVersion: 2.3.0`:  "is newer than Lima 2.2.0",
		`minimumLimaVersion: v2.2.0`: "",
		`memory: 12`:                 "is a number of bytes",
		`disk: "100"`:                "is a number of bytes",
	} {
		var doc yaml.Node
		if err := yaml.Load([]byte(part), &doc); err != nil {
			t.Fatalf("%s: %v", part, err)
		}
		found := Slips(doc.Content[0], "ours")
		if want == "" && len(found) > 0 || want != "" && (len(found) == 0 || !strings.Contains(found[0].Reason, want)) {
			t.Errorf("%s: %+v, not %q", part, found, want)
		}
	}
}
