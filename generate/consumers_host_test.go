package generate_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"howett.net/plist"

	"vmloom/internal/tooltest"
)

// launchdKeys are the keys of launchd.plist(5) that we use, with their types.
var launchdKeys = map[string]reflect.Kind{
	"Label":                reflect.String,
	"UserName":             reflect.String,
	"ProgramArguments":     reflect.Slice,
	"EnvironmentVariables": reflect.Map,
	"WorkingDirectory":     reflect.String,
	"RunAtLoad":            reflect.Bool,
	"AbandonProcessGroup":  reflect.Bool,
	"StartInterval":        reflect.Uint64,
	"ThrottleInterval":     reflect.Uint64,
	"ExitTimeOut":          reflect.Uint64,
	"ProcessType":          reflect.String,
	"StandardOutPath":      reflect.String,
	"StandardErrorPath":    reflect.String,
}

func parsePlist(data string) (map[string]any, error) {
	var job map[string]any
	format, err := plist.Unmarshal([]byte(data), &job)
	if err == nil && format != plist.XMLFormat {
		err = fmt.Errorf("plist format %d", format)
	}
	return job, err
}

// jobOfEverybody runs the first lines of a script that has to ask for its home, as launchd starts an agent.
func jobOfEverybody(t *testing.T, job map[string]any, script string) {
	t.Helper()
	label := job["Label"].(string)
	if job["UserName"] != nil {
		t.Error("launchd gives a daemon no HOME")
	}
	home := filepath.Join(t.TempDir(), "it's my home")
	if err := os.MkdirAll(filepath.Join(home, "Library/Logs"), 0o755); err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfterN(script, "\n", 3)
	cmd := exec.Command("/bin/sh", "-c", lines[0]+lines[1]+"pwd; echo \"$PATH\"")
	cmd.Env, cmd.Dir = []string{"HOME=" + home, "PATH=/usr/bin:/bin"}, "/"
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
	said, err := os.ReadFile(filepath.Join(home, "Library/Logs", label+".log"))
	if err != nil || !strings.HasPrefix(string(said), home+"\n/opt/homebrew/bin:") || !strings.Contains(string(said), ":"+home+"/.nix-profile/bin:") {
		t.Errorf("%v: %s", err, said)
	}
}

func consumePlist(t *testing.T, a artefact) {
	job, err := parsePlist(a.data)
	if err != nil {
		t.Fatal(err)
	}
	for key, value := range job {
		if want, known := launchdKeys[key]; !known || reflect.TypeOf(value).Kind() != want {
			t.Errorf("%s: a %T; want a known key and %v", key, value, want)
		}
		if n := strings.Count(a.data, "<key>"+key+"</key>"); n != 1 {
			t.Errorf("%s stands %d times", key, n)
		}
	}
	if got := job["Label"].(string) + ".plist"; got != filepath.Base(a.path) {
		t.Errorf("launchd wants the label as file name: %s", got)
	}
	args := job["ProgramArguments"].([]any)
	paths := []any{args[0]}
	if env, _ := job["EnvironmentVariables"].(map[string]any); env == nil {
		jobOfEverybody(t, job, args[2].(string))
	} else {
		paths = append(paths, job["WorkingDirectory"], job["StandardOutPath"], job["StandardErrorPath"], env["HOME"])
		for _, dir := range strings.Split(env["PATH"].(string), ":") {
			paths = append(paths, dir)
		}
	}
	for _, p := range paths {
		s, ok := p.(string)
		if !ok || !strings.HasPrefix(s, "/") || strings.ContainsAny(s, "~$") {
			t.Errorf("launchd expands nothing: %v is no absolute path", p)
		}
	}
	if len(args) != 3 || args[0] != "/bin/sh" || args[1] != "-c" {
		t.Errorf("ProgramArguments: %v", args)
	}
	if strings.Contains(args[2].(string), "limactl") && !strings.Contains(args[2].(string), "--foreground") {
		t.Error("launchd kills a job whose parent is gone: start --foreground")
	}
	t.Run("plistutil", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "job.plist")
		if err := os.WriteFile(file, []byte(a.data), 0o644); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(tooltest.Need(t, "plistutil"), "-i", file, "-f", "xml").Output()
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := parsePlist(string(out))
		if d := cmp.Diff(job, theirs); err != nil || d != "" {
			t.Errorf("plistutil reads it otherwise: %v\n%s", err, d)
		}
	})
}

