# Prints the home as an archive of tar, after lines that say whose it is. $1 is the user,
# $2 and $3 his numbers, $4 his home; the others are paths in there that stay out.
set -u
token=$0
say() { printf '%s %s\n' "$token" "$*"; }
cd "$4" || exit 1
home=$(pwd -P)
say user "$1"
say uid "$2"
say gid "$3"
say home "$4"
say system "$(. /etc/os-release && echo "$ID ${VERSION_ID-}")"
# Another file system below the home is a share of the host, or a disk of its own.
printf '%s\n' "$MOUNTS" | while IFS= read -r at; do
  case $at in "$home"/*) say mount "$at" ;; esac
done
shift 4
for path; do
  shift
  set -- "$@" "--exclude=./$path"
done
say begins
tar --create --format=posix --numeric-owner --acls --xattrs --sparse --one-file-system \
  --anchored --no-wildcards "$@" --file=- .
# The status of ssh may be its own.
say ended "$?" >&2
