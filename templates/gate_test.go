package templates

import (
	"testing"
	"testing/fstest"
)

func TestGate(t *testing.T) {
	const good = ""
	for _, tt := range []struct{ file, text, want string }{
		{"x.yaml", `a: {{ yaml .X }}`, good},
		{"x.yaml", `a: {{ .X | toString | yaml }}`, good},
		{"x.yaml", `a: {{ yamlBlock 4 (lima (printf "%s" .X)) }}`, good},
		{"x.yaml", `{{ range $i, $x := .L }}{{ with $x.Y }}- {{ yaml . }}{{ else }}{{ yaml $i }}{{ break }}{{ end }}{{ end }}`, good},
		{"x.yaml", `{{ if .A.Named }}{{ $y := join "," .L }}{{ yaml $y }}{{ else if .B }}{{ yaml .B }}{{ end }}{{/* hm */}}`, good},
		{"x.yaml", `{{ define "x" }}{{ yaml . }}{{ end }}{{ template "x" .Y }}{{ block "y" .Z }}{{ yaml . }}{{ end }}`, good},
		{"x.yaml", `# "the {{ yamlComment .X }}" and "{{ yamlComment .X }}"`, good},
		{"x.plist", `<string>{{ xml .X }}</string>`, good},
		{"x.service", `ExecStart={{ systemd .X }}`, good},
		{"x.timer", `Description={{ systemdValue .X }}`, good},
		{"x.sh", `x="$HOME/"{{ sh .X }}".sock" it's {{ sh .X }}'s'`, good},
		{"x.nix", `x = {{ nix (sh .X) }};`, good},

		{"x.yaml", "a:\n  - {{.X}}", "d/x.yaml.tmpl:2:6: {{.X}} prints unquoted: end it in one of yaml, yamlBlock, yamlComment"},
		{"x.sh", `{{ nix .X }}`, "d/x.sh.tmpl:1:3: {{nix .X}} prints unquoted: end it in one of sh, shComment"},
		{"x.lua", `{{ lua .X | toString }}`, "d/x.lua.tmpl:1:3: {{lua .X | toString}} prints unquoted: end it in one of lua, luaComment"},
		{"x.lua", `{{ (lua .X) }}`, "d/x.lua.tmpl:1:3: {{(lua .X)}} prints unquoted: end it in one of lua, luaComment"},
		{"x.lua", `{{ "x" }}`, `d/x.lua.tmpl:1:3: {{"x"}} prints unquoted: end it in one of lua, luaComment`},
		{"x.lua", `{{ if .A }}{{ else }}{{ range .L }}{{ else }}{{ . }}{{ end }}{{ end }}`,
			"d/x.lua.tmpl:1:48: {{.}} prints unquoted: end it in one of lua, luaComment"},
		{"x.lua", `{{ define "y" }}{{ . }}{{ end }}`, "d/x.lua.tmpl:1:19: {{.}} prints unquoted: end it in one of lua, luaComment"},
		{"x.lua", `{{ block "y" . }}{{ . }}{{ end }}`, "d/x.lua.tmpl:1:20: {{.}} prints unquoted: end it in one of lua, luaComment"},
		{"x.lua", "{{ . }}\n{{ . }}", "d/x.lua.tmpl:1:3: {{.}} prints unquoted: end it in one of lua, luaComment\n" +
			"d/x.lua.tmpl:2:3: {{.}} prints unquoted: end it in one of lua, luaComment"},
		{"x.sh", `{{ if eq .A "b" }}{{ end }}`, `d/x.sh.tmpl:1:6: {{if eq .A "b"}} is more than a field: decide in Go`},
		{"x.sh", `{{ if .A | toString }}{{ end }}`, `d/x.sh.tmpl:1:6: {{if .A | toString}} is more than a field: decide in Go`},
		{"x.sh", `{{ with (index .A 1) }}{{ end }}`, `d/x.sh.tmpl:1:8: {{with (index .A 1)}} is more than a field: decide in Go`},
		{"x.sh", `{{ range 3 }}{{ end }}`, `d/x.sh.tmpl:1:9: {{range 3}} is more than a field: decide in Go`},
		{"x.sh", `{{ sh (or .A .B) }}`, `d/x.sh.tmpl:1:7: or is a decision: decide in Go`},
		{"x.sh", `{{ $x := not .A }}`, `d/x.sh.tmpl:1:9: not is a decision: decide in Go`},
		{"x.sh", `{{ template "_part.nix.tmpl" . }}`, `d/x.sh.tmpl:1:12: {{template "_part.nix.tmpl" .}} is not of this file's language`},
		{"x.sh", `{{ template "gone" . }}`, `d/x.sh.tmpl:1:12: {{template "gone" .}}: no such template`},
		{"x.nix", `x = "{{ nix .X }}";`, `d/x.nix.tmpl:1:8: {{nix .X}} is inside ": it prints its own quotes`},
		{"x.sh", `x='{{ sh .X }}'`, `d/x.sh.tmpl:1:6: {{sh .X}} is inside ': it prints its own quotes`},
		{"x.txt", `hello`, "d/x.txt.tmpl: no language has this extension"},
		{"x.sh", "\n{{ sh .X ", "d/x.sh.tmpl:2: unclosed action"},
		{"x.sh", `{{ quote .X }}`, `d/x.sh.tmpl:1: function "quote" not defined`},
		{"x.sh", `{{ genPrivateKey .X }}`, `d/x.sh.tmpl:1: function "genPrivateKey" not defined`},
	} {
		fsys := fstest.MapFS{
			"d/" + tt.file + ".tmpl": {Data: []byte(tt.text)},
			"d/_part.nix.tmpl":       {Data: []byte(`{{ nix . }}`)},
		}
		got := good
		if _, err := Load(fsys, "d/"+tt.file+".tmpl"); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.text, got, tt.want)
		}
	}
}

func TestGateReadsPartials(t *testing.T) {
	fsys := fstest.MapFS{
		"d/x.sh.tmpl":     {Data: []byte(`{{ template "_part.sh.tmpl" .X }}`)},
		"d/_part.sh.tmpl": {Data: []byte(`echo {{ . }}`)},
	}
	_, err := Load(fsys, "d/x.sh.tmpl")
	if want := "d/_part.sh.tmpl:1:8: {{.}} prints unquoted: end it in one of sh, shComment"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
