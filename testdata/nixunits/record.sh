#!/bin/bash
# record.sh NIXPKGS NIXOS-LIMA: evaluates four goldens with a whole nixpkgs and writes what comes out beside this file.
# Nothing is built or fetched. NIXPKGS is a directory of github:NixOS/nixpkgs, NIXOS-LIMA one of
# github:nixos-lima/nixos-lima; nix must be one that this nixpkgs accepts (2.18 or newer). To be run, and its
# difference read, when the templates of templates/nix have changed: TestUnitsRecorded says so.
set -euo pipefail
nixpkgs=$(realpath "$1") lima=$(realpath "$2")
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
nix --extra-experimental-features nix-command eval --impure --write-to "$work/new" --expr \
  "import $here/record.nix { nixpkgs = $nixpkgs; nixos-lima = $lima; repository = $here/../..; }"
for golden in "$work"/new/*; do
  rm -rf "${here:?}/${golden##*/}"
  cp -R "$golden" "$here"
done
