# Runs the script $1 in the guest, as root where the user may be: files of others lie in
# a home, too. It gets, beside the words after $2, who the user is; $0 is $2, which begins
# every line that is meant for the host: login scripts print, too.
PATH=/run/wrappers/bin:/run/privileged/bin:/run/setuid-programs:$PATH:/run/current-system/sw/bin:/run/current-system/profile/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
# Every place where something is mounted, a line each; the kernel writes blanks as \040.
MOUNTS=$(while read -r _ at _; do printf '%b\n' "$(printf %s "$at" | sed 's/\\/\\0/g')"; done </proc/self/mounts)
export PATH LC_ALL MOUNTS
script=$1 token=$2
shift 2
set -- "$script" "$token" "$(id -un)" "$(id -u)" "$(id -g)" "$HOME" "$@"
if [ "$4" != 0 ] && sudo -n true 2>/dev/null; then
  exec sudo -n env PATH="$PATH" LC_ALL=C MOUNTS="$MOUNTS" sh -c "$@"
fi
exec sh -c "$@"
