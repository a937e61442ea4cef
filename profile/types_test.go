package profile

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseSize(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Size // 0: refused
		out  string
	}{
		{"1KiB", 1 << 10, "1KiB"},
		{"512MiB", 512 << 20, "512MiB"},
		{"12GiB", 12 << 30, "12GiB"},
		{"1024GiB", 1 << 40, "1TiB"},
		{"1536MiB", 1536 << 20, "1536MiB"},
		{"0012GiB", 12 << 30, "12GiB"},
		{"8388607TiB", 8388607 << 40, "8388607TiB"},
		{"8388608TiB", 0, ""},
		{"9007199254740991KiB", 9007199254740991 << 10, "9007199254740991KiB"},
		{"9007199254740992KiB", 0, ""},
		{"99999999999999999999KiB", 0, ""},
		{"0GiB", 0, ""}, {"", 0, ""}, {"12", 0, ""}, {"12GB", 0, ""}, {"12gib", 0, ""}, {"GiB", 0, ""}, {"-1GiB", 0, ""},
		{"+1GiB", 0, ""}, {"1.5GiB", 0, ""}, {"1 GiB", 0, ""}, {" 1GiB", 0, ""}, {"1GiB ", 0, ""}, {"1_0GiB", 0, ""}, {"0x1GiB", 0, ""}, {"١GiB", 0, ""},
	} {
		got, err := ParseSize(c.in)
		if got != c.want || (err == nil) != (c.want != 0) || err == nil && got.String() != c.out {
			t.Errorf("ParseSize(%q) = %v, %v; want %v", c.in, got, err, c.out)
		}
	}
}

// TestSizeRoundTrip holds that every whole number of KiB is read back from what String makes of it.
func TestSizeRoundTrip(t *testing.T) {
	for kib := int64(1); kib > 0 && kib <= math.MaxInt64>>10; kib = kib*3 + kib%2 {
		s := Size(kib << 10)
		if got, err := ParseSize(s.String()); got != s || err != nil {
			t.Errorf("ParseSize(%q) = %v, %v", s.String(), got, err)
		}
	}
	for s, want := range map[Size]string{0: "0B", 1: "1B", 1025: "1025B"} {
		if s.String() != want {
			t.Errorf("%d is %s, want %s", int64(s), s, want)
		}
	}
}

func TestParseKey(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Key // zero: refused
	}{
		{"CMD+S", Key{"s", "CMD"}},
		{"CMD+SHIFT+T", Key{"T", "CMD|SHIFT"}},
		{"SHIFT+CMD+t", Key{"T", "CMD|SHIFT"}},
		{"super+shift+t", Key{"T", "CMD|SHIFT"}},
		{"WIN+x", Key{"x", "CMD"}},
		{"CONTROL+OPT+Enter", Key{"Enter", "CTRL|ALT"}},
		{"META+1", Key{"1", "ALT"}},
		{"LEADER+CTRL+ALT+SHIFT+CMD+z", Key{"Z", "LEADER|CMD|CTRL|ALT|SHIFT"}},
		{"CTRL++", Key{"+", "CTRL"}},
		{"CTRL+SHIFT++", Key{"+", "CTRL|SHIFT"}},
		{"CTRL+|", Key{"|", "CTRL"}},
		{"CTRL+\\", Key{"\\", "CTRL"}},
		{"F12", Key{"F12", ""}},
		{"LeftArrow", Key{"LeftArrow", ""}},
		{"", Key{}}, {"+", Key{}}, {"++", Key{}}, {"t", Key{}}, {"CMD", Key{}}, {"CMD+", Key{}}, {"+t", Key{}}, {"CMD+CMD+t", Key{}},
		{"CMD+SUPER+t", Key{}}, {"HYPER+t", Key{}}, {"CMD-t", Key{}}, {"CMD+tt", Key{}}, {"CMD+enter", Key{}}, {"CMD+F13", Key{}},
		{"CMD+ ", Key{}}, {"CMD+é", Key{}}, {"CMD+\x1b", Key{}}, {"CMD + t", Key{}}, {"t+CMD", Key{}},
	} {
		got, ok := ParseKey(c.in)
		if ok != (c.want != Key{}) || ok && got != c.want {
			t.Errorf("ParseKey(%q) = %v, %v; want %v", c.in, got, ok, c.want)
		}
	}
}

// TestDefaultKeys holds the table of WezTerm's bindings to the spelling of ParseKey.
func TestDefaultKeys(t *testing.T) {
	for k, action := range defaultKeys {
		written := strings.ReplaceAll(k.Mods, "|", "+") + "+" + k.Key
		if got, ok := ParseKey(written); got != k || !ok || action == "" {
			t.Errorf("ParseKey(%q) = %v, %v; the table has %v", written, got, ok, k)
		}
	}
	for key, want := range map[string]string{"CMD+1": "ActivateTab", "CTRL+SHIFT+9": "ActivateTab", "CMD+0": "ResetFontSize", "CTRL+1": "", "CMD+S": ""} {
		if k, _ := ParseKey(key); DefaultAction(k) != want {
			t.Errorf("%s: %q, want %q", key, DefaultAction(k), want)
		}
	}
}

func TestPAMCarries(t *testing.T) {
	for value, want := range map[string]bool{
		"": true, "vim": true, "/usr/bin:/bin": true, "a b": true, "a=b": true, "é": true, "%h": true, "{x}": true,
		"a#b": false, `"a"`: false, "it's": false, `a\b`: false, "`a`": false, "$HOME": false, " a": false, "a ": false, "\ta": false,
		strings.Repeat("a", maxPAM): true, strings.Repeat("a", maxPAM+1): false,
	} {
		if PAMCarries(value) != want {
			t.Errorf("PAMCarries(%q) = %v", value, !want)
		}
	}
}

func TestNear(t *testing.T) {
	names := []string{"version", "name", "host", "home", "mounts", "sockets", "ports", "onepassword-agent"}
	for _, c := range []struct {
		got   string
		limit int
		want  []string
	}{
		{"nmae", 1, []string{"name"}},
		{"Host", 1, []string{"host"}},
		{"homes", 3, []string{"home"}},
		{"hose", 3, []string{"host", "home"}},
		{"hose", 1, []string{"host"}},
		{"mount", 1, []string{"mounts"}},
		{"sock", 1, []string{"sockets"}},
		{"onepassword", 1, []string{"onepassword-agent"}},
		{"socktes", 1, []string{"sockets"}},
		{"na", 1, nil},
		{"", 3, nil},
		{"zebra", 3, nil},
		{strings.Repeat("n", 1000), 3, nil},
		{"名前", 3, nil},
	} {
		if d := cmp.Diff(c.want, Near(c.got, names, c.limit)); d != "" {
			t.Errorf("Near(%q, %d) -want +got:\n%s", c.got, c.limit, d)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0}, {"abc", "abd", 1}, {"abc", "ab", 1}, {"ab", "abc", 1},
		{"abc", "acb", 1}, {"ab", "ba", 1}, {"abcd", "badc", 2}, {"kitten", "sitting", 3}, {"ca", "abc", 3},
	} {
		if got := distance(c.a, c.b); got != c.want || distance(c.b, c.a) != got {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
