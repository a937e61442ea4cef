# Stage the flake
mkdir -p /tmp/w/flake
COPYFILE_DISABLE=1 tar -chf /tmp/w/inputs.tar -C /BASE/generated/ascalon flake.nix nix/nixos.nix nix/nixpkgs.nix
tar -xf /tmp/w/inputs.tar -C /tmp/w/flake
COPYFILE_DISABLE=1 tar -cf /tmp/w/flake.tar -C /tmp/w/flake .
# Send it to lima:tools
DIR=$(limactl --tty=false shell --workdir / tools sh -lc 'mktemp -d /tmp/vmloom.XXXXXX' | tail -n 1)
limactl --tty=false shell --workdir / tools sh -lc 'mkdir '"${DIR:?}"'/flake && tar -xf - -C '"${DIR:?}"/flake < /tmp/w/flake.tar
# Pin the inputs that flake.lock does not pin yet
limactl --tty=false shell --workdir / tools sh -lc 'cd '"${DIR:?}"'/flake || exit; export LC_ALL=C; nix --extra-experimental-features '\''nix-command flakes'\'' flake lock path:. & n=$!; (trap "" PIPE; while kill -0 $n 2>/dev/null; do echo >&2 || { kill $n; rm -rf '"${DIR:?}"'; }; sleep 2 2>/dev/null; done) >/dev/null & w=$!; wait $n; s=$?; kill $w 2>/dev/null; exit $s'
limactl --tty=false shell --workdir / tools sh -lc 'cat '"${DIR:?}"/flake/flake.lock > /tmp/w/flake.lock
# Keep what was pinned
sh -c 'cmp -s "$1" "$2" || { test -s "$1" && cp "$1" "$2.new" && mv "$2.new" "$2" && echo "$2 has new pins: commit it" >&2; }' sh /tmp/w/flake.lock /BASE/generated/ascalon/flake.lock
# Build the image
limactl --tty=false shell --workdir / tools sh -lc 'cd '"${DIR:?}"'/flake || exit; export LC_ALL=C; nix --extra-experimental-features '\''nix-command flakes'\'' build '\''path:.#packages.aarch64-linux.ascalon-image'\'' --no-update-lock-file --out-link ../result --json --log-format internal-json & n=$!; (trap "" PIPE; while kill -0 $n 2>/dev/null; do echo >&2 || { kill $n; rm -rf '"${DIR:?}"'; }; sleep 2 2>/dev/null; done) >/dev/null & w=$!; wait $n; s=$?; kill $w 2>/dev/null; exit $s'
# Ask where the image is
OUT=$(limactl --tty=false shell --workdir / tools sh -lc 'readlink '"${DIR:?}"/result | tail -n 1)
# Take the image out
limactl --tty=false shell --workdir / tools sh -lc 'cat '"${OUT:?}"/ascalon.qcow2 > /x/images/.new
# Leave nothing behind
limactl --tty=false shell --workdir / tools sh -lc 'rm -rf '"${DIR:?}"
