// Package adopt turns a Lima instance that was made by hand into a profile. In
// goes the text of its template, and of the ssh config, WezTerm module and
// launchd plists that belong to it, with what the caller knows of the machine;
// out come the text of a commented profile, which profile.Load accepts, what is
// broken or notable in what was there (Finding), and, against the template that
// the profile regenerates, every difference in meaning (Diff). It never reads a
// file, runs a tool or knows how the template is generated.
package adopt

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"vmloom/lima"
	"vmloom/profile"
)

// File is a text with the name that messages call it by.
type File struct {
	Name string
	Data []byte
}

// Host is the machine that the instance runs on.
type Host struct {
	// OS is macos or linux, Arch aarch64 or x86_64.
	OS, Arch string
	// User is the login name, Home its absolute home directory. Either may be empty: not known.
	User, Home string
	// UID of that user; 0: not known.
	UID int
	// LimaHome is where its Lima keeps the instance, absolute; empty: below ~/.lima, or not known.
	LimaHome string
}

// Input is what an adoption is made from.
type Input struct {
	Lima                 File
	SSH, WezTerm, Plists []File
	// Name of the profile; empty: the WezTerm domain's, or the instance's.
	Name string
	// Instance is Lima's name of the VM.
	Instance string
	// LimaVersion that made the instance, as in its file lima-version; may be empty.
	LimaVersion string
	Host        Host
	// Guest answers what the template does not tell: ubuntu:25.10, nixos. May be empty.
	Guest string
	// Secrets copies scripts and variables that hold one; else they are left out.
	Secrets bool
	// Read gives the text of a file that the template names: a base, a script. nil: there is none.
	Read func(name string) ([]byte, error)
	// SSHSettings is what ssh -G says of a host by a config; nil: there is no ssh to ask.
	SSHSettings func(config []byte, host string) ([]byte, error)
	// Exists says whether a file of the host is there; nil: not known.
	Exists func(file string) bool
	// DiskSize is how many bytes one of Lima's disks has; 0, or nil: not known.
	DiskSize func(name string) int64
}

// Finding is something broken or notable in what was there.
type Finding struct {
	File      string
	Line, Col int // counted from 1
	// ID names the kind of finding.
	ID string
	// What is wrong, and why; Cure is what to do. Both without a full stop.
	What, Cure string
	// Source is the line, without what must not be shown; of a long one, what is round the place.
	Source string
	// Caret is how many characters of Source stand before the place.
	Caret int
}

// Adoption is an instance on its way to a profile.
type Adoption struct {
	// Findings in file order.
	Findings []Finding
	// Notes tell what the profile could not be made to say, and was assumed.
	Notes []string

	in     Input
	host   Host
	root   *yaml.Node          // the template, without aliases
	made   *profile.Profile    // what the instance becomes
	extra  *yaml.Node          // its lima.extra
	secret map[*yaml.Node]bool // left out of the profile
	domain sshDomain           // of WezTerm, if it leads here
	start  string              // autostart, by the launchd job
	uid    int                 // of the guest's user, as far as it is known here
	// mounted are the sockets that stand for a mount that could not work, or for the wrong socket.
	mounted map[string]bool
	brought map[string]string // texts of files beside the profile
	// remarks are what the profile's file says beside its values, and what it says though it is the default.
	remarks profile.Remarks
	lines   map[fileKey][]textLine
}

// Read takes an instance in. The error says why the template cannot be read or, a
// Refusal, why it cannot become a profile.
func Read(in Input) (*Adoption, error) {
	root, err := parse(in.Lima.Data)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", in.Lima.Name, err)
	}
	if err := isInstance(in.Lima.Name, root); err != nil {
		return nil, err
	}
	e := &embedder{read: in.Read, seen: map[string]bool{}}
	if root, err = e.embed(in.Lima.Name, root); err != nil {
		return nil, err
	}
	if err := isLinux(in.Lima.Name, root); err != nil {
		return nil, err
	}
	root = withStock(root)
	a := &Adoption{in: in, root: root, extra: &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}, secret: map[*yaml.Node]bool{}, lines: map[fileKey][]textLine{},
		mounted: map[string]bool{}, remarks: profile.Remarks{}}
	a.host = a.learnHost()
	a.made = &profile.Profile{Version: 1, Host: profile.Host{OS: a.host.OS, User: a.host.User, Home: a.host.Home}, Lima: profile.Lima{Instance: a.instance()}}
	a.findSecrets()
	a.checkTemplate()
	a.readWezTerm()
	a.readSSH()
	a.readPlists()
	if err := a.take(); err != nil {
		return nil, err
	}
	slices.SortStableFunc(a.Findings, func(x, y Finding) int {
		return cmp.Or(cmp.Compare(a.order(x.File), a.order(y.File)), cmp.Compare(x.Line, y.Line), cmp.Compare(x.Col, y.Col))
	})
	return a, nil
}

