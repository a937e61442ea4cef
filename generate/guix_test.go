package generate_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vmloom/engine"
	"vmloom/generate"
	"vmloom/internal/tooltest"
	"vmloom/profile"
	"vmloom/quote"
)

// guixRecord is one of Guix's records: the fields that both releases have, those
// that came with 1.5, and those without a default.
type guixRecord struct{ fields, since15, required string }

// guixRecords are those that our definitions use, from the sources of v1.4.0 and v1.5.0.
var guixRecords = map[string]guixRecord{
	"operating-system": {`kernel kernel-loadable-modules kernel-arguments hurd bootloader label keyboard-layout initrd initrd-modules firmware
		host-name mapped-devices file-systems swap-devices users groups skeletons issue packages timezone locale locale-definitions
		locale-libcs name-service-switch essential-services services pam-services sudoers-file`, "privileged-programs", "host-name bootloader file-systems"},
	"bootloader-configuration": {`bootloader targets menu-entries default-entry timeout keyboard-layout theme terminal-outputs terminal-inputs
		serial-unit serial-speed device-tree-support?`, "extra-initrd", "bootloader"},
	"file-system": {`device mount-point type flags options mount? mount-may-fail? needed-for-boot? check? skip-check-if-clean? repair
		create-mount-point? dependencies`, "shepherd-requirements", "device mount-point type"},
	"user-account": {"name password uid group supplementary-groups comment home-directory create-home-directory? shell system?", "", "name group"},
	"openssh-configuration": {`openssh pid-file port-number max-connections permit-root-login allow-empty-passwords? password-authentication?
		public-key-authentication? x11-forwarding? allow-agent-forwarding? allow-tcp-forwarding? gateway-ports? challenge-response-authentication?
		use-pam? print-last-log? subsystems accepted-environment log-level extra-content authorized-keys generate-host-keys?`, "", ""},
	"shepherd-service": {"documentation provision requirement one-shot? respawn? start stop actions auto-start? modules", "respawn-limit respawn-delay free-form", "provision start"},
	"guix-configuration": {`guix build-group build-accounts authorize-key? authorized-keys use-substitutes? substitute-urls generate-substitute-key?
		chroot-directories max-silent-time timeout log-compression discover? extra-options log-file http-proxy tmpdir`,
		"chroot? channels privileged? build-machines environment socket-directory-permissions socket-directory-group socket-directory-user", ""},
	"package":                       {"name version source build-system arguments native-inputs inputs propagated-inputs home-page synopsis description license", "", "name version source build-system"},
	"user-group":                    {"name password id system?", "", "name"},
	"subid-range":                   {"", "name start count", "name"},
	"docker-configuration":          {"docker docker-cli containerd proxy enable-proxy? debug? enable-iptables? environment-variables", "config-file", ""},
	"rootless-podman-configuration": {"", "podman group-name containers-registries containers-storage containers-policy pam-limits subgids subuids", ""},
	"locale-definition":             {"name source charset", "", "name source"},
	"channel":                       {"name url branch commit introduction", "", "name url"},
}

// guixNames are what our definitions may call or name, by the releases that bind it
// without a word of deprecation.
var guixNames = map[string]string{
	"dhcp-client-service-type": "1.4",
	"dhcpcd-service-type":      "1.5",

	"etc-profile-d-service-type":   "1.5",
	"user-processes-service-type":  "1.5",
	"containerd-service-type":      "1.5",
	"hosts-service-type":           "1.5",
	"host":                         "1.5",
	"rootless-podman-service-type": "1.5",
	"": `use-modules use-service-modules use-package-modules define set! load list cons cons* append lambda string-append _
		service simple-service modify-services specifications->packages specifications->manifest concatenate-manifests package->development-manifest
		file-append plain-file file-system-label extra-special-file system* make-channel-introduction openpgp-fingerprint
		%default-kernel-arguments %base-file-systems %base-user-accounts %base-packages %base-services
		grub-bootloader grub-efi-bootloader openssh-service-type qemu-guest-agent-service-type guix-service-type
		if string-prefix? parameterize %current-system
		for-each below let directory dirname current-filename %load-path %package-module-path %patch-path local-file
		guix-configuration-substitute-urls guix-configuration-authorized-keys
		begin mkdir-p copy-file output trivial-build-system
		filter not member map name group user-group-name %base-groups
		dbus-root-service-type elogind-service-type docker-service-type iptables-service-type
		session-environment-service-type shepherd-root-service-type bash zsh fish openssh-sans-x customize`,
}

