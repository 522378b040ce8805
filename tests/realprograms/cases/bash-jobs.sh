# needs: bash
# fast: -
# Job control of a shell without a terminal (set -m), and traps.
set -m
exec 2>&1
sleep 30 &
jobs
kill -STOP %1
while [ "$(jobs -s | wc -l)" = 0 ]; do sleep 0.05; done
jobs
bg %1 > /dev/null
jobs -r | wc -l
kill %1
wait %1
echo "wait: $?"
(exit 7) &
wait $!
echo "wait: $?"
sleep 0.1 | (sleep 0.2; exit 3) | cat &
wait
echo "pipe: ${PIPESTATUS[*]}"
false | true | (exit 5)
echo "pipe: ${PIPESTATUS[*]}"
for i in 1 2 3; do sleep 0.$i & done
wait -n; echo "one: $?"
wait; echo "all: $?"
trap 'echo USR1' USR1
trap 'echo EXIT' EXIT
trap 'echo CHLD > /dev/null' CHLD
kill -USR1 $$
sleep 1 & pid=$!
kill -USR1 $$
kill -9 $pid
wait $pid
echo "killed: $?"
bash -c 'kill -SEGV $$'; echo "segv: $?"
bash -c 'ulimit -c; kill -ABRT $$'; echo "abort: $?"
timeout 0.2 sleep 5; echo "timeout: $?"
timeout -s KILL 0.2 sleep 5; echo "timeout: $?"
coproc { while read -r x; do echo "got $x"; done; }
echo a >&"${COPROC[1]}"; read -r l <&"${COPROC[0]}"; echo "$l"
echo b >&"${COPROC[1]}"; read -r l <&"${COPROC[0]}"; echo "$l"
eval "exec ${COPROC[1]}>&-"
wait; echo "coproc: $?"
cat <(echo one) <(echo two) > >(cat); sleep 0.1
diff <(seq 5) <(seq 6)
read -r -t 0.1 x < <(sleep 1); echo "read: $?"
( trap 'echo term; exit 4' TERM; kill -TERM $BASHPID; sleep 5 ); echo "sub: $?"
ulimit -n; ulimit -u > /dev/null; ulimit -Sn 64; ulimit -n
(ulimit -t 1; while :; do :; done); echo "cpu limit: $?"
(ulimit -f 1; dd if=/dev/zero of=/tmp/big bs=1024 count=10 status=none); echo "size limit: $?"
x=$(printf '%s\n' {1..1000} | while read -r i; do echo $((i * i)); done | sort -n | tail -n 1); echo "$x"
for i in $(seq 50); do echo "$i" | cat | cat > /dev/null || echo broken; done
disown -a; suspend 2>&1 | sed 's/.*: //'
