package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const profileName = "vmloom.yaml"

// systems are mixed, as machines of a company are.
var systems = []string{`system: ubuntu, release: "26.04"`, `system: debian, release: "13"`, "system: nixos"}

// packages that each of them has.
const packages = "bat, bison, cmake, curl, fd, file, fish, flex, fzf, git, gnupg, go, htop, jq, less, lsof, make, mosh, neovim, node, openssl, pandoc, python, ripgrep, rsync, strace, tmux, tree, unzip, zsh"

func profileFile(dir string, i int) string {
	return filepath.Join(dir, fmt.Sprintf("%05d", i), profileName)
}

// profileText is a profile of realistic size: 30 packages, 6 mounts, 3 sockets, 3 ports.
func profileText(i, gib int) string {
	name := fmt.Sprintf("vm-%05d", i)
	var mounts strings.Builder
	for m := range 6 {
		fmt.Fprintf(&mounts, "  - {host: ~/src/%s/part-%d, guest: /src/part-%d, writable: %t}\n", name, m, m, m%2 == 0)
	}
	return fmt.Sprintf(`# A machine of the benchmark.
version: 1
name: %s
host: {os: linux, user: dev}
guest:
  %s
  user: {name: dev, shell: zsh}
  timezone: Europe/Berlin
  packages: [%s]
  env: {EDITOR: nvim, PAGER: less}
resources: {cpus: %d, memory: %dGiB, disk: 50GiB}
home: {disk: 40GiB}
mounts:
%ssockets:
  - {name: docker, from: docker, env: DOCKER_HOST}
  - {name: agent, from: ssh-agent, env: SSH_AUTH_SOCK}
  - {name: db, host: ~/run/db.sock, guest: /run/host-services/db.sock}
ports: [{guest: 80, host: %d}, {guest: 443, host: %d}, {guest: 5432, host: %d}]
`, name, strings.ReplaceAll(systems[i%len(systems)], ", ", "\n  "), packages, 2+i%6, gib, mounts.String(), 10000+i, 21000+i, 32000+i)
}

func writeProfiles(dir string, n int) error {
	for i := range n {
		file := profileFile(dir, i)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(profileText(i, 8+i%8)), 0o644); err != nil {
			return err
		}
	}
	return nil
}
