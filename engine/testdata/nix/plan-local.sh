# Stage the flake
mkdir -p /tmp/w/flake
COPYFILE_DISABLE=1 tar -chf /tmp/w/inputs.tar -C /BASE/generated/ascalon flake.nix nix/nixos.nix nix/nixpkgs.nix
tar -xf /tmp/w/inputs.tar -C /tmp/w/flake
# Pin the inputs that flake.lock does not pin yet
(cd /tmp/w/flake && LC_ALL=C nix --extra-experimental-features 'nix-command flakes' flake lock path:.)
# Keep what was pinned
sh -c 'cmp -s "$1" "$2" || { test -s "$1" && cp "$1" "$2.new" && mv "$2.new" "$2" && echo "$2 has new pins: commit it" >&2; }' sh /tmp/w/flake/flake.lock /BASE/generated/ascalon/flake.lock
# Build the image
(cd /tmp/w/flake && LC_ALL=C nix --extra-experimental-features 'nix-command flakes' build 'path:.#packages.aarch64-linux.ascalon-image' --no-update-lock-file --out-link /tmp/w/result --json --log-format internal-json)
# Take the image out
cp /tmp/w/result/ascalon.qcow2 /x/images/.new
