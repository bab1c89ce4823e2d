#!/bin/sh
# Becomes systemd as process 1 of a machine made of namespaces. Runs in new mount, process, network, IPC, host name and
# control-group namespaces (machine.py makes them); nothing that is mounted here is seen outside.
#
#   init.sh ROOT SCRATCH   ROOT: a Debian system, only read. SCRATCH: an empty folder; what the machine changes is there
set -eu
root=$1 scratch=$2
mkdir "$scratch/upper" "$scratch/work" "$scratch/machine" "$scratch/state" "$scratch/class"
mount --make-rprivate /
# volatile: nothing that is thrown away at the end is synced to the disk. Kept photos are not on the overlay, see below.
layers="lowerdir=$root,upperdir=$scratch/upper,workdir=$scratch/work"
mount -t overlay overlay -o "$layers,volatile" "$scratch/machine" ||
    mount -t overlay overlay -o "$layers" "$scratch/machine"
cd "$scratch/machine"

mount -t proc proc proc
# The kernel is the host's: its switches are only read here, but for those of the machine's own network.
mount --bind proc/sys proc/sys
mount --bind proc/sys/net proc/sys/net
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=755 tmpfs dev
for node in null zero full random urandom tty; do
    mknod -m 666 "dev/$node" c "$(stat -c 0x%t "/dev/$node")" "$(stat -c 0x%T "/dev/$node")"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
# Kept photos want a real file system under them, not an overlay.
mkdir -p var/lib/kiosk
mount --bind "$scratch/state" var/lib/kiosk

# The lamps' PWM chip of a Raspberry Pi 5, as files: this machine has none.
cp -a sys/class/. "$scratch/class/" 2>/dev/null || true
mount --bind "$scratch/class" sys/class
mount -t tmpfs -o mode=755 tmpfs sys/devices/platform
chip=sys/devices/platform/1f00098000.pwm/pwm/pwmchip0
mkdir -p "$chip" sys/class/pwm
ln -s ../../../1f00098000.pwm "$chip/device"
ln -s ../../devices/platform/1f00098000.pwm/pwm/pwmchip0 sys/class/pwm/pwmchip0
for channel in 0 1; do
    mkdir "$chip/pwm$channel"
    for file in period duty_cycle enable; do echo 0 >"$chip/pwm$channel/$file"; done
done
touch "$chip/export" "$chip/unexport"
chmod -R g=u "$chip"

mkdir -p mnt
pivot_root . mnt
exec chroot . /bin/sh -c 'umount -l /mnt && exec env -i container=booth-test PATH=/usr/sbin:/usr/bin \
    /usr/lib/systemd/systemd --system --log-target=journal'