// scheme is a form: an atom, or a list. Quoted data is one atom.
type scheme struct {
	atom string
	list []scheme
}

func (s scheme) head() string {
	if len(s.list) == 0 {
		return ""
	}
	return s.list[0].atom
}

// readScheme reads the forms of a file that Guile has read already.
func readScheme(src string) (forms []scheme) {
	r := &schemeReader{src: src}
	for {
		form, ok := r.next()
		if !ok {
			return forms
		}
		forms = append(forms, form)
	}
}

type schemeReader struct {
	src string
	at  int
}

func (r *schemeReader) next() (scheme, bool) {
	for r.at < len(r.src) {
		c := r.src[r.at]
		switch {
		case c == ';':
			r.at += strings.IndexByte(r.src[r.at:]+"\n", '\n')
		case c <= ' ':
			r.at++
		case c == ')':
			r.at++
			return scheme{}, false
		case c == '(':
			r.at++
			out := scheme{list: []scheme{}}
			for {
				part, ok := r.next()
				if !ok {
					return out, true
				}
				out.list = append(out.list, part)
			}
		case c == '\'':
			r.at++
			r.next()
			return scheme{atom: "'"}, true
		case strings.HasPrefix(r.src[r.at:], "#~") || strings.HasPrefix(r.src[r.at:], "#$"):
			r.at += 2
		case c == '"':
			end := r.at + 1
			for r.src[end] != '"' {
				if r.src[end] == '\\' {
					end++
				}
				end++
			}
			out := scheme{atom: r.src[r.at : end+1]}
			r.at = end + 1
			return out, true
		default:
			n := strings.IndexAny(r.src[r.at:]+" ", " \t\n()\"")
			out := scheme{atom: r.src[r.at : r.at+n]}
			r.at += n
			return out, true
		}
	}
	return scheme{}, false
}

// guixProblems names what Guix of that version would not know in the forms.
func guixProblems(version string, forms []scheme) (problems []string) {
	own := map[string]bool{"config": true} // bound by the forms themselves
	complain := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	known := func(name string) bool {
		return own[name] || slices.Contains(strings.Fields(guixNames[""]), name) || strings.Contains(guixNames[name], version) ||
			strings.ContainsAny(name[:1], `'"#0123456789`) || name == "=>"
	}
	var walk func(scheme)
	record := func(name string, r guixRecord, parts []scheme) {
		allowed := strings.Fields(r.fields)
		if version != "1.4" {
			allowed = append(allowed, strings.Fields(r.since15)...)
		}
		seen := map[string]bool{}
		for _, field := range parts {
			key := field.head()
			switch {
			case key == "inherit":
				for _, f := range strings.Fields(r.required) {
					seen[f] = true
				}
			case !slices.Contains(allowed, key):
				complain("%s has no field %q", name, key)
			case seen[key]:
				complain("%s: %s twice", name, key)
			}
			seen[key] = true
			if len(field.list) != 2 {
				complain("%s: %s has %d values", name, key, len(field.list)-1)
			}
			for _, value := range field.list[min(1, len(field.list)):] {
				walk(value)
			}
		}
		for _, f := range strings.Fields(r.required) {
			if !seen[f] {
				complain("%s lacks %s", name, f)
			}
		}
	}
	walk = func(s scheme) {
		head := s.head()
		r, isRecord := guixRecords[head]
		switch {
		case s.list == nil:
			if !known(s.atom) {
				complain("%s is not bound", s.atom)
			}
		case isRecord:
			record(head, r, s.list[1:])
		case head == "use-modules" || head == "use-service-modules" || head == "use-package-modules":
			for _, module := range s.list[1:] {
				if len(module.list) > 0 && module.list[0].list != nil {
					module = module.list[0] // with what is taken of it
				}
				name := module.atom
				for _, word := range module.list {
					name = strings.TrimSpace(name + " " + word.atom)
				}
				if !slices.Contains(guixModules, name) {
					complain("module %s is not known", name)
				}
			}
		case head == "define":
			name := s.list[1].atom
			if s.list[1].list != nil { // (define (procedure argument …) …)
				for _, part := range s.list[1].list {
					own[part.atom] = true
				}
			} else {
				own[name] = true
			}
			for _, part := range s.list[2:] {
				walk(part)
			}
		default:
			for _, part := range s.list {
				walk(part)
			}
		}
	}
	for _, form := range forms {
		walk(form)
	}
	return problems
}

