package adopt

import (
	"bytes"
	"encoding/xml"
	"path"
	"slices"
	"strings"

	"vmloom/lima"
)

// plistValue is a value of a property list with its line: a text, a list, a
// dictionary, or true and false as texts.
type plistValue struct {
	kind string // string, array, dict, true, false, integer, …
	text string
	list []*plistValue
	keys map[string]*plistValue
	line int
}

func (v *plistValue) get(key string) *plistValue {
	if v == nil || v.keys == nil {
		return nil
	}
	return v.keys[key]
}

// words are the texts of a list.
func (v *plistValue) words() (out []string) {
	if v != nil {
		for _, e := range v.list {
			out = append(out, e.text)
		}
	}
	return out
}

func (a *Adoption) readPlists() {
	for _, f := range a.in.Plists {
		switch v, line, reason := readPlist(f.Data); {
		case bytes.HasPrefix(f.Data, []byte("bplist")):
			a.find(File{Name: f.Name}, 1, 1, "binary-plist", "a binary property list", "plutil -convert xml1 "+clean(f.Name))
		case reason != "":
			a.find(f, line, 1, "bad-plist", "no property list: "+reason, "plutil -lint shows more")
		default:
			a.judgeJob(f, v)
		}
	}
}

// starts reads limactl start out of a job's words, of which a shell's may be one: the
// instance, whatever else the words are; ok is false where they are no such start.
func starts(words []string) (instance string, ok bool) {
	var all []string
	for _, w := range words {
		all = append(all, strings.FieldsFunc(w, func(r rune) bool { return strings.ContainsRune(" \t\n;&|\"'", r) })...)
	}
	at := slices.IndexFunc(all, func(w string) bool { return path.Base(w) == "limactl" })
	if at < 0 {
		return "", false
	}
	started := false
	for i := at + 1; i < len(all); i++ {
		switch w := all[i]; {
		case w == "--name" && i+1 < len(all):
			return all[i+1], started
		case strings.HasPrefix(w, "--name="):
			return w[len("--name="):], started
		case w == "--timeout", w == "--log-level", w == "--log-format":
			i++
		case strings.HasPrefix(w, "-"):
		case !started && w == "start":
			started = true
		case !started:
			return "", false // another verb
		default:
			return strings.TrimSuffix(path.Base(w), ".yaml"), true
		}
	}
	return lima.Default, started
}

// judgeJob looks at a launchd job that starts the VM; any other is left alone, in words.
func (a *Adoption) judgeJob(f File, v *plistValue) {
	args := v.get("ProgramArguments")
	words := args.words()
	if program := v.get("Program"); program != nil && args == nil {
		args, words = program, []string{program.text}
	}
	mine := a.instance()
	asks := slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, `cd "$HOME" && exec >>`) }) // the generated job for everybody
	instance, ok := starts(words)
	switch {
	case asks && !ok:
	case !ok && slices.ContainsFunc(words, func(w string) bool { return strings.Contains(w, a.alias()) || strings.Contains(w, ".lima/"+mine+"/") }):
		a.note("%s: reaches the VM and does not start it: left alone, it goes on as it is", f.Name)
		return
	case !ok:
		a.note("%s: left alone, it does not start the VM", f.Name)
		return
	case instance != mine:
		a.note("%s: left alone, it starts the instance %s", f.Name, clean(instance))
		return
	}
	daemon := strings.Contains(f.Name, "/LaunchDaemons/") || v.get("UserName") != nil // which launchd reads of daemons alone
	a.start = "login"
	if daemon {
		a.start = "boot"
	}
	find := func(v *plistValue, id, what, cure string) { a.find(f, max(v.line, 1), 1, id, what, cure) }
	label := v.get("Label")
	if label != nil && slices.Contains([]string{lima.AutostartAgent(mine), lima.AutostartDaemon(mine)}, label.text+".plist") {
		find(label, "lima-autostart", "Lima's own job, beside which the profile's would start the VM a second time", "limactl autostart disable "+mine+" before vmloom up; of Lima before 2.2, limactl start-at-login "+mine+" --enabled=false")
		return
	}
	if !daemon {
		find(v, "agent-is-login", "a LaunchAgent starts the VM when you log in, not when the Mac boots", "autostart: boot makes a LaunchDaemon; then no agent's socket is there yet")
	}
	if label == nil || label.text != strings.TrimSuffix(path.Base(f.Name), ".plist") {
		find(v, "plist-label", "the Label is not the file's name without .plist: launchctl bootout by the name does not find it", "name both alike")
	}
	if slices.Contains(words, "start") {
		a.judgeStart(args, words, find)
	}
	if keep := v.get("KeepAlive"); keep != nil && keep.kind == "true" {
		find(keep, "keep-alive", "KeepAlive true starts the VM again at once after every limactl stop", "KeepAlive {SuccessfulExit: false}, or none")
	}
	if v.get("EnvironmentVariables").get("PATH") == nil && !asks {
		find(v, "plist-path", "no PATH: launchd gives /usr/bin:/bin:/usr/sbin:/sbin, where Homebrew's programs are not (lima#2444)", "EnvironmentVariables with PATH, as the generated job has")
	}
	if (v.get("StandardOutPath") == nil || v.get("StandardErrorPath") == nil) && !asks {
		find(v, "plist-logs", "StandardOutPath and StandardErrorPath are not both set: a start that goes wrong leaves no word", "absolute paths below ~/Library/Logs, as the generated job has")
	}
}

