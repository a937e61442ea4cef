package quote

import "testing"

// TestWord: a word stays one word of nix.conf, machines and known_hosts, or is refused.
func TestWord(t *testing.T) {
	for text, good := range map[string]bool{
		"ssh-ng://builder.example.org": true, "cache.example.org-1:aGVsbG8=": true, "x86_64-linux": true, "AAAAC3NzaC1lZDI1NTE5": true,
		"": false, "a b": false, "a\nb": false, "a\tb": false, "a#b": false, "a;b": false, "@file": false, "a\x00": false, "a\u00a0b": false, "'a'": false,
	} {
		if got, err := Word(text); (err == nil) != good || good && got != text {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	if got, err := Word(4); err != nil || got != "4" {
		t.Errorf("%q, %v", got, err)
	}
}
