# needs: busybox
# fast: -
# Applets and the shell of busybox.
exec 2>&1
b=$(command -v busybox)
cd /tmp || exit
mkdir -p bb && "$b" --install -s bb && PATH=$PWD/bb
mkdir w && cd w || exit
exec busybox ash /cases/busybox-inner
