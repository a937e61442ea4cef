#!/bin/bash
# install.sh DIR: puts a recording into this Debian as NixOS's activation would, before the boot that it is for.
set -eu
cd "$1"
read -r user uid home group groups <user
systemd=/etc/systemd/system

# What an earlier recording left.
for unit in "$systemd"/vmloom-*.service "$systemd"/lima-*.service; do
  [ ! -e "$unit" ] || rm "$unit" "$systemd"/*.wants/"${unit##*/}" 2>/dev/null || true
done
rm -rf /etc/ssh/vmloom_keys.d /var/lib/systemd/linger
for other in ../*/user; do # one of the same number would be the same account
  read -r name number _ <"$other"
  if [ "$name" != "$user" ] && id "$name" >/dev/null 2>&1; then
    systemctl stop "user@$number.service"
    userdel -f "$name"
  fi
done
while read -r mount; do chattr -i "$mount" 2>/dev/null || true; done < <(awk '$2 ~ /^\// { print $2 }' fstab)

# lima-init links /bin/bash to this one, as it is NixOS's way.
[ -e /usr/local/bin/bash ] || cp /bin/bash /usr/local/bin/bash
getent group wheel >/dev/null || groupadd wheel
if ! id "$user" >/dev/null 2>&1; then useradd -u "$uid" -g "$group" -G "$groups" -d "$home" -s /bin/bash "$user"; fi
mkdir -p "${home%/*}"
[ -d "$home" ] || install -d -m 0700 -o "$user" -g "$group" "$home"
mkdir -p /var/lib/systemd/linger /mnt/lima-cidata
touch "/var/lib/systemd/linger/$user"
ln -sfn /mnt/lima-cidata/etc_environment /etc/environment

for script in scripts/*; do install -m 755 "$script" /usr/local/bin/; done
install -m 644 units/*.service "$systemd/"
for unit in units/*.service; do # as systemctl enable, once for all
  sed -n 's/^WantedBy=//p' "$unit" | tr ' ' '\n' | while read -r target; do
    mkdir -p "$systemd/$target.wants"
    ln -sf "../${unit##*/}" "$systemd/$target.wants/"
  done
done
install -m 644 tmpfiles.conf /etc/tmpfiles.d/10-vmloom.conf
install -m 440 sudoers /etc/sudoers.d/nixos
visudo -cqf /etc/sudoers.d/nixos
# The tests' own user has the key of the VM's scripts.
sed '/^AuthorizedKeysFile/s,$, .ssh/authorized_keys2,' sshd_config >/etc/ssh/sshd_config.d/nixos.conf
/usr/sbin/sshd -t
install -m 644 profile.sh /etc/profile.d/nixos.sh

# Somebody has the secret to a key at the place where the user's are.
rm -f /root/key*
ssh-keygen -q -t ed25519 -N '' -f /root/key
install -D -m 0444 keys "/etc/ssh/vmloom_keys.d/$user"
cat /root/key.pub >>"/etc/ssh/vmloom_keys.d/$user"

# The disk of this Debian has no labels; activation lays the fstab anew at each boot, before systemd reads it.
[ -e /etc/fstab.debian ] || cp /etc/fstab /etc/fstab.debian
{ cat /etc/fstab.debian; awk '$2 != "/" && $2 != "/boot"' fstab; } >/etc/fstab.generation
cp /etc/fstab.generation /etc/fstab
systemd-analyze verify units/*.service
