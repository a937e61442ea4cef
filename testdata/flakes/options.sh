#!/bin/bash
# options.sh NIXPKGS NIXOS-LIMA: records in options.json what the options of the stubs are in a whole nixpkgs, a directory
# of github:NixOS/nixpkgs, with NIXOS-LIMA one of github:nixos-lima/nixos-lima. nix must be one that this nixpkgs accepts
# (2.18 or newer). To be run, and its difference read, when the stubs get further options; TestOptions compares.
set -euo pipefail
nixpkgs=$(realpath "$1") lima=$(realpath "$2")
cd "$(dirname -- "$0")"
here=$PWD
nix --extra-experimental-features nix-command eval --impure --raw --expr "
  let
    names = import $here/options.nix {
      nixpkgs = $here/nixpkgs;
      evalConfig = $here/nixpkgs/nixos/eval-config.nix;
      nixos-lima = $here/nixos-lima/lima-init.nix;
    };
    real = import $here/options.nix { nixpkgs = $nixpkgs; nixos-lima = $lima/lima-init.nix; inherit names; };
    lost = said: builtins.elem said [ \"missing\" \"not an option\" ] || builtins.match \".*, 9999\" said != null;
    line = name: builtins.toJSON name + \": \" + builtins.toJSON real.\${name};
    kept = builtins.filter (name: !lost real.\${name}) (builtins.sort builtins.lessThan names);
  in
  \"{\n\" + builtins.concatStringsSep \",\n\" (map line kept) + \"\n}\n\"" >options.new
mv options.new options.json
