# Stage the flake
mkdir -p /tmp/w/flake
COPYFILE_DISABLE=1 tar -chf /tmp/w/inputs.tar -C /BASE/generated/ascalon flake.nix nix/nixos.nix nix/nixpkgs.nix
tar -xf /tmp/w/inputs.tar -C /tmp/w/flake
cp /BASE/generated/ascalon/flake.lock /tmp/w/flake/flake.lock
# Pin the inputs that flake.lock does not pin yet
(cd /tmp/w/flake && LC_ALL=C nix --extra-experimental-features 'nix-command flakes' flake lock path:.)
# Keep what was pinned
sh -c 'cmp -s "$1" "$2" || { test -s "$1" && cp "$1" "$2.new" && mv "$2.new" "$2" && echo "$2 has new pins: commit it" >&2; }' sh /tmp/w/flake/flake.lock /BASE/generated/ascalon/flake.lock
# Build the image
(cd /tmp/w/flake && LC_ALL=C NIX_SSHOPTS='-oBatchMode=yes -oConnectTimeout=20 -oServerAliveInterval=10 -p 2222' nix --extra-experimental-features 'nix-command flakes' build 'path:.#packages.aarch64-linux.ascalon-image' --no-update-lock-file --store ssh-ng://ada@big --eval-store auto --no-link --json --log-format internal-json)
# Ask where the image is
OUT=$( (cd /tmp/w/flake && LC_ALL=C nix --extra-experimental-features 'nix-command flakes' eval --raw 'path:.#packages.aarch64-linux.ascalon-image.outPath' --no-update-lock-file) | tail -n 1)
# Take the image out
ssh -oBatchMode=yes -oConnectTimeout=20 -oServerAliveInterval=10 -p 2222 ada@big 'sh -lc '\''cat '"${OUT:?}"'/ascalon.qcow2'\''' > /x/images/.new
