#!/bin/bash
# switch.sh DIR: to a generation that differs from the recording in DIR by a changed unit, a new one, one that vanishes
# and a share that is taken out, as switch-to-configuration-ng of nixpkgs goes about it: what vanished or changed is
# stopped, mounts by the difference of the two fstabs, and after daemon-reload the new things start. Says what came of it.
set -eu
dir=$1 units=/etc/systemd/system next=$(mktemp -d)
mounts() { awk '$5 ~ "^/(home|mnt|srv|Users)" && $5 != "/mnt/work" { print $1, $5 }' /proc/self/mountinfo | sort; }

printf '[Service]\nType=oneshot\nRemainAfterExit=true\nExecStart=true\n[Install]\nWantedBy=multi-user.target\n' >"$units/vmloom-old.service"
systemctl start vmloom-old.service
exec 7>>"$(mounts | awk '$2 ~ "^/(home|srv/home)" { print $2; exit }')/held"
before=$(mounts)
started=$(systemctl show -P ActiveEnterTimestampMonotonic vmloom-mounts.service)
init=$(systemctl show -P ActiveEnterTimestampMonotonic lima-init.service)
now=$(journalctl -n 0 --show-cursor | sed -n 's/^-- cursor: //p')

cp "$dir"/units/*.service "$next"
sed 's/vmloom-old/vmloom-new/' "$units/vmloom-old.service" >"$next/vmloom-new.service"
for unit in vmloom-mounts vmloom-home-disk; do
  [ ! -e "$next/$unit.service" ] || sed -i 's/^Type=/Environment=GENERATION=2\nType=/' "$next/$unit.service"
done
share=$(awk '$3 == "9p" || $3 == "virtiofs" { last = $2 } END { print last }' /etc/fstab.generation)
awk -v share="$share" '$2 != share' /etc/fstab.generation >"$next/fstab"

stop='' start=''
for unit in "$units"/vmloom-*.service "$units"/lima-*.service; do
  name=${unit##*/}
  if [ ! -e "$next/$name" ]; then
    stop="$stop $name"
  elif ! cmp -s "$unit" "$next/$name" && ! grep -q '^X-RestartIfChanged=false' "$next/$name"; then
    stop="$stop $name" start="$start $name"
  fi
done
while read -r device point kind options _; do
  case $device in '' | \#*) continue ;; esac
  [ "$point" != / ] || continue
  line=$(awk -v point="$point" '$2 == point { print $1, $3, $4 }' "$next/fstab")
  unit=$(systemd-escape -p --suffix=mount "$point")
  case $line in
  '') stop="$stop $unit" ;;
  "$device $kind $options") ;;
  "$device $kind "*) echo "remounted: $point" ;;
  *) stop="$stop $unit" start="$start $unit" ;;
  esac
done </etc/fstab
# shellcheck disable=SC2086
systemctl stop $stop
rm "$units/vmloom-old.service"
install -m 644 "$next"/*.service "$units/"
cp "$next/fstab" /etc/fstab
systemctl daemon-reload
# shellcheck disable=SC2086
systemctl start $start vmloom-new.service local-fs.target

echo "stopped:$stop"
echo "other mounts: $(diff <(echo "$before") <(mounts) | sed -n 's/^[<>] [0-9]* //p' | paste -sd ' ')"
echo "an open file: $(echo still >&7 && echo written)"
echo "of units: $(systemctl is-active vmloom-new.service vmloom-old.service vmloom-mounts.service lima-init.service | paste -sd ' ')"
[ "$started" != "$(systemctl show -P ActiveEnterTimestampMonotonic vmloom-mounts.service)" ] || echo 'vmloom-mounts.service: not started again'
[ "$init" = "$(systemctl show -P ActiveEnterTimestampMonotonic lima-init.service)" ] || echo 'lima-init.service: started again'
echo "of systemd: $(journalctl --after-cursor="$now" -o cat | grep -i 'ordering cycle\|duplicate entry\|fstab-generator.*fail' | paste -sd ' ')"
cp /etc/fstab.generation /etc/fstab
