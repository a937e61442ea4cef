package verify

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
	"vmloom/profile"
)

// TestOnePasswordRows has sh run what the rows ask of the guest: each fails where
// its promise is broken, and none prints the token.
func TestOnePasswordRows(t *testing.T) {
	sh := tooltest.Need(t, "sh")
	load := func(more string) *profile.Profile {
		p, err := profile.Load("vmloom.yaml", []byte("version: 1\nname: box\nhost: {os: linux, user: ada}\nguest: {system: debian, release: \"13\"}\n"+more))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if rows := onePasswordRows(load("")); rows != nil {
		t.Errorf("without a token: %d rows", len(rows))
	}
	dir := t.TempDir()
	stubs := map[string]string{
		"op":   `#!/bin/sh` + "\n" + `echo "$OP_SERVICE_ACCOUNT_TOKEN"; [ "$OP_SERVICE_ACCOUNT_TOKEN" = ops_good ]` + "\n",
		"stat": "#!/bin/sh\ncase $1 in -f) echo \"$FS\" ;; *) echo \"$MODE\" ;; esac\n",
	}
	for name, text := range stubs {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	token := filepath.Join(dir, "token")
	if err := os.WriteFile(token, []byte("ops_good\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	good := map[string]string{"OP_SERVICE_ACCOUNT_TOKEN": "ops_good", "MODE": "600", "FS": "tmpfs", "TOKEN": token}
	broken := map[string][][2]string{
		"op/token":  {{"MODE", "644"}, {"FS", "ext2/ext3"}, {"TOKEN", filepath.Join(dir, "nowhere")}},
		"op/env":    {{"OP_SERVICE_ACCOUNT_TOKEN", ""}},
		"op/whoami": {{"OP_SERVICE_ACCOUNT_TOKEN", "ops_revoked"}},
	}
	rows := onePasswordRows(load("onepassword: {tokenFile: ~/t}\n"))
	if len(rows) != len(broken)+1 {
		t.Fatalf("%d rows", len(rows))
	}
	if v := ownFile(token); rows[0].ID != "op/file" || v.status != OK {
		t.Errorf("%s: the file is not well: %v", rows[0].ID, v)
	}
	if err := os.Chmod(token, 0o644); err != nil || ownFile(token).status != Failed || ownFile(token+".none").status != Failed {
		t.Errorf("%s: an open file, or none, is well (%v)", rows[0].ID, err)
	}
	for _, row := range rows[1:] {
		args := row.steps(&Site{})[0].Cmd.Args
		run := func(set map[string]string) bool {
			cmd := exec.Command(sh, "-c", strings.ReplaceAll(args[len(args)-1], profile.TokenPath, `"$TOKEN"`))
			cmd.Env = []string{"PATH=" + dir + ":" + os.Getenv("PATH")}
			for k, v := range set {
				cmd.Env = append(cmd.Env, k+"="+v)
			}
			out, err := cmd.CombinedOutput()
			if strings.Contains(string(out), "ops_") {
				t.Errorf("%s prints the token", row.ID)
			}
			return err == nil
		}
		if !run(good) {
			t.Errorf("%s fails where all is well", row.ID)
		}
		for _, edit := range broken[row.ID] {
			set := map[string]string{}
			for k, v := range good {
				set[k] = v
			}
			set[edit[0]] = edit[1]
			if run(set) {
				t.Errorf("%s passes with %s=%s", row.ID, edit[0], edit[1])
			}
		}
	}
}
