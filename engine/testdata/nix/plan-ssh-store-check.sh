# Stage the flake
mkdir -p /tmp/w/flake
COPYFILE_DISABLE=1 tar -chf /tmp/w/inputs.tar -C /BASE/generated/ascalon flake.nix nix/nixos.nix nix/nixpkgs.nix
tar -xf /tmp/w/inputs.tar -C /tmp/w/flake
cp /BASE/generated/ascalon/flake.lock /tmp/w/flake/flake.lock
# Build the image
(cd /tmp/w/flake && LC_ALL=C NIX_SSHOPTS='-oBatchMode=yes -oConnectTimeout=20 -oServerAliveInterval=10' nix --extra-experimental-features 'nix-command flakes' build 'path:.#packages.aarch64-linux.ascalon-image' --no-update-lock-file --store ssh-ng://big --eval-store auto --no-link --json --log-format internal-json)
# Build it once more and compare
(cd /tmp/w/flake && LC_ALL=C NIX_SSHOPTS='-oBatchMode=yes -oConnectTimeout=20 -oServerAliveInterval=10' nix --extra-experimental-features 'nix-command flakes' build 'path:.#packages.aarch64-linux.ascalon-image' --no-update-lock-file --rebuild --store ssh-ng://big --eval-store auto --no-link --json --log-format internal-json)