var guixModules = []string{"gnu", "gnu packages", "guix channels", "guix profiles", "guix utils", "gnu system locale", "gnu system accounts", "guix build utils", "guix build-system trivial", "guix packages", "containers", "dbus", "desktop", "docker", "networking", "shepherd", "ssh", "virtualization", "bash", "shells"}

// TestGuixNames holds every name and field of the generated definitions to what the
// Guix of their version has, so that a typo in a template fails.
func TestGuixNames(t *testing.T) {
	versions := map[string]int{}
	for tree, files := range goldenTrees(t) {
		for _, a := range files {
			if filepath.Ext(a.path) != ".scm" {
				continue
			}
			version := guixVersion(t, tree)
			versions[version]++
			for _, problem := range guixProblems(version, readScheme(a.data)) {
				t.Errorf("%s %s: %s", tree, a.path, problem)
			}
		}
		for _, a := range files {
			for _, b := range fences(a) {
				if b.info != "scheme" {
					continue
				}
				for _, problem := range guixProblems("1.4", readScheme(strings.NewReplacer("specification->package", "list", "operating-system-packages", "list").Replace(b.text))) {
					t.Errorf("%s %s: %s", tree, a.path, problem)
				}
			}
		}
	}
	if versions["1.4"] < 3 || versions["1.5"] < 6 {
		t.Errorf("files by version: %v", versions)
	}
}

func guixVersion(t *testing.T, tree string) string {
	p, err := load("../" + tree + "/vmloom.yaml")
	must(t, err)
	return p.Guix.Version
}

// TestGuixProblems shows that the table finds what a slip of the pen would do.
func TestGuixProblems(t *testing.T) {
	good, err := os.ReadFile("../testdata/golden/guix-1.4/generated/old-guix/guix/system.scm")
	must(t, err)
	if got := guixProblems("1.4", readScheme(string(good))); got != nil {
		t.Fatal(got)
	}
	for _, edit := range [][2]string{
		{"(host-name ", "(hostname "}, {"(permit-root-login #f)", "(permit-root #f)"}, {"dhcp-client-", "dhcpcd-"},
		{"%base-packages", "%base-package"}, {"(check? #f)", "(check? #f #t)"}, {"(mount-point \"/\")", ""}, {"networking shepherd", "network shepherd"},
		{"%base-services", "%services"}, {"(uid 1000)", "(uid 1000) (uid 1001)"},
	} {
		text := strings.Replace(string(good), edit[0], edit[1], 1)
		if edit[0] == "%base-packages" {
			text += "\n%base-package"
		}
		if guixProblems("1.4", readScheme(text)) == nil {
			t.Errorf("accepted: %s -> %s", edit[0], edit[1])
		}
	}
	if guixProblems("1.5", readScheme(string(good))) == nil {
		t.Error("accepted the definition for 1.4 as one for 1.5")
	}
}

// TestGuixEngines: what each release needs for an engine of containers, it has.
func TestGuixEngines(t *testing.T) {
	for _, c := range []struct{ version, engine string }{{"1.4", "docker"}, {"1.5", "docker"}, {"1.5", "podman"}} {
		p, err := profile.Load("vmloom.yaml", []byte("version: 1\nname: box\nhost: {os: linux}\nguix: {version: \""+c.version+"\"}\n"+
			"guest: {system: guix, user: {name: dev}, containers: "+c.engine+", groups: [docker, odd]}\n"))
		must(t, err)
		files, err := generate.Files(p, nil)
		must(t, err)
		for _, f := range files {
			if f.Path != "guix/system.scm" {
				continue
			}
			for _, problem := range guixProblems(c.version, readScheme(string(f.Data))) {
				t.Errorf("%s on %s: %s", c.engine, c.version, problem)
			}
			if text := string(f.Data); strings.Contains(text, "(service containerd-service-type)") != (c == struct{ version, engine string }{"1.5", "docker"}) ||
				strings.Contains(text, `'("docker" "odd")`) != (c.engine != "docker") {
				t.Errorf("%s on %s:\n%s", c.engine, c.version, text)
			}
		}
	}
}

