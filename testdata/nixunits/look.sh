#!/bin/bash
# look.sh DIR MOUNT: what this boot made of the recording in DIR, a line for each thing. MOUNT is the home's disk's.
cd "$1" || exit
mnt=$2
read -r user _ home _ <user
systemctl is-system-running --wait >/dev/null # the boot is over, or what waits for Lima's data would be there
say() { echo "$1: $(shift; "$@" 2>&1 | paste -sd ' ')"; }
since() { systemctl show -P ActiveEnterTimestampMonotonic "$1"; }
order() { # UNIT UNIT...: each is up before the next is
  local before=$1 next
  for next in "${@:2}"; do
    [ "$(since "$before")" -le "$(since "$next")" ] || echo "$next is up before $before"
    before=$next
  done
}
source=$(findmnt -n -o SOURCE "$mnt")
if [ -n "$source" ]; then
  echo "home: $(blkid -p -o value -s LABEL "$source") $(blkid -p -o value -s PART_ENTRY_NAME "$source") $(dumpe2fs -h "$source" 2>/dev/null | awk '/^Block count:/ { n = $3 } /^Block size:/ { print int(n * $3 / 1048576) "M" }')"
else
  echo "home: on the system's disk"
fi
say number id -u "$user"
say directory stat -c '%a %U %G' "$home"
say kept cat "$mnt/keep"
say notice sed -n 's/^vmloom: //p' "$(find /run/motd.d -name vmloom-home -print -quit 2>/dev/null | grep . || echo /dev/null)"
say failed awk '{ print $1 }' <(systemctl list-units --failed --plain --no-legend)
say jobs awk '{ print $2, $3 }' <(systemctl list-jobs --no-legend)
say 'ordering cycles' grep -ci 'ordering cycle' <(journalctl -b -o cat)
say 'twice in fstab' awk '$1 !~ /^#/ && seen[$2]++ { print $2 }' /etc/fstab
say 'of the generator' grep -i 'duplicate entry\|fstab-generator.*fail' <(journalctl -b -o cat)
# Not local-fs.target: lima-init starts it again.
say order order local-fs-pre.target sysinit.target ssh.service
[ ! -e units/vmloom-home.service ] ||
  say 'order of the home' order vmloom-home-disk.service vmloom-mounts.service local-fs-pre.target sysinit.target vmloom-home.service systemd-user-sessions.service
[ ! -e units/vmloom-home.service ] || say 'order of Lima' order vmloom-home-disk.service vmloom-home.service lima-init.service lima-guestagent.service
[ ! -e units/vmloom-home.service ] || say 'order of the user' order vmloom-home-disk.service "user@$(id -u "$user").service"
say init systemctl is-active lima-init.service lima-guestagent.service
say boot-done cat /run/lima-boot-done
say "lima's key" cat "$home/.ssh/authorized_keys"
while read -r _ dir _; do
  dir=${dir//\'/}
  say "directory $dir" stat -c '%a %U %G' "$dir"
done <tmpfiles.conf
for dir in $(awk '$3 == "virtiofs" || $3 == "9p" { print $2 }' fstab); do
  if mountpoint -q "$dir"; then say "share $dir" cat "$dir/file"; else say "share $dir" mkdir "$dir/lost"; fi
done
say login runuser -l "$user" -c 'pwd; sudo -n id -un'
say key ssh -i /root/key -o BatchMode=yes -o StrictHostKeyChecking=no -o LogLevel=error "$user@127.0.0.1" id -un
say forwards awk '/^(streamlocalbindunlink|clientaliveinterval|passwordauthentication|permitrootlogin) /' <(/usr/sbin/sshd -T)
cp /etc/fstab.generation /etc/fstab # as the next boot's activation does
