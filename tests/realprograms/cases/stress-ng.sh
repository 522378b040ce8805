# needs: stress-ng
# variants: cpu memory interrupt vm scheduler os
# fast: fast
# seconds: 7200
# Each stressor of a class for STRESS_SECONDS, checking itself: a line with its exit code (0 all right, 2 wrong results, 3 no
# resources, 4 not there) and whether it did anything. Its messages go to standard error.
mkdir -p /tmp/stress && cd /tmp/stress || exit
if [ "$1" = fast ]; then
    list="context matrix membarrier malloc mremap shm-sysv sigq sigsegv itimer futex fork pthread pipe eventfd"
elif [ -n "${1#*:}" ] && [ "${1#*:}" != "$1" ]; then
    list=${1#*:}
else
    list=$(stress-ng --class "$1?" | sed 's/.*: //')
fi
for s in $list; do
    # These shut down, reset or take down what is not theirs when they are root, natively too.
    case $s in reboot | sysinval | cpu-online | memhotplug | swap | pageswap | smi | watchdog | klog | quota | kvm | module | binderfs | softlockup | oom-pipe | bigheap | resources) continue ;; esac
    timeout -k 5 $((STRESS_SECONDS + 40)) stress-ng --temp-path /tmp/stress --"$s" 1 --timeout "$STRESS_SECONDS" --verify --metrics-brief --oomable > /tmp/out 2>&1
    code=$?
    ops=$(sed -n "s/.*metrc: *\[[0-9]*\] $s  *\([0-9]*\) .*/\1/p" /tmp/out)
    echo "$s $code $([ "${ops:-0}" = 0 ] && echo nothing || echo done)"
    { [ $code = 0 ] && [ "${ops:-0}" != 0 ]; } || { echo "== $s: $code" && grep -v -E 'setting to|dispatching|metrc' /tmp/out; } >&2
    rm -rf /tmp/stress/*
done
