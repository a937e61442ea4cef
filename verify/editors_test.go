package verify

import (
	"strings"
	"testing"

	"vmloom/profile"
)

// TestEditorLoader: the row counts where the profile promises a loader or a server is there, and no other guest has it.
func TestEditorLoader(t *testing.T) {
	load := func(more string) *profile.Profile {
		p, err := profile.Load("vmloom.yaml", []byte("version: 1\nname: dev\nhost: {os: linux, user: ada}\n"+more+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for _, system := range []string{`debian, release: "13"`, `ubuntu, release: "26.04"`} {
		if rows := editorRows(load("guest: {system: " + system + "}")); len(rows) != 1 || rows[0].ID != "editor/server" {
			t.Errorf("%s: %v", system, rows)
		}
	}
	const nix, guix, stub, real = "guest: {system: nixos}", "guest: {system: guix}", "/nix/store/x-stub-ld/bin/stub-ld", "/nix/store/x-nix-ld/libexec/nix-ld"
	for _, c := range []struct{ profile, server, loader, want string }{
		{nix, "none", "none", "skipped the home has none"},
		{nix, "none", stub, "skipped the home has none"},
		{nix, ".vscode-server", stub, "failed ~/.vscode-server is there, and no loader for it"},
		{nix, ".vscode-server", real, "ok " + real}, // by a module of one's own
		{nix + "\nnix: {ld: true}", "none", stub, "failed the guest has no loader for them"},
		{nix + "\nnix: {ld: true}", "none", real, "ok " + real},
		{guix, ".vscode-server", "none", "failed ~/.vscode-server is there, and no loader for it"},
	} {
		said := "vmloom server=" + c.server + "\nvmloom loader=" + c.loader + "\n"
		if got := judged(t, load(c.profile), "editor/loader", answered(said)); got != c.want {
			t.Errorf("%s, %s, %s: %s, want %s", c.profile, c.server, c.loader, got, c.want)
		}
	}
}

// TestEditorServer: the row names the first thing that an editor's server lacks, of those that the home has.
func TestEditorServer(t *testing.T) {
	p, err := profile.Load("vmloom.yaml", []byte("version: 1\nname: dev\nhost: {os: linux, user: ada}\nguest: {system: debian, release: \"13\"}\n"))
	if err != nil {
		t.Fatal(err)
	}
	const df = "/dev/vdb1 50000000 1000000 20000000 3% /home"
	says := func(words ...string) answer {
		return answered("vmloom " + strings.Join(append([]string{"room=" + df}, words...), "\nvmloom ") + "\n")
	}
	noisy := func(a answer, before string) answer {
		a.before = before
		return a
	}
	code := []string{"code=there", "code-writable=yes", "tool-bash=yes", "tool-tar=yes", "tool-wget=yes"}
	for name, c := range map[string]struct {
		answers []answer
		want    string
	}{
		"none":               {[]answer{says("code-writable=yes")}, "ok the home has none"},
		"all":                {[]answer{says(code...)}, "ok VS Code with Remote - SSH"},
		"noise is no matter": {[]answer{noisy(says(code...), "hello\n")}, "ok VS Code with Remote - SSH"},
		"no curl, no wget":   {[]answer{says(code[:4]...)}, "failed VS Code with Remote - SSH: an ssh command finds no curl or wget"},
		"of another":         {[]answer{says("code=there", "zed-writable=yes", "tool-bash=yes", "tool-tar=yes", "tool-curl=yes")}, "failed VS Code with Remote - SSH: the user may not write to ~/.vscode-server"},
		"noise":              {[]answer{noisy(says("zed=there", "zed-writable=yes", "tool-gunzip=yes"), "hello\n")}, `failed Zed: an ssh command prints "hello" of its own`},
		"sftp":               {[]answer{says("jetbrains=there", "jetbrains-writable=yes"), answered("")}, "ok JetBrains Gateway"},
		"no sftp":            {[]answer{says("jetbrains=there", "jetbrains-writable=yes"), refused("subsystem request failed on channel 0", 255)}, "failed the guest's sshd serves no sftp"},
		"silent":             {[]answer{answered("")}, "unknown the guest does not say: status 0"},
	} {
		if got := judged(t, p, "editor/server", c.answers...); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	e := profile.Editors()[0]
	told := facts{"code-writable": "yes", "tool-bash": "yes", "tool-tar": "yes", "tool-curl": "yes", "room": "/dev/vdb1 50000000 49000000 400000 99% /home"}
	if v := lacking(e, told, ""); v.seen != e.Title+": 390 MiB free in the home, its server takes up to 500 MiB" {
		t.Errorf("a full home: %q", v.seen)
	}
	told["code"] = "there"
	if v := lacking(e, told, ""); v.status != "" {
		t.Errorf("its server is there already: %q", v.seen)
	}
}
