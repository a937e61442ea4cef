# What one needs to work on vmloom.
{
  mkShell,
  lib,
  stdenv,
  go,
  git,
  groff,
  guile,
  lua5_4,
  openssh,
  qemu,
  shellcheck,
  zsh,
  fish,
  dash,
  strace,
}:
mkShell {
  packages = [
    go
    git
    groff
    guile
    lua5_4
    openssh
    qemu
    shellcheck
    zsh
    fish
    dash
  ]
  ++ lib.optional stdenv.hostPlatform.isLinux strace;
}
