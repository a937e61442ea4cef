package quote

import (
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	lualib "github.com/yuin/gopher-lua"

	"vmloom/internal/tooltest"
)

func TestLua(t *testing.T) {
	table(t, Lua, []row{
		{true, "true"}, {-5, "-5"}, {[]string{"a", "b"}, `{ "a", "b" }`}, {[]string{}, "{}"},
		{"a\"\\\n\r\t\x011\u0085é]]", `"a\"\\\n\r\t\0011\194\133é]]"`},
		{map[string]any{"b": []int{1}, "a-b": "x"}, `{ ["a-b"] = "x", ["b"] = { 1 } }`},
		{1<<53 + 1, "error: lua: 9007199254740993 does not fit a double"},
		{[]any{nil}, "error: lua: a <nil> has no literal here"}, // a hole would end the list
	})
	table(t, LuaComment, []row{{"[[ x\ny", " [[ x y"}})
}

func FuzzLua(f *testing.F) {
	seed(f)
	l := lualib.NewState()
	defer l.Close()
	f.Fuzz(func(t *testing.T, s string) {
		lit, err := Lua(s)
		if err != nil {
			if !broken(s) {
				t.Fatal(err)
			}
			return
		}
		comment := write(t, LuaComment, s)
		if err := l.DoString("--" + comment + "\nx = " + lit); err != nil {
			t.Fatalf("%q: %s: %v", s, lit, err)
		}
		if got := l.GetGlobal("x").String(); got != s {
			t.Fatalf("%q: %s: %q", s, lit, got)
		}
		oneLine(t, comment)
	})
}

func TestLuaReadBack(t *testing.T) {
	tool := tooltest.Need(t, "lua5.4")
	want := hostile(4000)
	var b strings.Builder
	b.WriteString("local t = {\n")
	for _, s := range want {
		b.WriteString("--" + write(t, LuaComment, s) + "\n" + write(t, Lua, any(s)) + ",\n")
	}
	b.WriteString(`}
for _, s in ipairs(t) do print((s:gsub(".", function(c) return ("%02x"):format(c:byte()) end))) end` + "\n")
	file := filepath.Join(t.TempDir(), "x.lua")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tool, file).Output()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.SplitSeq(strings.TrimSuffix(string(out), "\n"), "\n") {
		s, err := hex.DecodeString(line)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(s))
	}
	compare(t, got, want)
}
