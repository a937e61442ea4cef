# Stage the flake
mkdir -p /tmp/w/flake
COPYFILE_DISABLE=1 tar -chf /tmp/w/inputs.tar -C /BASE/generated/ascalon flake.nix nix/nixos.nix nix/nixpkgs.nix
tar -xf /tmp/w/inputs.tar -C /tmp/w/flake
cp /BASE/generated/ascalon/flake.lock /tmp/w/flake/flake.lock
# Build the image
(cd /tmp/w/flake && LC_ALL=C nix --extra-experimental-features 'nix-command flakes' build 'path:.#packages.aarch64-linux.ascalon-image' --no-update-lock-file --out-link /tmp/w/result --json --log-format internal-json)
# Build it once more and compare
(cd /tmp/w/flake && LC_ALL=C nix --extra-experimental-features 'nix-command flakes' build 'path:.#packages.aarch64-linux.ascalon-image' --no-update-lock-file --rebuild --no-link --json --log-format internal-json)
