# Reads an archive of tar and puts what it holds into the home. $1 is the user, $2 and $3
# his numbers, $4 his home; $5 and $6 were his numbers, $7 is the archive's size, $8 the
# name of the directory for what is replaced. The line "$0 whole" must follow the archive.
# Nothing in the home changes before all of it lies beside its place.
set -eu
token=$0
say() { printf '%s %s\n' "$token" "$*"; }
uid=$2 gid=$3 was_uid=$5 was_gid=$6 size=$7 aside=$8
cd "$4"
home=$(pwd -P)
stage=.vmloom-restore
rm -rf "$stage" # of a run that was cut off

room=$(df -Pk . | awk 'NR == 2 { print $4 }')
if [ "$room" -lt "$((size / 1024 + 1024))" ]; then
  say room "$room"
  exit 1
fi

trap 'rm -rf "$home/$stage"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
(umask 077 && mkdir "$stage")
status=0
head -c "$size" | tar --extract --numeric-owner --preserve-permissions --acls --xattrs \
  --xattrs-include='user.*' --xattrs-include=security.capability --directory="$stage" --file=- || status=$?
if ! IFS= read -r last || [ "$last" != "$token whole" ]; then
  say torn
  exit 1
fi
[ "$status" = 0 ] || exit 1 # tar has said why
if [ "$was_gid" != "$gid" ]; then find "$stage" -mindepth 1 -gid "$was_gid" -exec chgrp -h "$gid" {} +; fi
if [ "$was_uid" != "$uid" ]; then find "$stage" -mindepth 1 -uid "$was_uid" -exec chown -h "$uid" {} +; fi

empty() { [ -d "$1" ] && [ ! -L "$1" ] && [ -z "$(ls -A "$1")" ]; }

# at_or_below says whether another file system is mounted in a directory of the home.
at_or_below() { printf '%s\n' "$MOUNTS" | at=$home/$1 awk '$0 == ENVIRON["at"] || index($0, ENVIRON["at"] "/") == 1 { found = 1 } END { exit !found }'; }

# A mount hides what is below it: nothing is put there.
printf '%s\n' "$MOUNTS" | while IFS= read -r mount; do
  case $mount in "$home"/*) ;; *) continue ;; esac
  at=$stage/${mount#"$home"/}
  if { [ -e "$at" ] || [ -L "$at" ]; } && ! empty "$at"; then
    say mounted "$mount"
    exit 1
  fi
done

# The keys that open this VM stay, beside those of the archive: its own are in the second file where QEMU runs it.
for keys in .ssh/authorized_keys .ssh/authorized_keys2; do
  [ -f "$keys" ] || continue
  if [ ! -e "$stage/.ssh" ]; then
    (umask 077 && mkdir "$stage/.ssh")
    chown "$uid:$gid" "$stage/.ssh"
  fi
  if [ ! -e "$stage/$keys" ]; then
    cp -p "$keys" "$stage/$keys"
  elif [ -f "$stage/$keys" ]; then
    missing=$(grep -Fvx -f "$stage/$keys" "$keys" || :)
    [ -z "$missing" ] || printf '\n%s\n' "$missing" >>"$stage/$keys"
  fi
done

# put moves what is in $1 of the stage to $2 of the home, and what it replaces to $3.
put() {
  for entry in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    [ -e "$entry" ] || [ -L "$entry" ] || continue
    at=$2${entry##*/}
    if empty "$entry" && empty "$at"; then
      continue # a place for a mount: it may be one that nothing can be moved from
    elif [ -d "$entry" ] && [ ! -L "$entry" ] && [ -d "$at" ] && [ ! -L "$at" ] && at_or_below "$at"; then
      (put "$entry" "$at/" "$3/${entry##*/}")
      continue
    fi
    if [ -e "$at" ] || [ -L "$at" ]; then
      mkdir -p "$3"
      mv -T -- "$at" "$3/${entry##*/}"
    fi
    mv -T -- "$entry" "$at"
  done
}
# Another restore may have had the name, and the archive may hold what that left.
while [ -e "$aside" ] || [ -L "$aside" ] || [ -e "$stage/$aside" ]; do aside=$aside.1; done
say puts "$aside"
put "$stage" '' "$aside"
if [ -e "$aside" ]; then
  chown "$uid:$gid" "$aside"
  say aside "$aside"
fi
if command -v restorecon >/dev/null; then restorecon -R -x . >/dev/null 2>&1 || :; fi
say restored