// judgeStart looks at the words of limactl start.
func (a *Adoption) judgeStart(args *plistValue, words []string, find func(v *plistValue, id, what, cure string)) {
	if !slices.Contains(words, "--foreground") {
		find(args, "no-foreground", "limactl start without --foreground ends once the VM is up, and launchd kills what it left", "limactl start --foreground NAME")
	}
	if !strings.HasPrefix(words[0], "/") {
		find(args.list[0], "plist-relative", "the program has no absolute path, and launchd's PATH is short", "which limactl shows it")
	}
	for i, w := range words {
		if strings.HasPrefix(w, "~") {
			find(args.list[i], "plist-tilde", "launchd expands no ~", "write the absolute path")
		}
	}
	find(args, "start-creates", "limactl start makes a new Ubuntu VM of that name where the instance is gone", "look first (limactl list), as the generated job does")
}

// readPlist reads a property list of XML; reason says why it is none.
func readPlist(data []byte) (v *plistValue, line int, reason string) {
	if len(data) > MaxBytes {
		return nil, 1, "larger than 1 MiB"
	}
	d := xml.NewDecoder(bytes.NewReader(data))
	d.Strict = true
	p := &plistReader{Decoder: d}
	for {
		t, err := d.Token()
		line, _ := d.InputPos()
		if err != nil {
			return nil, line, "no <plist>"
		}
		if s, ok := t.(xml.StartElement); ok && s.Name.Local == "plist" {
			break
		}
	}
	v = p.value(0)
	line, _ = d.InputPos()
	switch {
	case p.reason != "":
		return nil, line, p.reason
	case v == nil || v.kind != "dict":
		return nil, line, "no <dict> in it"
	}
	return v, 0, ""
}

type plistReader struct {
	*xml.Decoder
	reason string
}

// value reads the next element; nil at the end of what is around it.
func (p *plistReader) value(depth int) *plistValue {
	for {
		t, err := p.Token()
		if err != nil || depth > maxDepth {
			p.reason = "it breaks off"
			return nil
		}
		switch t := t.(type) {
		case xml.EndElement:
			return nil
		case xml.StartElement:
			v := &plistValue{kind: t.Name.Local}
			v.line, _ = p.InputPos()
			switch v.kind {
			case "dict":
				v.keys = map[string]*plistValue{}
				for k := p.value(depth + 1); k != nil; k = p.value(depth + 1) {
					inner := p.value(depth + 1)
					if k.kind != "key" || inner == nil {
						p.reason = "a key without a value"
						return nil
					}
					v.keys[k.text] = inner
				}
			case "array":
				for e := p.value(depth + 1); e != nil; e = p.value(depth + 1) {
					v.list = append(v.list, e)
				}
			default:
				if p.text(v); p.reason != "" {
					return nil
				}
			}
			if p.reason != "" {
				return nil
			}
			return v
		}
	}
}

// text reads up to the element's end.
func (p *plistReader) text(v *plistValue) {
	var text strings.Builder
	for {
		t, err := p.Token()
		if err != nil {
			p.reason = "it breaks off"
			return
		}
		switch t := t.(type) {
		case xml.CharData:
			text.Write(t)
		case xml.StartElement:
			p.reason = "<" + t.Name.Local + "> in a text"
			return
		case xml.EndElement:
			v.text = strings.TrimSpace(text.String())
			return
		}
	}
}
