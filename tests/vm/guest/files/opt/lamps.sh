# Below a device that the booth does not use, because nothing can make a folder in /sys.
set -eu
place=/sys/devices/platform/pcspkr
mount -t tmpfs -o mode=755 tmpfs "$place"
chip=$place/1f00098000.pwm/pwm/pwmchip0
mkdir -p "$chip"
ln -s ../../../1f00098000.pwm "$chip/device"
mount -t tmpfs -o mode=755 tmpfs /sys/class/pwm
ln -s "$chip" /sys/class/pwm/pwmchip0
for channel in 0 1; do
    mkdir "$chip/pwm$channel"
    for file in period duty_cycle enable; do echo 0 >"$chip/pwm$channel/$file"; done
done
touch "$chip/export" "$chip/unexport"
chgrp -R gpio "$chip"
chmod -R g=u "$chip"
