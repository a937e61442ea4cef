package profile

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

// yamlServer is a running yaml-language-server.
type yamlServer struct {
	t    *testing.T
	in   io.Writer
	out  *bufio.Reader
	next int
	// said are the diagnostics that came, by document.
	said map[string][]string
}

// TestEditor drives yaml-language-server, which editors run for YAML, over its own protocol: what it completes,
// says of a field, and underlines by the schema beside a profile.
func TestEditor(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short: talks to yaml-language-server")
	}
	program := filepath.Join(tooltest.Site(t), "node_modules", ".bin", "yaml-language-server")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "vmloom.schema.json"), []byte(Schema), 0o644); err != nil {
		t.Fatal(err)
	}
	s := startYAML(t, program, dir)
	const head = "# yaml-language-server: $schema=./vmloom.schema.json\nversion: 1\nname: tiny\nhost: {os: linux, user: ada}\n"
	for _, tt := range []struct {
		name, text, ask string
		line, column    int
		want            []string
	}{
		{"keys", head + "guest:\n  system: debian\n  \n", "completion", 6, 2, []string{`"release"`, `"packages"`, `"timezone"`}},
		{"packages", head + "guest:\n  packages:\n    - rip\n", "completion", 6, 9, []string{`"ripgrep"`}},
		{"releases", head + "guest:\n  system: debian\n  release: \n", "completion", 6, 11, []string{"13"}},
		{"choices", head + "runner: \n", "completion", 4, 8, []string{`"lima"`, `"qemu"`}},
		{"words", head + "autostart: \n", "completion", 4, 11, []string{`"login"`, "when you log in"}},
		{"examples", head + "guest:\n  timezone: \n", "completion", 5, 12, []string{"Europe/Berlin"}},
		{"block", head + "mounts:\n  - host: .\n    \n", "completion", 6, 4, []string{`"guest"`, `"writable"`}},
		{"help", head + "autostart: login\n", "hover", 4, 2, []string{"when the host starts the VM", "**Default:** off"}},
	} {
		file := "file://" + filepath.Join(dir, tt.name+".yaml")
		s.tell("textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": file, "languageId": "yaml", "version": 1, "text": tt.text}})
		got := s.ask("textDocument/"+tt.ask, map[string]any{"textDocument": map[string]any{"uri": file}, "position": map[string]any{"line": tt.line, "character": tt.column}})
		for _, want := range tt.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: no %s in\n%.1500s", tt.name, want, got)
			}
		}
	}
	for _, tt := range []struct{ name, text, want string }{
		{"fits", head + "guest: {system: debian, release: \"13\", user: {name: dev}}\n", ""},
		{"fits-nixos", head + "guest: {system: nixos, user: {name: dev}}\n", ""},
		{"typo", head + "guset: {}\nguest: {system: debian, release: \"13\", user: {name: dev}}\n", "guset"},
		{"no-release", head + "guest: {system: debian, user: {name: dev}}\n", `"release"`},
		{"form", strings.Replace(head, "tiny", "Tiny_1", 1) + "guest: {system: nixos, user: {name: dev}}\n", "lower-case letters, digits and single inner dashes"},
	} {
		file := "file://" + filepath.Join(dir, tt.name+".yaml")
		s.tell("textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": file, "languageId": "yaml", "version": 1, "text": tt.text}})
		for s.said[file] == nil {
			s.read()
		}
		if got := strings.Join(s.said[file], "\n"); (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func startYAML(t *testing.T, program, dir string) *yamlServer {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, "--stdio")
	cmd.Dir = dir
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	s := &yamlServer{t: t, in: in, out: bufio.NewReader(out), said: map[string][]string{}}
	s.ask("initialize", map[string]any{
		"processId": os.Getpid(), "rootUri": "file://" + dir,
		"capabilities": map[string]any{"textDocument": map[string]any{
			"completion": map[string]any{"completionItem": map[string]any{"snippetSupport": false, "documentationFormat": []string{"markdown"}}},
			"hover":      map[string]any{"contentFormat": []string{"markdown"}},
		}},
	})
	s.tell("initialized", map[string]any{})
	s.tell("workspace/didChangeConfiguration", map[string]any{"settings": map[string]any{"yaml": map[string]any{
		"validate": true, "hover": true, "completion": true, "schemaStore": map[string]any{"enable": false},
	}}})
	return s
}

// tell sends a notification, or with an id a request or an answer.
func (s *yamlServer) tell(method string, params any) {
	s.send(map[string]any{"jsonrpc": "2.0", "method": method, "params": params})
}

func (s *yamlServer) send(message map[string]any) {
	text, err := json.Marshal(message)
	if err == nil {
		_, err = fmt.Fprintf(s.in, "Content-Length: %d\r\n\r\n%s", len(text), text)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// ask gives the answer to a request as JSON.
func (s *yamlServer) ask(method string, params any) string {
	s.next++
	s.send(map[string]any{"jsonrpc": "2.0", "id": s.next, "method": method, "params": params})
	for {
		if m := s.read(); m.Method == "" && fmt.Sprint(m.ID) == fmt.Sprint(s.next) {
			return string(m.Result) + string(m.Error)
		}
	}
}

type yamlMessage struct {
	ID            any
	Method        string
	Params        json.RawMessage
	Result, Error json.RawMessage
}

// read takes the next message; what the server asks for itself is answered with nothing.
func (s *yamlServer) read() (m yamlMessage) {
	length := 0
	for {
		line, err := s.out.ReadString('\n')
		if err != nil {
			s.t.Fatal(err)
		}
		if line = strings.TrimSpace(line); line == "" {
			break
		}
		fmt.Sscanf(line, "Content-Length: %d", &length)
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(s.out, text); err != nil {
		s.t.Fatal(err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		s.t.Fatal(err)
	}
	switch {
	case m.Method == "textDocument/publishDiagnostics":
		var d struct {
			URI         string
			Diagnostics []struct{ Message string }
		}
		if err := json.Unmarshal(m.Params, &d); err != nil {
			s.t.Fatal(err)
		}
		s.said[d.URI] = []string{}
		for _, one := range d.Diagnostics {
			s.said[d.URI] = append(s.said[d.URI], one.Message)
		}
	case m.Method == "workspace/configuration":
		s.send(map[string]any{"jsonrpc": "2.0", "id": m.ID, "result": []any{map[string]any{"validate": true, "hover": true, "completion": true}, map[string]any{}, map[string]any{}, map[string]any{}, map[string]any{}}})
	case m.Method != "" && m.ID != nil:
		s.send(map[string]any{"jsonrpc": "2.0", "id": m.ID, "result": nil})
	}
	return m
}
