# Stage the flake
mkdir -p /tmp/w/flake
COPYFILE_DISABLE=1 tar -chf /tmp/w/inputs.tar -C /BASE/generated/ascalon flake.nix nix/nixos.nix nix/nixpkgs.nix
tar -xf /tmp/w/inputs.tar -C /tmp/w/flake
cp /BASE/generated/ascalon/flake.lock /tmp/w/flake/flake.lock
COPYFILE_DISABLE=1 tar -cf /tmp/w/flake.tar -C /tmp/w/flake .
# Send it to lima:tools
DIR=$(limactl --tty=false shell --workdir / tools sh -lc 'mktemp -d /tmp/vmloom.XXXXXX' | tail -n 1)
limactl --tty=false shell --workdir / tools sh -lc 'mkdir '"${DIR:?}"'/flake && tar -xf - -C '"${DIR:?}"/flake < /tmp/w/flake.tar
# Build the image
limactl --tty=false shell --workdir / tools sh -lc 'cd '"${DIR:?}"'/flake || exit; export LC_ALL=C; nix --extra-experimental-features '\''nix-command flakes'\'' build '\''path:.#packages.aarch64-linux.ascalon-image'\'' --no-update-lock-file --out-link ../result --json --log-format internal-json & n=$!; (trap "" PIPE; while kill -0 $n 2>/dev/null; do echo >&2 || { kill $n; rm -rf '"${DIR:?}"'; }; sleep 2 2>/dev/null; done) >/dev/null & w=$!; wait $n; s=$?; kill $w 2>/dev/null; exit $s'
# Build it once more and compare
limactl --tty=false shell --workdir / tools sh -lc 'cd '"${DIR:?}"'/flake || exit; export LC_ALL=C; nix --extra-experimental-features '\''nix-command flakes'\'' build '\''path:.#packages.aarch64-linux.ascalon-image'\'' --no-update-lock-file --rebuild --no-link --json --log-format internal-json & n=$!; (trap "" PIPE; while kill -0 $n 2>/dev/null; do echo >&2 || { kill $n; rm -rf '"${DIR:?}"'; }; sleep 2 2>/dev/null; done) >/dev/null & w=$!; wait $n; s=$?; kill $w 2>/dev/null; exit $s'
# Leave nothing behind
limactl --tty=false shell --workdir / tools sh -lc 'rm -rf '"${DIR:?}"
