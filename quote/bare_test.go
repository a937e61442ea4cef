package quote

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// TestBare: what is written without quotes is what these expressions say.
func TestBare(t *testing.T) {
	texts := append(hostile(200), "", "~", "~/", "~a", "8GiB", "iB", "GiB", "8Gi", "8GKiB", "8 GiB", "a8GiB", "٨GiB", "-", "-a=b", "a=b", "--", "=", "é")
	random := rand.New(rand.NewPCG(1, 2))
	const alphabet = "aZ09_@%+:,./-=~KMGTiB \n\x00é\xff'\"$"
	for range 20_000 {
		var b strings.Builder
		for range random.IntN(6) {
			b.WriteByte(alphabet[random.IntN(len(alphabet))])
		}
		texts = append(texts, b.String())
	}
	for name, one := range map[string]struct {
		is   func(string) bool
		want string
	}{
		"sh":      {shBare, `^([A-Za-z0-9_@%+:,./-]+|-[A-Za-z0-9_@%+=:,./-]+)$`},
		"systemd": {func(s string) bool { return among(s, "_@+=:,./-") }, `^[A-Za-z0-9_@+=:,./-]+$`},
		"yaml":    {yamlPlain, `^([A-Za-z_/]|~/)[A-Za-z0-9_./-]*$|^[0-9]+[KMGT]iB$`},
		"plain":   {plain, `^[ -~]*$`},
	} {
		want := regexp.MustCompile(one.want)
		for _, s := range texts {
			if one.is(s) != want.MatchString(s) {
				t.Errorf("%s: %q: %t", name, s, one.is(s))
			}
		}
	}
	for r := range rune(0x7f) { // elsewhere in a word, where no rule of its own says otherwise
		if special := markdownSpecial(r, "a", string(r)+" "); special && !unicode.In(r, unicode.P, unicode.S) {
			t.Errorf("%q is escaped", r)
		} else if !special && unicode.In(r, unicode.P, unicode.S) && !strings.ContainsRune(`:-+=).,/'"%;?(`, r) {
			t.Errorf("%q is not escaped", r)
		}
	}
}