// TestGuixLoads has Guile find the files that a definition loads: its channels, the
// project's manifest and the user's own changes, from another working directory.
func TestGuixLoads(t *testing.T) {
	guile := tooltest.Need(t, "guile")
	dir := t.TempDir()
	must(t, os.CopyFS(filepath.Join(dir, "vm/generated"), os.DirFS("../testdata/golden/guix-linux/generated")))
	for _, file := range []string{"vm/local.scm", "vm/it's \"odd\".scm", "manifest.scm", "guix.scm"} {
		must(t, os.WriteFile(filepath.Join(dir, file), []byte("(set! loaded (cons (basename (current-filename)) loaded))\n"), 0o644))
	}
	const read = `(define loaded '())
		(define (visit file)
		  (for-each (lambda (c) (read-hash-extend c (lambda (c p) (list 'gexp (read p))))) '(#\~ #\$))
		  (let walk ((form (call-with-input-file file (lambda (p) (let loop ((all '())) (let ((f (read p))) (if (eof-object? f) all (loop (cons f all)))))))))
		    (when (pair? form)
		      (if (and (eq? (car form) 'load) (pair? (cdr form)) (string? (cadr form)) (not (string-suffix? "channels.scm" (cadr form))))
		        (let ((wrapper (string-append (dirname file) "/wrapper.scm")))
		          (call-with-output-file wrapper (lambda (p) (write form p)))
		          (load wrapper))
		        (begin (walk (car form)) (walk (cdr form)))))))
		(for-each visit (cdr (command-line)))
		(for-each (lambda (f) (display f) (newline)) (sort loaded string<?))`
	guix := filepath.Join(dir, "vm/generated/guix-box/guix")
	cmd := exec.Command(guile, "--no-auto-compile", "-c", read, filepath.Join(guix, "system.scm"), filepath.Join(guix, "manifest.scm"))
	cmd.Dir = "/"
	out, err := cmd.CombinedOutput()
	if want := "guix.scm\nit's \"odd\".scm\nlocal.scm\nmanifest.scm\n"; err != nil || string(out) != want {
		t.Errorf("%v: loaded\n%swant\n%s", err, out, want)
	}
	if _, err := os.Stat(filepath.Join(guix, "channels.scm")); err != nil {
		t.Error(err)
	}
}

// inSh are words of a command as sh takes them.
func inSh(t *testing.T, words []string) string {
	line, err := quote.Sh(words)
	must(t, err)
	return strings.Replace(line, "'--substitute-urls=", "--substitute-urls='", 1)
}

// TestGuixCommandsAgree: the generated script asks for the image with the words with which build-image asks for its derivation.
func TestGuixCommandsAgree(t *testing.T) {
	seen := 0
	for _, path := range tooltest.Goldens(t) {
		p, err := load(path)
		must(t, err)
		if p.Guest.System != "guix" || p.Guest.ArchOfHost() { // the script for every processor asks for its own
			continue
		}
		seen++
		made := p
		if p.ForEveryArch() {
			made = p.OnArch("x86_64")
		}
		e, err := engine.For(made)
		must(t, err)
		steps, err := e.Steps(&engine.Job{Profile: made, Base: "/x", Work: "/w", Image: "/x/i", Place: engine.Place{Kind: engine.Local}})
		must(t, err)
		args := steps[0].Args
		from, to := slices.Index(args, "system"), slices.Index(args, "-d")
		want := `guix time-machine -C "$here/guix/channels.scm" -- ` + inSh(t, args[from:to]) + ` -r "$state/$image" "$here/guix/system.scm"`
		if p.ForEveryArch() { // the script asks which processor it is
			want = strings.NewReplacer("--system=x86_64-linux -t qcow2 ", `--system="$arch-linux" -t "$type" `, "system.scm", "$arch.scm").Replace(want)
		}
		files, err := generate.Files(p, nil)
		must(t, err)
		for _, f := range files {
			if f.Path != "scripts/"+p.Name+"-create.sh" {
				continue
			}
			script := strings.Join(strings.Fields(strings.ReplaceAll(string(f.Data), "\\\n", "")), " ")
			if !strings.Contains(script, want) {
				t.Errorf("%s: %s does not say %s", path, f.Path, want)
			}
		}
	}
	if seen < 2 {
		t.Errorf("only %d profiles are of Guix", seen)
	}
}
