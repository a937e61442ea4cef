#!/bin/bash
# run.sh ROOT DIR COMMAND...: runs COMMAND in the release that make.sh has put into ROOT, with
# DIR as /work: in mount, process and network namespaces of its own, so that it reaches no
# network, and all that it starts ends with it. What programs keep outside of /work (Guix's store,
# state and logs, /tmp, the home) is empty at first and gone afterwards, so that runs side by side
# know nothing of one another. DAEMON=guix starts a guix-daemon first, without build users and
# substitutes: enough for derivations. SMALL=DIR:SIZE makes DIR a file system that is soon full. As root.
set -euo pipefail
root=$1 dir=$2
shift 2
export DAEMON=${DAEMON:-} SMALL=${SMALL:-}
# shellcheck disable=SC2016 # it is the inner shell that expands
exec unshare --mount --propagation private --pid --net --fork --kill-child bash -euc '
  root=$1 dir=$2
  shift 2
  mount --bind "$dir" "$root/work"
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  for own in gnu/store var/guix var/log tmp root; do
    [ ! -d "$root/$own" ] || mount -t tmpfs -o "mode=$(stat -c %a "$root/$own")" tmpfs "$root/$own"
  done
  [ -z "$SMALL" ] || mount -t tmpfs -o "size=${SMALL#*:}" tmpfs "$root${SMALL%:*}"
  exec chroot "$root" env -i DAEMON="$DAEMON" PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 sh -euc "
    if [ \"\$DAEMON\" = guix ]; then
      mkdir -p /var/log/guix
      guix-daemon --disable-chroot --no-substitutes --discover=no >/var/log/guix/daemon.log 2>&1 &
      n=0
      until guix archive --missing </dev/null 2>/dev/null; do
        n=\$((n + 1))
        [ \$n -lt 60 ] || { cat /var/log/guix/daemon.log >&2; exit 1; }
        sleep 0.5
      done
    fi
    cd /work
    exec \"\$@\"" sh "$@"' bash "$root" "$dir" "$@"
