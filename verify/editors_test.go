package verify

import (
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
		if rows := editorRows(load("guest: {system: " + system + "}")); len(rows) > 0 {
			t.Errorf("%s: %s", system, rows[0].ID)
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
