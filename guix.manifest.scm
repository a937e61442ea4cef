;; What one needs to work on vmloom: guix shell -m guix.manifest.scm
;; Guix 1.5 has no Go 1.26 yet: its go command fetches the one that go.mod names.
(specifications->manifest
 '("go@1.25" "git" "bash" "coreutils" "dash" "e2fsprogs" "fish" "groff"
   "guile@3.0" "lua@5.4" "nix" "nss-certs" "openssh" "procps" "python"
   "qemu-minimal" "shellcheck" "strace" "util-linux" "zsh"))
