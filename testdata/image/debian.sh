#!/bin/sh
# Makes OUT, a small Debian that boots from its own disk by BIOS: what the tests hand to the
# generated scripts as IMAGE. It knows no profile; its one hook is vmloom.service, which the
# generated guides show. Needs root, Debian's mmdebstrap, e2fsprogs, fdisk, syslinux, mtools,
# dosfstools and qemu-utils; no loop device.
set -eu
out=$1 here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
work=$(mktemp -d "$out.XXXXXX")
trap 'rm -rf "$work"' EXIT
root=$work/root disk=$work/disk
PATH=$PATH:/usr/sbin:/sbin

# Most of Debian's kernel is modules that no VM needs: they are not even unpacked.
set -- --dpkgopt='path-exclude=/lib/modules/*/kernel/*'
for keep in fs/9p fs/isofs drivers/cdrom fs/netfs fs/fscache net/9p fs/ext4 fs/jbd2 fs/mbcache lib/crc lib/libcrc crypto/crc arch/x86/crypto/crc \
  drivers/virtio drivers/block/virtio drivers/net/virtio drivers/net/net_failover net/core/failover drivers/char/virtio; do
  set -- "$@" --dpkgopt="path-include=/lib/modules/*/kernel/$keep*"
done
for waste in man doc locale i18n info; do
  set -- "$@" --dpkgopt="path-exclude=/usr/share/$waste/*"
done
mmdebstrap --quiet --mode=root --variant=minbase \
  --include=systemd-sysv,dbus,udev,kmod,linux-image-amd64,tiny-initramfs,openssh-server,sudo,qemu-guest-agent,fdisk,cloud-guest-utils,gawk,libpam-systemd,ca-certificates,gpg-agent \
  --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' --aptopt='Acquire::Retries "5"' "$@" \
  --customize-hook="cp '$here/vmloom.service' \"\$1/etc/systemd/system/\"" \
  bookworm "$root"

echo '/dev/vda2 / ext4 rw,noatime 0 0' >"$root/etc/fstab"
echo image >"$root/etc/hostname"
echo '127.0.0.1 localhost image' >"$root/etc/hosts"
printf '[Match]\nName=e*\n[Network]\nDHCP=ipv4\n' >"$root/etc/systemd/network/e.network"
printf '%s\n' virtio_net virtio_console 9p 9pnet_virtio >"$root/etc/modules-load.d/vm.conf"
# Each system made of the image gets keys and an identity of its own.
rm -f "$root"/etc/ssh/ssh_host_* "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*_*
: >"$root/etc/machine-id"
mkdir -p "$root/etc/systemd/system/ssh.service.d"
printf '[Service]\nExecStartPre=\nExecStartPre=/usr/bin/ssh-keygen -A\nExecStartPre=/usr/sbin/sshd -t\n' >"$root/etc/systemd/system/ssh.service.d/keys.conf"
for unit in systemd-networkd vmloom serial-getty@ttyS0; do chroot "$root" systemctl --quiet enable "$unit"; done
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer; do
  chroot "$root" systemctl --quiet mask "$unit"
done

# A boot partition with syslinux, and the system's own.
cp "$root"/boot/vmlinuz-* "$work/vmlinuz"
chroot "$root" mktirfs --microcode=no --auto-modules=no --include-modules=virtio_pci,virtio_blk,crc32c_generic,ext4 -o /initrd "$(basename "$root"/lib/modules/*)"
mv "$root/initrd" "$work/initrd"
printf 'DEFAULT linux\nLABEL linux\nKERNEL vmlinuz\nINITRD initrd\nAPPEND root=/dev/vda2 ro quiet console=ttyS0 net.ifnames=0 mitigations=off\n' >"$work/syslinux.cfg"
rm -rf "$root"/boot/*
truncate -s 1G "$disk"
printf 'start=2048,size=65536,type=c,bootable\nstart=67584,type=83\n' | sfdisk --quiet "$disk"
mkfs.vfat -C -F 16 -h 2048 "$work/boot" 32768 >/dev/null
for file in vmlinuz initrd syslinux.cfg; do mcopy -i "$work/boot" "$work/$file" "::$file"; done
syslinux --install "$work/boot"
dd if="$work/boot" of="$disk" bs=1M seek=1 conv=notrunc 2>/dev/null
dd if=/usr/lib/syslinux/mbr/mbr.bin of="$disk" conv=notrunc 2>/dev/null
mke2fs -q -t ext4 -d "$root" -E offset=34603008,lazy_itable_init=1 "$disk" 983040k
qemu-img convert -O qcow2 "$disk" "$work/image"
mv "$work/image" "$out"
