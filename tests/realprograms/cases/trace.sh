# needs: strace gdb gcc
# variants: strace gdb
# fast: strace
# seconds: 60
# Tracers at work on children and threads.
exec 2>&1
cd /tmp || exit
exec bash "/cases/trace-$1"
