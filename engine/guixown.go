package engine

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"vmloom/atomic"
	"vmloom/pattern"
	"vmloom/profile"
	"vmloom/seen"
)

// GuixOwn are the user's files that the Guix definition reads, relative to the profile's directory, sorted: those
// that the profile names, what lies below its load path, and what they load in turn by names that
// stand in them. What cannot be read as what it should be is a finding.
func GuixOwn(p *profile.Profile, base string, looks *seen.Looks) ([]string, []Finding) {
	o := &ownFiles{profile: p, base: base, seen: map[string]bool{}, looks: looks}
	if p.System().SetUp != profile.ByGuix {
		return nil, nil
	}
	for _, own := range p.Guix.OwnFiles() {
		o.add(path.Clean(own.File))
	}
	for i, dir := range p.Guix.LoadPath {
		o.loadPath("guix.loadPath["+strconv.Itoa(i)+"]", path.Clean(dir))
	}
	for i := 0; i < len(o.names) && i < maxOwn; i++ {
		if path.Ext(o.names[i]) == ".scm" {
			o.loads(o.names[i])
		}
	}
	o.keys()
	o.channels()
	slices.Sort(o.names)
	return o.names, o.findings
}

// guixFound are those of them that are there: tar stops at one that is not.
func guixFound(j *Job) (there []string) {
	names, _ := GuixOwn(j.Profile, j.Base, nil)
	named := guixInputs(j.Profile)
	for _, name := range names {
		if is, err := exists(filepath.Join(j.Base, filepath.FromSlash(name))); err == nil && is && !slices.Contains(named, name) {
			there = append(there, name)
		}
	}
	return there
}

// maxSeen bounds how many files below a load path are looked at, by each gen.
const maxSeen = 20_000

// loadPath adds the files below a directory. Of one that holds the profile itself, where images lie, it
// takes Scheme alone.
func (o *ownFiles) loadPath(field, dir string) {
	root, err := filepath.EvalSymlinks(o.file(dir))
	if info, bad := os.Stat(o.file(dir)); err != nil || bad != nil || !info.IsDir() {
		why := "no such directory"
		if err := cmp.Or(err, bad); err != nil && !errors.Is(err, fs.ErrNotExist) {
			why = whyNot(err)
		}
		o.fatal(field, "guix.loadPath: "+dir+": "+why, "it is looked for beside the profile; make it, or take it out of guix.loadPath")
		return
	}
	base, err := filepath.EvalSymlinks(o.base)
	if err != nil {
		base = o.base
	}
	rel, err := filepath.Rel(root, base)
	above := err == nil && rel != ".." && !strings.HasPrefix(rel, "../")
	seen := 0
	filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil { // it cannot be read: nor by guix, which says so
			return nil
		}
		seen++
		hidden := strings.HasPrefix(d.Name(), ".") && file != root
		skipped := d.IsDir() && (hidden || d.Name() == ImagesDir || d.Name() == profile.SharedTree || d.Name() == profile.LocalTree)
		if skipped {
			o.looks.Is(file) // that what Git and gen do in theirs is no change of a module
		} else {
			o.looks.Look(file)
		}
		switch {
		case len(o.names) >= maxOwn || seen >= maxSeen:
			o.fatal(field, "guix.loadPath: "+dir+": has too many files", "name the directories that have the modules, such as ./modules")
			return fs.SkipAll
		case skipped:
			return fs.SkipDir
		case d.IsDir() || hidden || above && path.Ext(d.Name()) != ".scm":
			return nil
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		name := path.Join(dir, filepath.ToSlash(rel))
		if to, err := filepath.EvalSymlinks(file); err == nil && !strings.HasPrefix(to, root+string(filepath.Separator)) {
			if near, err := filepath.Rel(base, to); err == nil {
				to = near
			}
			o.fatal(field, "guix.loadPath: "+name+": leads out of "+dir+", to "+to, "put the file itself there, or name its directory in guix.loadPath, too")
			return nil
		}
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			o.add(name)
		}
		return nil
	})
}

// loads follows what a Scheme file names from its own directory on.
func (o *ownFiles) loads(name string) {
	tokens, err := o.scheme(name)
	if err != nil {
		return // guix says more of it, where it is needed
	}
	for _, to := range calls(tokens, "load", "include", "local-file") {
		if strings.HasPrefix(to, "/") || strings.HasPrefix(to, "~") {
			continue
		}
		to = path.Join(path.Dir(name), to)
		switch info, err := os.Stat(o.file(to)); {
		case err != nil: // guix says it
		case info.Mode().IsRegular():
			o.add(to)
		case info.IsDir():
			o.below("guix.modules", to)
		}
	}
}

