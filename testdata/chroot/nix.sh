#!/bin/bash
# nix.sh ROOT COMMAND...: runs COMMAND of this machine with the nix of the release that make.sh has put
# into ROOT: first on its PATH are that nix and its kin, which see all directories of this machine beside
# those of a release, at their own paths. /nix is empty at first and gone afterwards, so that runs side by
# side, and nixes of several ages, know nothing of one another. As root.
set -euo pipefail
root=$1
shift
mkdir -p /nix
# shellcheck disable=SC2016 # it is the inner shell that expands
exec unshare --mount --propagation private bash -euc '
  root=$1
  shift
  mount -t tmpfs -o mode=755 tmpfs /nix
  mkdir /nix/bin
  cat >/nix/bin/nix <<END
#!/bin/sh
exec unshare --mount --propagation private sh -euc '\''
  for dir in /*; do
    case \$dir in /bin | /sbin | /lib* | /usr | /etc | /var | /boot) continue ;; esac
    [ -d "\$dir" ] || continue
    [ -d "\$0\$dir" ] || mkdir -p "\$0\$dir"
    mount --rbind "\$dir" "\$0\$dir"
  done
  name=\$1
  shift
  exec chroot "\$0" env -C "\$PWD" "/usr/bin/\$name" "\$@"'\'' "$root" "\${0##*/}" "\$@"
END
  chmod +x /nix/bin/nix
  for program in "$root"/usr/bin/nix-*; do ln -s nix "/nix/bin/${program##*/}"; done
  PATH=/nix/bin:$PATH exec "$@"' bash "$root" "$@"
