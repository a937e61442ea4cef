package profile

import (
	"strings"
	"testing"
)

func TestEnvFile(t *testing.T) {
	const debian, guix = `guest: {system: debian, release: "13", user: {name: u}, envFile: `, "guest: {system: guix, user: {name: u}, envFile: ~/e}\n"
	for text, want := range map[string]string{
		debian + "~/.config/a/env}": "",
		debian + "/srv/env}":        "",
		debian + "./env}":           "",
		debian + "env}":             "guest.envFile: must be absolute, or start with ~/, or with ./ for a place relative to the profile",
		debian + "~/a/../env}":      "guest.envFile: must be written plainly",
		debian + "~/e}\nsockets: [{name: x, host: /x, guest: /run/vmloom-env/x.sock}]": "sockets[0].guest: /run/vmloom-env is vmloom's own",
		debian + "~/e}\nmounts: [{host: /x, guest: /run/vmloom-env}]":                  "mounts[0].guest: /run/vmloom-env is vmloom's own",
		guix + `guix: {version: "1.4"}`:                                                "guest.envFile: Guix 1.4 has no place to set variables from a file",
		guix:                                                                           "",
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