func (o *ownFiles) scheme(name string) ([]token, error) {
	text, err := atomic.Read(o.file(name), profile.MaxBytes)
	if err != nil {
		return nil, err
	}
	return schemeTokens(string(text))
}

// keys holds the files of keys to be keys.
func (o *ownFiles) keys() {
	for i, s := range o.profile.Guix.Substitutes {
		if s.KeyFile() == "" {
			continue
		}
		field := "guix.substitutes[" + strconv.Itoa(i) + "].key"
		text, err := atomic.Read(o.file(s.KeyFile()), profile.MaxBytes)
		switch {
		case err != nil:
			o.fatal(field, "guix.substitutes: "+s.KeyFile()+": "+reason(err), "it is looked for beside the profile: the server's signing-key.pub")
		case !profile.IsGuixKey(string(text)):
			o.fatal(field, "guix.substitutes: "+s.KeyFile()+": is no public key of Guix", "it holds (public-key (ecc (curve Ed25519) (q #...#))): the server's signing-key.pub")
		}
	}
}

// channels holds the project's file of channels to be Scheme.
func (o *ownFiles) channels() {
	file := o.profile.Guix.Channels.File()
	if file == "" {
		return
	}
	const hint = "guix describe -f channels prints such a file"
	tokens, err := o.scheme(file)
	switch {
	case err != nil:
		o.fatal("guix.channels", "guix.channels: "+file+": "+reason(err), hint)
	case len(tokens) == 0:
		o.fatal("guix.channels", "guix.channels: "+file+": has no channel", hint)
	}
	commit, said := guixCommit(tokens)
	switch version := profile.GuixVersionOf(commit); {
	case said && commit == "":
		o.findings = append(o.findings, Finding{false, Failure{Cause: "guix.channels: " + file + ": pins no commit of the channel guix: each build takes the newest", Hint: hint, Field: "guix.channels"}})
	case version != "" && version != o.profile.Guix.Version:
		o.findings = append(o.findings, Finding{false, Failure{
			Cause: fmt.Sprintf("guix.channels: %s: pins Guix %s, and the definition is written for %s", file, version, o.profile.Guix.Version),
			Hint:  `guix.version: "` + version + `"`, Field: "guix.channels",
		}})
	}
}

// reason is an error about a file without the file's name.
func reason(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err.Error()
	}
	return err.Error()
}

var fullCommit = pattern.New(`^[0-9a-f]{40}$`)

// guixCommit reads the commit of the channel guix where it stands there as it is; said reports
// whether the file speaks of that channel by name at all.
func guixCommit(tokens []token) (commit string, said bool) {
	for i := 1; i < len(tokens); i++ {
		if tokens[i].text != "channel" || tokens[i].kind != 'a' || tokens[i-1].kind != '(' {
			continue
		}
		name, pinned, depth := "", "", 1
		for k := i + 1; k+2 < len(tokens) && depth > 0; k++ {
			switch t := tokens[k]; {
			case t.kind == '(':
				depth++
			case t.kind == ')':
				depth--
			case t.text == "name" && depth == 2 && tokens[k+1].text == "'":
				name = tokens[k+2].text
			case t.text == "commit" && depth == 2 && tokens[k+1].kind == '"':
				pinned = tokens[k+1].text
			}
		}
		if name == "guix" {
			if !fullCommit().MatchString(pinned) {
				pinned = ""
			}
			return pinned, true
		}
	}
	return "", false
}

// keyNumber is the number of a public key.
var keyNumber = pattern.New(`#([0-9A-Fa-f\s]+)#`)

// guixUnknownKeys warns of keys that this machine's Guix does not trust: it builds without their servers.
func guixUnknownKeys(j *Job, acl string) (out []Finding) {
	trusted, err := atomic.Read(acl, profile.MaxBytes)
	if err != nil {
		return nil // it is root's alone
	}
	flat := func(s string) string { return strings.ToUpper(strings.Join(strings.Fields(s), "")) }
	for i, s := range j.Profile.Guix.Substitutes {
		key, from := s.Key, "the key of the profile"
		if s.KeyFile() != "" {
			text, err := atomic.Read(filepath.Join(j.Base, filepath.FromSlash(s.KeyFile())), profile.MaxBytes)
			if err != nil {
				continue
			}
			key, from = string(text), s.KeyFile()
		}
		if n := keyNumber().FindStringSubmatch(key); n != nil && !strings.Contains(flat(string(trusted)), flat(n[1])) {
			out = append(out, Finding{false, Failure{
				Cause: "guix.substitutes: " + s.URL + ": this machine does not trust its key, and builds the image without it",
				Hint:  "sudo guix archive --authorize reads " + from, Field: "guix.substitutes[" + strconv.Itoa(i) + "]",
			}})
		}
	}
	return out
}
