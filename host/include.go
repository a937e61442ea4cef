package host

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"vmloom/atomic"
	"vmloom/cure"
	"vmloom/quote"
)

// wantInclude is the Include of the set's ssh/config, at the top of the user's
// own configuration: below a Host line it would count for that host alone.
func wantInclude(layout Layout, set Set) wanted {
	config, target := filepath.Join(layout.sshDir(), "config"), filepath.Join(set.Dir, "ssh", "config")
	w := wanted{item: item{Kind: include, Name: config}, loaded: always}
	w.does = w.about()
	line, err := includeLine(target)
	if err != nil {
		w.why, w.hint = config+": "+err.Error(), cure.Say("keep the profile in a directory with a plainer name")
		return w
	}
	w.Text = line + "\n"
	w.undo = "take this line out of " + config + ": " + line
	w.loaded = nil // the change looks into the file
	w.target, w.home = target, layout.Home
	return w
}

// includeLine is the ssh_config line that includes one file. Its argument is a
// glob pattern; OpenSSH since 9.9 expands % and ${ in it as well, older ones do
// not, and there is no way to write them for both.
func includeLine(path string) (string, error) {
	if strings.ContainsAny(path, `%\`) || strings.Contains(path, "${") {
		return "", fmt.Errorf("%s: cannot be written as an Include for every version of ssh", path)
	}
	pattern := strings.NewReplacer("[", "[[]", "*", "[*]", "?", "[?]").Replace(path)
	arg, err := quote.SSHConfig(pattern)
	if err != nil {
		return "", err
	}
	if !strings.HasPrefix(arg, `"`) {
		arg = `"` + arg + `"`
	}
	return "Include " + arg, nil
}

// insert puts text, a line with its \n, before a configuration, with its kind of line ends.
func insert(config []byte, text string) []byte {
	return append([]byte(asIn(config, text)), config...)
}

// asIn is text with the line ends of config.
func asIn(config []byte, text string) string {
	if i := bytes.IndexByte(config, '\n'); i > 0 && config[i-1] == '\r' {
		return strings.ReplaceAll(text, "\n", "\r\n")
	}
	return text
}

// cut takes what insert has put there out again, wherever it stands by now. All
// else stays byte for byte.
func cut(config []byte, text string) (rest []byte, found bool) {
	for _, form := range []string{text, strings.ReplaceAll(text, "\n", "\r\n")} {
		for at := 0; ; {
			i := bytes.Index(config[at:], []byte(form))
			if i < 0 {
				break
			}
			if i += at; i == 0 || config[i-1] == '\n' {
				return append(append([]byte(nil), config[:i]...), config[i+len(form):]...), true
			}
			at = i + 1
		}
	}
	return config, false
}

// readConfig reads the user's configuration; no file is an empty one.
func readConfig(path string) (data []byte, info fs.FileInfo, err error) {
	info, err = os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	// A pipe would hold us up for ever.
	if to, err := os.Stat(path); err == nil && !to.Mode().IsRegular() {
		return nil, info, fmt.Errorf("%s: is no plain file", path)
	}
	data, err = atomic.Read(path, atomic.Most)
	return data, info, err
}

// untouchable says why vmloom leaves a configuration alone.
func untouchable(path string, info fs.FileInfo, err error) string {
	switch {
	case err != nil:
		return err.Error()
	case info == nil:
		return ""
	case info.Mode()&fs.ModeSymlink != 0:
		return path + ": is a symbolic link: left to what made it"
	case !info.Mode().IsRegular():
		return path + ": is no plain file"
	case info.Mode()&0o200 == 0:
		return path + ": is read-only"
	}
	return ""
}

func (p *Plan) includeChange(s Change) Change {
	w := s.wanted
	s.Paths = []string{w.Name}
	config, info, err := readConfig(w.Name)
	if err == nil && includes(w.Name, w.target, w.home) {
		s.Op = Done
		return s
	}
	if why := untouchable(w.Name, info, err); why != "" {
		s.Op, s.Why, s.Hint = Left, why, cure.Say("add as its first line: %s", strings.TrimSpace(w.Text))
		return s
	}
	if s.had != nil {
		if _, there := cut(config, s.had.Text); there {
			s.Op = Update // the profile has moved
		}
	}
	return s
}

func includeRemoval(s Change) Change {
	s.Paths = append([]string{s.had.Name}, s.had.paths()...)
	config, info, err := readConfig(s.had.Name)
	if _, there := cut(config, s.had.Text); !there && err == nil {
		return s
	}
	if why := untouchable(s.had.Name, info, err); why != "" {
		s.Op, s.Why, s.Hint = Left, why, cure.Say("take this line out by hand: %s", strings.TrimSpace(s.had.Text))
		s.stays = true
	}
	return s
}

// addInclude puts the line in, in the place of the older one where there is
// one, and keeps the file as it was beside it.
func (p *Plan) addInclude(i item, had *item) (item, error) {
	config, info, err := readConfig(i.Name)
	if why := untouchable(i.Name, info, err); why != "" {
		return i, errors.New(why)
	}
	mode := fs.FileMode(0o600)
	if info != nil {
		mode = info.Mode().Perm()
	}
	i.Created = info == nil
	if had != nil {
		config, _ = cut(config, had.Text)
		i.Created, i.Files = had.Created, had.Files
	}
	if _, there := cut(config, i.Text); there { // a run before was killed
		return i, nil
	}
	if backup := i.Name + ".before-vmloom"; info != nil && !exists(backup) {
		i.Files = map[string][]string{backup: {atomic.Hash(config)}}
		if err := p.note(i); err != nil {
			return i, err
		}
		if err := replace(backup, config, mode); err != nil {
			return i, err
		}
	}
	if err := p.note(i); err != nil {
		return i, err
	}
	return i, replace(i.Name, insert(config, i.Text), mode)
}

// takeInclude takes the line out, and the file with them where vmloom had made
// it and nothing else is in it.
func takeInclude(i *item) error {
	os.Remove(i.Name + newSuffix) // of a run that was killed
	config, info, err := readConfig(i.Name)
	rest, there := cut(config, i.Text)
	switch {
	case err != nil:
		return err
	case !there:
	case untouchable(i.Name, info, nil) != "":
		return errors.New(untouchable(i.Name, info, nil))
	case i.Created && len(rest) == 0:
		err = os.Remove(i.Name)
	default:
		err = replace(i.Name, rest, info.Mode().Perm())
	}
	if err != nil {
		return err
	}
	return i.removeFiles()
}
