package engine

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vmloom/internal/tooltest"
)

// What minisign 0.11 has printed, with a key without a password.
const (
	recordedKey = "RWQ9PuqXiG6kDwEGHa5PkGe+5G/dK5N/Nomp2UN9wt3nSJKxBs36RKg0"
	recorded    = "untrusted comment: vmloom: image\n" +
		"RUQ9PuqXiG6kD0jfRqt4exW7ePITUuyS7Sq+NR7XCbNN/iVsH/Q2AACR2fKNm891UyG+6EFbfCqMPxcJIPsKUJ66qrPB8VkFXwQ=\n" +
		"trusted comment: vmloom image demo-x86_64 sha256:abc\n" +
		"5NF/WjHX7l+8BPslwVlMfj0vA7MzQPJXyrBJicAA8SK4oWZVdFko+W/XhMuHjHiAojYaW2wpJmKB24TP8qqbDA==\n"
	anotherKey = "RWSSVdN7F5AV0tFe2tsDHvtIfkkM90CgcdwLyfagaKESNG1NTUvXOYMN"
)

func TestVerifySignature(t *testing.T) {
	swap := func(old, new string) string { return strings.Replace(recorded, old, new, 1) }
	for _, c := range []struct{ what, key, image, sha256, signature, want string }{
		{"as it is", recordedKey, "demo-x86_64", "abc", recorded, ""},
		{"none", recordedKey, "demo-x86_64", "abc", "", "is not signed"},
		{"another key", anotherKey, "demo-x86_64", "abc", recorded, "is signed by another key"},
		{"another key of that number", recordedKey[:14] + anotherKey[14:], "demo-x86_64", "abc", recorded, "its signature is wrong"},
		{"another digest", recordedKey, "demo-x86_64", "abd", recorded, `its signature is that of another image: "vmloom image demo-x86_64 sha256:abc"`},
		{"another image", recordedKey, "demo-aarch64", "abc", recorded, "its signature is that of another image"},
		{"another comment", recordedKey, "demo-x86_64", "abd", swap("sha256:abc", "sha256:abd"), "its signature is wrong"},
		{"another signature of the image", recordedKey, "demo-x86_64", "abc", swap("D0jfRqt4", "D0jfRqt5"), "its signature is wrong"},
		{"a letter too few", recordedKey, "demo-x86_64", "abc", swap("XwQ=", "Xw="), "its signature is no signature of minisign"},
		{"loose bits at the end", recordedKey, "demo-x86_64", "abc", swap("XwQ=", "XwR="), "its signature is no signature of minisign"},
		{"a line more", recordedKey, "demo-x86_64", "abc", recorded + "\n", "its signature is no signature of minisign"},
		{"carriage returns", recordedKey, "demo-x86_64", "abc", strings.ReplaceAll(recorded, "\n", "\r\n"), "its signature is no signature of minisign"},
		{"cut off", recordedKey, "demo-x86_64", "abc", recorded[:len(recorded)-1], "its signature is no signature of minisign"},
		{"of another kind", recordedKey, "demo-x86_64", "abc", swap("\nRUQ", "\nRUY"), "its signature is no signature of minisign"},
		{"no comment", recordedKey, "demo-x86_64", "abc", swap("untrusted comment: ", ""), "its signature is no signature of minisign"},
		{"a key of another kind", "RUQ" + recordedKey[3:], "demo-x86_64", "abc", recorded, "is no public key of minisign"},
	} {
		got := ""
		if err := verifySignature(c.key, c.image, Record{SHA256: c.sha256, Signature: c.signature}); err != nil {
			got = err.Error()
		}
		if got != c.want && (c.want == "" || !strings.HasPrefix(got, c.want)) {
			t.Errorf("%s: %q, not %q", c.what, got, c.want)
		}
	}
}

// TestMinisign: what the minisign that is here signs is taken, in both of its ways, and minisign takes the file for signed.
func TestMinisign(t *testing.T) {
	minisign, dir := tooltest.Need(t, "minisign"), t.TempDir()
	run := func(args ...string) {
		t.Helper()
		cmd := exec.Command(minisign, args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("minisign %q: %v\n%s", args, err, out)
		}
	}
	run("-G", "-W", "-p", "key.pub", "-s", "key")
	public, err := os.ReadFile(filepath.Join(dir, "key.pub"))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "image"), []byte("image\n"), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	key := strings.Fields(string(public))
	for _, way := range []string{"-H", "-l"} {
		run("-S", way, "-s", "key", "-m", "image", "-x", "sig", "-t", trustedComment("demo-x86_64", "abc"))
		run("-V", "-p", "key.pub", "-m", "image", "-x", "sig")
		text, err := os.ReadFile(filepath.Join(dir, "sig"))
		if err != nil {
			t.Fatal(err)
		}
		if err := verifySignature(key[len(key)-1], "demo-x86_64", Record{SHA256: "abc", Signature: string(text)}); err != nil {
			t.Errorf("%s: %v\n%s", way, err, text)
		}
	}
}
