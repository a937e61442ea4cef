package profile

import (
	"strings"
	"testing"
)

func TestSecretsIn(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"GITHUB_TOKEN", "anything-long", "anything-long"},
		{"dbPassword", "hunter22", "hunter22"},
		{"X", "ghp_0123456789abcdefghijABCDEFGHIJ012345", "ghp_0123456789abcdefghijABCDEFGHIJ012345"},
		{"X", "export AWS_SECRET_ACCESS_KEY='wJalrXUtnFEMI'", "wJalrXUtnFEMI"},
		{"X", "-----BEGIN OPENSSH PRIVATE KEY-----", "-----BEGIN OPENSSH PRIVATE KEY-----"},
		{"X", "https://me:hunter22@example.org", "hunter22"},
		{"X", "git+https://:hunter22@example.org", "hunter22"},
		{"X", "AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"},
		{"X", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-d", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-d"},
		{"X", "echo root:hunter22 | chpasswd", "root:hunter22"},
		// What leads to a secret is none, nor what only sounds like one.
		{"TOKEN", "$OTHER", ""}, {"TOKEN", "${OTHER_ONE}", ""}, {"TOKEN", "~/.token", ""}, {"TOKEN", "/run/secrets/token", ""}, {"TOKEN", "op://vault/item", ""}, {"TOKEN", "short", ""},
		{"TOKEN_FILE", "token.txt", ""}, {"PASSWORD_STORE_DIR", "passwords", ""}, {"MAX_TOKENS", "1000000", ""}, {"TOKENIZERS_PARALLELISM", "false-or-true", ""},
		{"X", "https://example.org:8080/a@b", ""}, {"X", "ssh://git@example.org/x", ""}, {"X", "https://$USER:$PASS@example.org", ""}, {"EDITOR", "vim", ""},
		{"X", "PASSWORD=$(cat /run/secret)", ""}, {"X", "-----BEGIN CERTIFICATE-----", ""},
	} {
		if got := strings.Join(SecretsIn(c.name, c.value), " "); got != c.want {
			t.Errorf("%s=%s: %q, want %q", c.name, c.value, got, c.want)
		}
	}
	const line = "env: {A_TOKEN: hunter222, é: x, U: https://u:pass@h}"
	if got, want := HideSecrets(line), "env: {A_TOKEN: *********, é: x, U: https://u:****@h}"; got != want {
		t.Errorf("hidden: %s", got)
	}
	if got, want := MaskSecrets("A_TOKEN=hunter222 B=c"), "A_TOKEN=… B=c"; got != want {
		t.Errorf("masked: %s", got)
	}
}