// unit is a systemd unit as far as we write it.
type unit struct {
	values map[string]string // SECTION.Key, specifiers expanded
	exec   []string          // ExecStart's arguments
}

// parseUnit reads a unit as systemd.syntax(7) and systemd.service(5) say. It is
// ours because systemd has no way to print what it read of a unit that is not loaded.
func parseUnit(data string) (unit, error) {
	u := unit{values: map[string]string{}}
	section := ""
	for i, line := range strings.Split(data, "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		if strings.HasSuffix(line, `\`) {
			return u, fmt.Errorf("line %d continues on the next", i+1)
		}
		if name, ok := strings.CutPrefix(line, "["); ok && strings.HasSuffix(name, "]") {
			section = strings.TrimSuffix(name, "]")
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok || section == "" || !utf8.ValidString(line) {
			return u, fmt.Errorf("line %d is no setting: %q", i+1, line)
		}
		at := section + "." + key
		if _, twice := u.values[at]; twice {
			return u, fmt.Errorf("line %d: %s again", i+1, at)
		}
		value = strings.TrimSpace(value)
		var err error
		switch at {
		case "Service.ExecStart":
			u.exec, err = systemdWords(value, true)
		case "Service.Environment":
			var words []string
			if words, err = systemdWords(value, false); err == nil {
				value = strings.Join(words, "\n")
			}
		default:
			value, err = specifiers(value)
		}
		if err != nil {
			return u, fmt.Errorf("line %d: %w", i+1, err)
		}
		u.values[at] = value
	}
	return u, nil
}

// specifiers expands %%; any other specifier would bring in something of the machine.
func specifiers(s string) (string, error) {
	rest := strings.ReplaceAll(s, "%%", "")
	if strings.Contains(rest, "%") {
		return "", fmt.Errorf("a specifier in %q", s)
	}
	return strings.ReplaceAll(s, "%%", "%"), nil
}

// systemdWords splits and unquotes as extract_first_word does with UNQUOTE and
// CUNESCAPE, then expands specifiers and, for a command line, $$.
func systemdWords(s string, command bool) (words []string, err error) {
	var word strings.Builder
	inWord, quote := false, byte(0)
	end := func() error {
		w, err := specifiers(word.String())
		if err != nil {
			return err
		}
		if command && strings.Contains(strings.ReplaceAll(w, "$$", ""), "$") {
			return fmt.Errorf("a variable in %q", w)
		}
		if command {
			w = strings.ReplaceAll(w, "$$", "$")
		}
		words = append(words, w)
		word.Reset()
		inWord = false
		return nil
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\':
			n, text, err := cUnescape(s[i+1:])
			if err != nil {
				return nil, err
			}
			word.WriteString(text)
			inWord, i = true, i+n
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\'') && !inWord:
			quote, inWord = c, true
		case quote == 0 && (c == ' ' || c == '\t'):
			if inWord {
				if err := end(); err != nil {
					return nil, err
				}
			}
		case quote == 0 && c == ';' && !inWord:
			return nil, fmt.Errorf("a second command in %q", s)
		default:
			word.WriteByte(c)
			inWord = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("quote is not closed in %q", s)
	}
	if inWord {
		err = end()
	}
	return words, err
}

