package profile

import (
	"strings"
	"testing"
)

func TestOnePassword(t *testing.T) {
	for text, want := range map[string]string{
		"onepassword: {tokenFile: ~/.config/op/token}":             "",
		"onepassword: {tokenCommand: op read op://v/i/credential}": "",
		"onepassword: {tokenFile: ~/t, tokenCommand: cat t}":       "onepassword: takes tokenFile or tokenCommand, not both",
		"onepassword: {}":                                    "onepassword: needs tokenFile or tokenCommand",
		"onepassword: {tokenFile: token}":                    "onepassword.tokenFile: must be absolute, or start with ~/, or with ./ for a place relative to the profile",
		"onepassword: {tokenFile: ~/a/../token}":             "onepassword.tokenFile: must be written plainly",
		"onepassword: {tokenFile: /ops_eyJzaWduSW5B}":        "onepassword.tokenFile: holds the token itself",
		"onepassword: {tokenCommand: echo ops_eyJzaWduSW5B}": "onepassword.tokenCommand: holds the token itself",
		"onepassword: {tokenFile: ~/t}\nsockets: [{name: x, host: /x, guest: /run/vmloom-1password/x.sock}]": "sockets[0].guest: /run/vmloom-1password is vmloom's own",
		"onepassword: {tokenFile: ~/t}\nmounts: [{host: /x, guest: /run/vmloom-1password}]":                  "mounts[0].guest: /run/vmloom-1password is vmloom's own",
		"guest: {system: nixos, user: {name: u}, env: {OP_SERVICE_ACCOUNT_TOKEN: x}}":                        "guest.env.OP_SERVICE_ACCOUNT_TOKEN: a token has no place in a profile",
		"guest: {system: guix, user: {name: u}}\nguix: {version: \"1.4\"}\nonepassword: {tokenFile: ~/t}":    "onepassword: Guix 1.4 has no place",
		"host: {os: macos}\nguest: {system: nixos, user: {name: u}}\nonepassword: {tokenFile: ~/t}":          "",
		"host: {os: macos}\nguest: {system: nixos, user: {name: u}}\nonepassword: {tokenCommand: cat t}":     "",
	} {
		_, err := Load("vmloom.yaml", []byte(with(text)))
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", text, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}