// Host is the machine that the instance is taken to run on.
func (a *Adoption) Host() Host { return a.host }

// isMac reports whether the host is a Mac.
func (h Host) isMac() bool { return h.OS == profile.Mac().Name }

// firstUID is the number that the first user of such a host has.
func (h Host) firstUID() string { return strconv.Itoa(profile.HostNamed(h.OS).FirstUID) }

// order is a file's place among the inputs: the template first.
func (a *Adoption) order(name string) int {
	files := slices.Concat([]File{a.in.Lima}, a.in.SSH, a.in.WezTerm, a.in.Plists)
	return slices.IndexFunc(files, func(f File) bool { return f.Name == name })
}

// learnHost believes what only a Mac's set-up has over the machine that asks.
func (a *Adoption) learnHost() Host {
	h := a.in.Host
	mac := scalar(a.root, "vmType") == "vz" || slices.ContainsFunc(items(child(a.root, "networks")), ofMac)
	for _, f := range slices.Concat([]File{a.in.Lima}, a.in.SSH, a.in.WezTerm, a.in.Plists) {
		for _, sign := range []string{"/opt/homebrew/", "/Users/", "~/Library/"} {
			mac = mac || bytes.Contains(f.Data, []byte(sign))
		}
	}
	if on := profile.Mac(); mac && h.OS != on.Name {
		h = Host{OS: on.Name, Arch: on.Arch}
		a.Notes = append(a.Notes, "the host is taken for a Mac, by what its files say; --user names your login there")
		for _, f := range slices.Concat([]File{a.in.Lima}, a.in.SSH, a.in.WezTerm, a.in.Plists) {
			if m := macHome().FindSubmatch(f.Data); m != nil && h.User == "" && string(m[1]) != "Shared" {
				h.User, h.Home = string(m[1]), "/Users/"+string(m[1])
			}
		}
	}
	return h
}

// ofMac reports whether a network is one that Lima has on a Mac alone.
func ofMac(n *yaml.Node) bool {
	return scalar(n, "vzNAT") == "true" || slices.Contains([]string{"shared", "bridged", "host"}, scalar(n, "lima"))
}

// Profile gives the profile's text and what profile.Load makes of it. What a
// field refuses stays out of it, and is for Keep to bring into lima.extra.
func (a *Adoption) Profile(file string) ([]byte, *profile.Profile, error) {
	for range 500 {
		text, err := a.text()
		if err != nil {
			return nil, nil, err
		}
		p, err := profile.Layers{Read: a.readBeside}.Load(file, text)
		if err == nil {
			return text, p, nil
		}
		var ps profile.Problems
		if !errors.As(err, &ps) {
			return nil, nil, err
		}
		if !a.drop(ps[0]) {
			return nil, nil, a.unsayable(ps[0])
		}
	}
	return nil, nil, fmt.Errorf("%s: cannot become a profile", a.in.Lima.Name)
}

// text is the profile as it stands now, with what it owes its reader.
func (a *Adoption) text() ([]byte, error) {
	a.remarks[""] = a.header()
	if len(a.extra.Content) > 0 {
		a.made.Lima.Extra.Node = a.extra
	}
	a.remark()
	return profile.Write(a.made, a.remarks)
}

func (a *Adoption) header() string {
	lines := []string{"Adopted by vmloom from the Lima instance " + a.instance() + ": look it over, it is yours now."}
	for i, n := range a.Notes {
		if i == 0 {
			lines = append(lines, "")
		}
		lines = append(lines, "- "+clean(n))
	}
	return strings.Join(lines, "\n")
}

func (a *Adoption) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(a.Notes, text) {
		a.Notes = append(a.Notes, text)
	}
}

// find records a finding at a place of a file.
func (a *Adoption) find(f File, line, col int, id, what, cure string) {
	lines := a.linesOf(f)
	line = min(max(line, 1), len(lines))
	found := Finding{File: f.Name, Line: line, Col: max(col, 1), ID: id, What: what, Cure: cure}
	found.Source, found.Caret = profile.Excerpt(lines[line-1].shown(), found.Col)
	a.Findings = append(a.Findings, found)
}

// at is find for a node of the template.
func (a *Adoption) at(n *yaml.Node, id, what, cure string) {
	a.find(a.in.Lima, n.Line, n.Column, id, what, cure)
}

// InstanceOf is the instance whose template lies at file, as Lima keeps them:
// …/.lima/NAME/lima.yaml. Empty: it is elsewhere.
func InstanceOf(file string) string {
	dir := path.Dir(file)
	if path.Base(file) != lima.Template || path.Base(path.Dir(dir)) != ".lima" {
		return ""
	}
	return path.Base(dir)
}
