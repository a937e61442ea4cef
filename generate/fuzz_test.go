package generate

import (
	"fmt"
	"strings"
	"testing"
	"text/template"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"
	"go.yaml.in/yaml/v4"
	"howett.net/plist"

	"vmloom/profile"
)

// FuzzGenerate goes the whole way from a profile's text to its files with free
// text in each place that takes it, and reads the files back.
func FuzzGenerate(f *testing.F) {
	for _, s := range []string{"x", "it's", `"`, `\`, "$(touch x)", "`id`", "{{.User}}", "{{`", "%h", "#", "a: b", "]]>", "-->", "~", "é😀", "-rf", " x ", "\u202e", "|", "x\ny", "\x00"} {
		f.Add(s, s, s, s, s, s)
	}
	f.Fuzz(func(t *testing.T, env, mount, socket, check, comment, extra string) {
		texts := []*string{&env, &mount, &socket, &check, &comment, &extra}
		for _, s := range texts {
			if !utf8.ValidString(*s) || strings.Contains(*s, "\x00") {
				t.Skip()
			}
		}
		key := "ssh-ed25519 AAAAC3Nza " + comment
		src, err := yaml.Dump(map[string]any{
			"version": 1, "name": "box",
			"host":      map[string]any{"os": "macos", "user": "ada", "home": "/Users/ada"},
			"lima":      map[string]any{"extra": map[string]any{"param": map[string]any{"fuzz": extra}}},
			"guest":     map[string]any{"system": "debian", "release": "13", "user": map[string]any{"name": "ada", "authorizedKeys": []string{key}}, "env": map[string]any{"FUZZ": env}},
			"mounts":    []any{map[string]any{"host": "/" + mount, "guest": "/mnt/fuzz"}},
			"sockets":   []any{map[string]any{"name": "fuzz", "host": "~/" + socket, "check": "true " + check}},
			"wezterm":   map[string]any{"via": "exec"},
			"autostart": "login",
		})
		if err != nil {
			t.Skip(err)
		}
		p, err := profile.Load("vmloom.yaml", src)
		if err != nil {
			if strings.Contains(err.Error(), "reflect") || strings.Contains(err.Error(), "%!") {
				t.Errorf("speaks Go: %v", err)
			}
			t.Skip()
		}
		files, err := Files(p, nil)
		if err != nil {
			t.Fatalf("accepted by profile, refused by a target: %v\n%s", err, src)
		}
		for _, file := range files {
			if !utf8.Valid(file.Data) || !strings.HasSuffix(string(file.Data), "\n") {
				t.Errorf("%s: not text that ends in a newline", file.Path)
			}
			switch {
			case strings.HasPrefix(file.Path, "lima/"):
				readLima(t, p, file.Data, extra)
			case strings.HasSuffix(file.Path, ".plist"):
				var job map[string]any
				if _, err := plist.Unmarshal(file.Data, &job); err != nil {
					t.Errorf("%s: %v", file.Path, err)
				} else if strings.HasSuffix(file.Path, "repair.plist") {
					readForwards(t, p, job["ProgramArguments"].([]any)[2].(string))
				}
			case strings.HasSuffix(file.Path, "-repair.sh"):
				readForwards(t, p, string(file.Data))
			case strings.HasSuffix(file.Path, ".lua"):
				l := lua.NewState(lua.Options{SkipOpenLibs: true})
				if _, err := l.LoadString(string(file.Data)); err != nil {
					t.Errorf("%s: %v", file.Path, err)
				}
				l.Close()
			}
		}
	})
}

// readLima holds the Lima template to the values of the profile, after Lima's
// own expansion of templates.
func readLima(t *testing.T, p *profile.Profile, data []byte, extra string) {
	var doc struct {
		Mounts []struct {
			Location string `yaml:"location"`
		} `yaml:"mounts"`
		PortForwards []struct {
			HostSocket string `yaml:"hostSocket"`
		} `yaml:"portForwards"`
		Provision []struct {
			Script string `yaml:"script"`
		} `yaml:"provision"`
		Env   map[string]string `yaml:"env"`
		Param map[string]string `yaml:"param"`
	}
	if err := yaml.Load(data, &doc); err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	expand := func(s string) string {
		tmpl, err := template.New("").Parse(s)
		if err != nil {
			t.Fatalf("Lima cannot parse %q: %v", s, err)
		}
		var out strings.Builder
		if err := tmpl.Execute(&out, map[string]any{"Home": "/HOME"}); err != nil {
			t.Fatalf("Lima cannot execute %q: %v", s, err)
		}
		return out.String()
	}
	same := func(what, got, want string) {
		if got != want {
			t.Errorf("%s: got %q, want %q", what, got, want)
		}
	}
	same("mount", expand(doc.Mounts[0].Location), p.Mounts[0].Host)
	same("socket", expand(doc.PortForwards[0].HostSocket), "/HOME/"+strings.TrimPrefix(p.Sockets[0].Host, "~/"))
	same("extra", doc.Param["fuzz"], extra)
	value := p.Guest.Env["FUZZ"]
	if got, carried := doc.Env["FUZZ"]; carried || profile.PAMCarries(value) {
		same("env", got, value)
	}
	for _, s := range doc.Provision {
		text := expand(s.Script)
		if _, word, ok := strings.Cut(text, "\nexport FUZZ="); ok {
			same("login env", firstWord(t, word), value)
		}
		if _, word, ok := strings.Cut(text, "\nadd_key "); ok {
			same("key", firstWord(t, word), p.Guest.User.AuthorizedKeys[0])
		}
	}
}

// readForwards holds the call of a script to the socket of the profile.
func readForwards(t *testing.T, p *profile.Profile, script string) {
	want := "forward fuzz " + p.Sockets[0].Guest + ` "$HOME"/`
	_, word, ok := strings.Cut(script, "\n"+want)
	if !ok {
		t.Fatalf("no line %s:\n%s", want, script)
	}
	if got := "~/" + firstWord(t, word); got != p.Sockets[0].Host {
		t.Errorf("forward: got %q, want %q", got, p.Sockets[0].Host)
	}
}

// firstWord is what a shell makes of the first word of text, which must end the line.
func firstWord(t *testing.T, text string) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\n':
			return out.String()
		case c == '\'':
			end := strings.IndexByte(text[i+1:], '\'')
			if end < 0 {
				t.Fatalf("quote is not closed: %q", text)
			}
			out.WriteString(text[i+1 : i+1+end])
			i += end + 1
		case c == '\\' && i+1 < len(text) && text[i+1] == '\'':
			out.WriteByte('\'')
			i++
		case strings.IndexByte("$`\"\\ \t;&|<>()*?[]{}~#!^", c) >= 0:
			t.Fatalf("%s acts in %q", fmt.Sprintf("%q", c), text[:min(len(text), 80)])
		default:
			out.WriteByte(c)
		}
	}
	t.Fatalf("no line end: %q", text)
	return ""
}
