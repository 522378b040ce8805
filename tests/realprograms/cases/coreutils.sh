# needs: bash
# fast: -
# What coreutils do with files, modes, times, links, users, processes and text.
exec 2>&1
umask 022
mkdir /tmp/c && cd /tmp/c || exit
seq 50000 > n
for s in md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum cksum sum; do $s n; done
md5sum n > sums && md5sum -c sums
sort -S 1M --parallel=2 -rn n | head -n 2; sort -R n | sort -n | cmp - n && echo sorted; shuf -i 1-100 | sort -n | tail -n 1
sort -t 5 -k 2 n | tail -n 2; sort -u n n | wc -l; tsort <<< 'a b b c'; join n n | tail -n 1; comm -3 n <(head n) | wc -l
split -b 30000 n part. && cat part.* | cmp - n && echo split; csplit -s n 100 200 && wc -l xx0*; rm part.* xx0*
cp n m && cp -a n a && cp --reflink=auto n r && cp --sparse=always n s && cmp n m && cmp n r && cmp n s && echo copies
ln n hard; ln -s n soft; ln -sr /etc/passwd rel; readlink soft rel; stat -c '%n %s %h %F %a %U %G' n hard soft
mv m moved; mv -n moved n; ls moved; mv -T moved m2 && ls m2; mv --backup=numbered a m2; ls m2*
mkdir -p d/e/f && cp -r d d2 && cp -rl d d3 && find d2 d3 | sort; rmdir -p d/e/f; rmdir d2; echo $?; rm -r d2 d3; rm n n2; echo $?; seq 50000 > n
touch -d '2001-02-03 04:05:06.789' n; stat -c '%y %Y' n; touch -r n t; stat -c %y t; touch -a -t 199901010000 n; stat -c %x n; date -r t
cp -p n p; stat -c '%y %a' p; chmod u=rwxs,g=rx,o= p; stat -c '%a %A' p; chmod +t p; stat -c %A p; chmod 000 p; cat p > /dev/null && echo root reads
chown 1:2 p; stat -c %u:%g p; chown daemon p; stat -c %U p; chgrp users p; stat -c %G p; install -m 640 -o 3 -g 4 n i; stat -c '%a %u %g' i
mkdir -m 1777 sticky; mkdir -m 2755 sgid; touch sgid/x; stat -c '%a %n' sticky sgid
truncate -s 1M sparse; stat -c '%s %b' sparse; du -k --apparent-size sparse | cut -f 1; fallocate -l 64K fa; stat -c %s fa; truncate -s -1K fa; stat -c %s fa
dd if=n of=o bs=1000 count=5 skip=2 seek=3 conv=notrunc status=none; stat -c %s o; dd if=/dev/zero bs=1M count=20 status=none | wc -c; od -A d -t x1z n | head -n 2
mkfifo f; (cat n > f &) ; wc -l < f; mknod z c 1 5; head -c 4 z | od -t u1; stat -c '%F %t %T' z; ls -l z | cut -c 1
test -p f && test -c z && test -L soft && test -k sticky && test -g sgid && test n -ef n && test n -ot o && echo tests
ls -1; ls -la --time-style=+%Y | awk '{ print $1, $2, $3, $4 }' | sort | uniq -c; ls -lhS | awk '{ print $5, $7 }' | head; ls -i n | awk '{ print NF }'; ls --color=always -d sticky | od -c | head -n 2
realpath soft; readlink -f /proc/self/cwd; realpath --relative-to=/usr/bin /tmp/c; basename -s .c a.c; dirname /a/b/c; pathchk -p 'a b' ; pwd -P; mktemp -u XXX | wc -c
id; id -nG; groups; whoami; id daemon; logname; echo $?; nproc > /dev/null; uname -s -m -o; hostid > /dev/null; arch; tty; echo $?; users; who; stdbuf -oL echo buffered
date -u -d '2024-02-29 +1 year' +%F; date -u -d @0 +%c; TZ=America/New_York date -d @1700000000; date +%N | wc -c; sleep 0.1s 0.1s
env -i A=1 /usr/bin/env; env -u HOME printenv HOME; echo $?; env -C / pwd; printenv LC_ALL; nice -n 3 nice; nice -n -5 nice; nohup true; echo $?
timeout 0.2 sleep 3; echo $?; timeout -s INT 0.2 sleep 3; echo $?; timeout --preserve-status 0.2 sleep 3; echo $?; timeout 3 sh -c 'exit 9'; echo $?; timeout -k 0.1 0.1 sh -c 'trap "" TERM; sleep 2; sleep 2'; echo $?; kill -l | head -n 3; kill -l 9
chroot / id -u; chroot --userspec=1:1 / id -u; chroot /nowhere; echo $?
expr 7 \* 6; expr abcdef : '.*\(c.e\)'; factor 12345678901234567; seq -w 8 2 12; numfmt --to=iec 1234567; printf '%q %5.2f %x %b\n' 'a b' 3.14159 255 'a\tb'; echo -e '\x41\u00e4'; yes y | head -n 3; true; echo $?; false; echo $?
tac n | head -n 1; rev <<< abc; nl n | tail -n 1; fmt -w 20 <<< 'a few words that are to be filled into lines'; fold -w 7 <<< abcdefghijklm; pr -l 12 -h head -n n | head -n 8 | tail -n 2; expand <<< $'a\tb'; unexpand -a <<< 'a               b'; paste -s -d, <<< $'1\n2\n3'; column -t <<< 'a b c' || true
cut -d, -f 2 <<< a,b,c; tr a-z A-Z <<< abc; tr -d b <<< abc; tr -s a <<< aaab; wc n; wc -L n; head -c 5 n; head -n -49998 n; tail -c 6 n; tail -n +49999 n; uniq -c <<< $'a\na\nb'; base64 <<< hello; base32 <<< hello; basenc --z85 <<< 'hel' ; ptx <<< 'b a' | head -n 1; shred -u -n 1 o; ls o
(echo one; sleep 0.5; echo two; sleep 0.5) > grow & tail -n +1 -f --pid=$! -s 0.1 grow; tee t1 t2 < n | tail -n 1; cmp t1 t2 && echo teed; sync; sync -f n; sync n; echo $?
df --output=target /proc; df -P / | wc -l; stat -f -c %T /proc /tmp /sys; du -s /proc/self/fd > /dev/null; echo $?; link n linked; unlink linked; ls linked; dircolors | head -n 1 | wc -l; runcon true; chcon x n; echo $?
cat /proc/self/status | grep -E '^(Name|State|Uid|Gid|Threads|SigBlk|Cap...|NoNewPrivs|Seccomp):'; head -n 1 /proc/self/limits; wc -l < /proc/self/limits; cat /proc/sys/kernel/ostype; cat /dev/null; head -c 10 /dev/zero | wc -c; echo x > /dev/full; echo $?
cat < /nowhere; ls /nowhere; echo $?; cp n /proc/version; rm -rf /proc/self 2> /dev/null; echo $?; mkdir n; mkdir /proc/x; touch /sys/x; ln n /proc/n; echo $?; rm -f /tmp; cd ..; rm -r c; ls c; echo $?
