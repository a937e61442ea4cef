# Takes out of a guest what no two machines may share, and the account that Lima made
# in it: the next instance's cloud-init makes that again, in the home which is mounted
# there. As root in the guest: $1 is the account, $2 its home.
set -eu

cloud-init clean --logs
rm -f /etc/netplan/50-cloud-init.yaml /etc/systemd/network/10-cloud-init-* /etc/network/interfaces.d/50-cloud-init* /etc/NetworkManager/system-connections/cloud-init-*
# Empty: "uninitialized" would make of the next boot a first one, which resets what is enabled.
: >/etc/machine-id
[ -L /var/lib/dbus/machine-id ] || rm -f /var/lib/dbus/machine-id
rm -f /etc/ssh/ssh_host_* /root/.ssh/authorized_keys
systemctl stop systemd-random-seed.service || :
rm -f /var/lib/systemd/random-seed /var/lib/systemd/credential.secret

! command -v apt-get >/dev/null || apt-get clean || :
! command -v dnf >/dev/null || dnf clean all || :
rm -rf /var/lib/apt/lists/* /var/lib/dhcp/* /var/tmp/* /tmp/.[!.]* /tmp/*
journalctl --relinquish-var >/dev/null 2>&1 || :
rm -rf /var/log/journal/*
find /var/log -type f -exec truncate -s 0 {} +

rm -f "/var/lib/systemd/linger/$1" /etc/sudoers.d/90-cloud-init-users
userdel -f "$1" 2>/dev/null || ! id "$1" >/dev/null 2>&1
rm -rf "$2"
find "${2%/*}" -maxdepth 1 -type l -lname "${2##*/}" -delete # Lima's other name of the home

fstrim / 2>/dev/null || :
sync
