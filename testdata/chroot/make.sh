#!/bin/bash
# make.sh SUITE ROOT PACKAGE...: another release of Debian in the directory ROOT, for the
# tools that this machine's release lacks: sid has Guix 1.5. Made once: half a minute and
# 140 MB. As root; needs mmdebstrap, debian-archive-keyring and util-linux. The mirror is
# the one that apt uses here; sid's release file may have expired, its signature is checked.
set -euo pipefail
suite=$1 root=$2
shift 2
mkdir -p "$(dirname "$root")"
exec 9>"$root.lock"
flock 9
[ ! -e "$root/.complete" ] || exit 0
# shellcheck disable=SC2016 # it is apt-get that expands
sites=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | sort -u)
mirror=${MIRROR:-$(grep -m1 '/debian/*$' <<<"$sites")}
rm -rf --one-file-system "$root"
packages=$(IFS=,; echo "$*")
mmdebstrap --quiet --variant=apt --include="$packages" --keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
  --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Check-Valid-Until "false"' \
  --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' "$suite" "$root" "$mirror" 9>&-
mkdir "$root/work"
touch "$root/.complete"