// cUnescape reads the escape after a backslash.
func cUnescape(s string) (n int, text string, err error) {
	simple := map[byte]string{'n': "\n", 't': "\t", 'r': "\r", '\\': `\`, '"': `"`, '\'': "'", 's': " ", 'a': "\a", 'b': "\b", 'f': "\f", 'v': "\v"}
	if s == "" {
		return 0, "", fmt.Errorf("a backslash at the end")
	}
	if text, ok := simple[s[0]]; ok {
		return 1, text, nil
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[s[0]]
	if digits == 0 || len(s) <= digits {
		return 0, "", fmt.Errorf(`unknown escape \%c`, s[0])
	}
	code, err := strconv.ParseUint(s[1:1+digits], 16, 32)
	if err != nil || code == 0 {
		return 0, "", fmt.Errorf(`bad escape \%s`, s[:1+digits])
	}
	if s[0] == 'x' {
		return 1 + digits, string([]byte{byte(code)}), nil
	}
	return 1 + digits, string(rune(code)), nil
}

// consumeUnit checks what systemd-analyze does not; verifyUnits asks it.
func consumeUnit(t *testing.T, a artefact) {
	u, err := parseUnit(a.data)
	if err != nil {
		t.Fatal(err)
	}
	if u.values["Unit.Description"] == "" {
		t.Error("has no description")
	}
	if strings.HasSuffix(a.path, ".service") && (len(u.exec) != 3 || u.exec[0] != "/bin/sh" || u.exec[1] != "-c") {
		t.Errorf("ExecStart: %q", u.exec)
	}
	if service, ok := strings.CutSuffix(a.path, ".timer"); ok {
		if _, err := os.Stat(filepath.Join(a.dir, service+".service")); err != nil {
			t.Errorf("a timer without its service: %v", err)
		}
	}
}

// verifyUnits has systemd read all units of a tree together, as a user manager would.
func verifyUnits(t *testing.T, files []artefact) {
	var units []string
	for _, a := range files {
		if strings.HasPrefix(a.path, "systemd/") {
			units = append(units, filepath.Join(a.dir, a.path))
		}
	}
	if len(units) == 0 {
		return
	}
	t.Run("systemd-analyze", func(t *testing.T) {
		cmd := exec.Command(tooltest.Need(t, "systemd-analyze"), append([]string{"--user", "--man=no", "verify"}, units...)...)
		cmd.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+t.TempDir(), "SYSTEMD_LOG_LEVEL=warning", "SYSTEMD_COLORS=0")
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

// TestSystemdWords holds our reader to examples of systemd.syntax(7) and
// systemd.service(5).
func TestSystemdWords(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want []string
	}{
		{`/bin/sh -c "a \"b\" \\ $$x %% \n\x41\u00e9"`, []string{"/bin/sh", "-c", "a \"b\" \\ $x % \nAé"}},
		{`a 'b c' d'e`, []string{"a", "b c", "d'e"}},
		{`a ""`, []string{"a", ""}},
		{`a "b`, nil}, {`a \q`, nil}, {`a ; b`, nil}, {`a $x`, nil}, {`a %h`, nil}, {`a \`, nil},
	} {
		got, err := systemdWords(tt.in, true)
		if !reflect.DeepEqual(got, tt.want) && (tt.want != nil || err == nil) {
			t.Errorf("%s: %q, %v", tt.in, got, err)
		}
	}
}

// consumeSSHConfig asks OpenSSH itself what the config makes of a connection.
func consumeSSHConfig(t *testing.T, a artefact) {
	if !hasLima(t, a) {
		consumeStateSSHConfig(t, a)
		return
	}
	t.Run("ssh", func(t *testing.T) {
		ssh := tooltest.Need(t, "ssh")
		// ssh takes ~ from the password file, whatever HOME is. So ~ is written out in a
		// copy, which is what ssh itself does with it (tilde_expand of the same words).
		home := t.TempDir()
		text := strings.NewReplacer(" ~/", " "+home+"/", ` "~/`, ` "`+home+"/").Replace(a.data)
		if text == a.data {
			t.Error("includes nothing below ~")
		}
		file := filepath.Join(home, "config")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		instance, port := instanceIn(t, a)
		alias := "lima-" + strings.NewReplacer(".", "-", "_", "-").Replace(instance)
		recorded, err := os.ReadFile("../testdata/ssh/lima-default.ssh_config")
		if err != nil {
			t.Fatal(err)
		}
		const limaPort = "60022"
		included := regexp.MustCompile(`(?m)^Include "?~/(.*)/[^/]+/ssh\.config"?$`).FindStringSubmatch(a.data)
		if included == nil {
			t.Fatal("includes no file of Lima's below ~")
		}
		limaHome := filepath.Join(home, included[1])
		dir := filepath.Join(limaHome, instance)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		theirs := strings.NewReplacer("/home/dev/.lima/default/", dir+"/", "/home/dev/.lima/", limaHome+"/", "lima-default", alias, "/default/", "/"+instance+"/", "/home/dev/", home+"/", "User dev", "User guest-user").Replace(string(recorded))
		if err := os.WriteFile(filepath.Join(dir, "ssh.config"), []byte(theirs), 0o600); err != nil {
			t.Fatal(err)
		}
		checkSSH(t, ssh, file, alias, map[string]string{
			"hostname": "127.0.0.1", "port": limaPort, "user": "guest-user", "identityfile": limaHome + "/_config/user",
			"controlmaster": "false", "controlpath": "none", "serveraliveinterval": "15",
			"stricthostkeychecking": "false", "userknownhostsfile": "/dev/null", "batchmode": "yes",
		})
		name := filepath.Base(a.dir)
		if port != 0 {
			doc, err := parseLima(limaOf(t, a).data)
			if err != nil {
				t.Fatal(err)
			}
			checkSSH(t, ssh, file, name, map[string]string{
				"hostname": "127.0.0.1", "port": strconv.Itoa(port), "user": doc.User.Name, "identityfile": limaHome + "/_config/user",
				"controlmaster": "false", "controlpath": "none", "serveraliveinterval": "15",
				"stricthostkeychecking": "false", "userknownhostsfile": "/dev/null", "identitiesonly": "yes",
			})
		}
		checkSSH(t, ssh, file, "example.org", map[string]string{"hostname": "example.org", "port": "22", "serveraliveinterval": "0", "stricthostkeychecking": "ask"})
		// Before the VM's first start Lima's file is not there, and other hosts must still be reached.
		if err := os.RemoveAll(limaHome); err != nil {
			t.Fatal(err)
		}
		checkSSH(t, ssh, file, "example.org", map[string]string{"hostname": "example.org", "port": "22"})
	})
}

func checkSSH(t *testing.T, ssh, config, host string, want map[string]string) {
	t.Helper()
	out, err := exec.Command(ssh, "-G", "-F", config, host).CombinedOutput()
	if err != nil {
		t.Errorf("ssh -G %s: %v\n%s", host, err, out)
		return
	}
	got := map[string]string{}
	for line := range strings.Lines(string(out)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if _, listed := got[key]; !listed { // the first of several identity files
			got[key] = value
		}
	}
	for key, value := range want {
		// -G leaves out what is not set: none for paths.
		if got[key] != value && !(value == "none" && got[key] == "") {
			t.Errorf("ssh %s: %s is %q, want %q", host, key, got[key], value)
		}
	}
}

// limaOf is the Lima template beside an artefact.
func limaOf(t *testing.T, a artefact) artefact {
	t.Helper()
	for _, other := range artefactsBelow(t, a.dir) {
		if strings.HasPrefix(other.path, "lima/") {
			return other
		}
	}
	t.Fatal("no Lima template in this tree")
	return artefact{}
}

// instanceIn is the tree's instance and its fixed SSH port, or 0.
func instanceIn(t *testing.T, a artefact) (string, int) {
	t.Helper()
	lima := limaOf(t, a)
	_, after, _ := strings.Cut(lima.data, "localPort: ")
	word, _, _ := strings.Cut(after, "\n")
	port, err := strconv.Atoi(word)
	if err != nil {
		t.Fatal(err)
	}
	return instanceOf(lima), port
}
