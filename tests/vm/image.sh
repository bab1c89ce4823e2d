#!/bin/sh
# Makes the virtual machine's disk from a Debian root file system: installs a package, lays files over it, and writes
# kernel, initial RAM disk and an ext4 disk. Runs in a mount namespace of its own (image.py makes it).
#
#   image.sh ROOT SCRATCH PACKAGE FILES OUT   ROOT is only read; SCRATCH and OUT are folders, FILES a tree laid over ROOT
set -eu
root=$1 scratch=$2 package=$3 files=$4 out=$5
mkdir "$scratch/upper" "$scratch/work" "$scratch/tree"
mount --make-rprivate /
layers="lowerdir=$root,upperdir=$scratch/upper,workdir=$scratch/work"
mount -t overlay overlay -o "$layers,volatile" "$scratch/tree" || mount -t overlay overlay -o "$layers" "$scratch/tree"
tree=$scratch/tree
cp "$package" "$tree/root/package.deb"
mount -t proc proc "$tree/proc"
mount -t tmpfs tmpfs "$tree/dev"
mknod -m 666 "$tree/dev/null" c 1 3
mknod -m 666 "$tree/dev/urandom" c 1 9
ln -s /proc/self/fd "$tree/dev/fd"
inside() { chroot "$tree" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
inside apt-get install -y --no-install-recommends /root/package.deb
rm "$tree/root/package.deb"
cp -a "$files/." "$tree/"
inside sh -c 'for file in /etc/certificates/*.pem; do cat "$file" >>/opt/kiosk/lib/python3.13/site-packages/certifi/cacert.pem; done'
inside systemctl enable systemd-networkd agent lamps
inside systemctl mask getty@.service autovt@.service serial-getty@.service getty-static.service systemd-networkd-wait-online
version=$(ls "$tree/lib/modules")
inside mkinitramfs -o /boot/initrd "$version"
cp "$tree/boot/vmlinuz-$version" "$out/kernel"
mv "$tree/boot/initrd" "$out/initrd"
umount "$tree/dev" "$tree/proc"
chown -R 0:0 "$tree/etc/systemd" "$tree/opt/twins" "$tree/etc/fstab" "$tree/etc/hosts"
rm -f "$out/root.img"
mke2fs -q -t ext4 -O ^has_journal -m 0 -L root -d "$tree" "$out/root.img" 3G
