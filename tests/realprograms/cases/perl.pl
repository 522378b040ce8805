use strict;
use warnings;
use Test::More;
use POSIX qw(:sys_wait_h :signal_h :errno_h :fcntl_h);
use Fcntl qw(:flock :seek);
use File::Temp qw(tempdir);
use File::Find;
use File::Copy;
use IO::Handle;
use IO::Select;
use IO::Socket::UNIX;
use IPC::Open3;
use IPC::SysV qw(IPC_PRIVATE IPC_CREAT IPC_RMID S_IRUSR S_IWUSR SETVAL GETVAL);
use Socket;
use Time::HiRes qw(time sleep alarm setitimer ITIMER_REAL ITIMER_VIRTUAL ualarm);
use threads;
use threads::shared;
use Thread::Queue;

my $d = tempdir(CLEANUP => 1);

# Processes
for my $n (0, 1, 77, 255) {
    my $pid = fork // die;
    exit $n unless $pid;
    waitpid $pid, 0;
    is $? >> 8, $n, "exit $n";
}
for my $s (9, 15, 11, 10) {
    my $pid = fork // die;
    if (!$pid) { sleep 5; exit 0 }
    kill $s, $pid;
    waitpid $pid, 0;
    is $? & 127, $s, "signal $s";
}
is `echo out; exit 3`, "out\n", "backticks";
is $? >> 8, 3, "their exit code";
is system("true"), 0, "system";
is system("/nowhere/program"), -1, "system of nothing";
is $! + 0, ENOENT, "ENOENT";
my %kids = map { my $p = fork // die; $p or do { sleep 0.05; _exit(0) }; $p => 1 } 1 .. 30;
while ((my $p = wait) > 0) { delete $kids{$p} }
is scalar(keys %kids), 0, "30 children are waited for";
is $! + 0, ECHILD, "then ECHILD";
is waitpid(-1, WNOHANG), -1, "waitpid";

# Pipes
{
    open my $p, '-|', 'seq', '1000' or die;
    my $sum = 0;
    $sum += $_ while <$p>;
    close $p;
    is $sum, 500500, "pipe from";
    open $p, '|-', "cat > $d/out" or die;
    print $p "line $_\n" for 1 .. 10000;
    close $p;
    is -s "$d/out", 108894, "pipe to";
    my $pid = open3(my $in, my $out, undef, 'sort', '-n');
    print $in "$_\n" for reverse 1 .. 5000;
    close $in;
    my @l = <$out>;
    waitpid $pid, 0;
    is scalar(@l), 5000, "open3";
    is $l[0], "1\n", "sorted";
    pipe my $r, my $w;
    close $r;
    local $SIG{PIPE} = sub { pass "SIGPIPE" };
    syswrite $w, "x";
    is $! + 0, EPIPE, "EPIPE";
}

# Signals
{
    my $got = '';
    local $SIG{USR1} = sub { $got .= 'u' };
    local $SIG{ALRM} = sub { $got .= 'a' };
    kill USR1 => $$;
    is $got, 'u', "handler";
    alarm 0.05;
    is select(undef, undef, undef, 2), -1, "select is interrupted";
    is $got, 'ua', "alarm";
    my $set = POSIX::SigSet->new(SIGUSR1);
    sigprocmask(SIG_BLOCK, $set);
    kill USR1 => $$;
    is $got, 'ua', "blocked";
    my $pending = POSIX::SigSet->new;
    sigpending($pending);
    ok $pending->ismember(SIGUSR1), "pending";
    sigprocmask(SIG_UNBLOCK, $set);
    is $got, 'uau', "unblocked";
    my $died = eval { local $SIG{ALRM} = sub { die "timeout\n" }; alarm 0.1; sleep 5; 1 } // $@;
    is $died, "timeout\n", "die in a handler";
    my $virtual = 0;
    local $SIG{VTALRM} = sub { $virtual++ };
    setitimer(ITIMER_VIRTUAL, 0.02);
    my $end = time + 5;
    1 while !$virtual && time < $end;
    is $virtual, 1, "virtual timer";
    my $kids = 0;
    local $SIG{CHLD} = sub { $kids++ while waitpid(-1, WNOHANG) > 0 };
    for (1 .. 10) { fork or _exit(0) }
    $end = time + 5;
    sleep 0.05 while $kids < 10 && time < $end;
    is $kids, 10, "SIGCHLD";
}

# Threads
{
    my $n : shared = 0;
    my @t = map { threads->create(sub { for (1 .. 200) { lock $n; $n++ } $_[0] * 2 }, $_) } 1 .. 8;
    my @r = map { $_->join } @t;
    is $n, 1600, "locks of threads";
    is "@r", "2 4 6 8 10 12 14 16", "results of threads";
    my $q = Thread::Queue->new;
    my $t = threads->create(sub { my $s = 0; while (defined(my $x = $q->dequeue)) { $s += $x } $s });
    $q->enqueue($_) for 1 .. 100;
    $q->end;
    is $t->join, 5050, "queue of threads";
}

# System V IPC
{
    my $id = shmget IPC_PRIVATE, 4096, S_IRUSR | S_IWUSR;
    ok defined $id, "shmget";
    if (!fork) { shmwrite $id, "from a child", 0, 12; _exit(0) }
    wait;
    shmread $id, my $text, 0, 12;
    is $text, "from a child", "shared memory";
    ok shmctl($id, IPC_RMID, 0), "shmctl";
    my $q = msgget IPC_PRIVATE, S_IRUSR | S_IWUSR;
    if (!fork) { msgsnd $q, pack("l! a*", $_, "message $_"), 0 for 3, 1, 2; _exit(0) }
    wait;
    msgrcv $q, my $m, 60, 2, 0;
    is unpack("x[l!] a*", $m), "message 2", "message of a type";
    msgrcv $q, $m, 60, 0, 0;
    is unpack("x[l!] a*", $m), "message 3", "first message";
    ok msgctl($q, IPC_RMID, 0), "msgctl";
    my $s = semget IPC_PRIVATE, 1, S_IRUSR | S_IWUSR;
    semctl $s, 0, SETVAL, 0;
    if (!fork) { sleep 0.1; semop $s, pack("s!3", 0, 2, 0); _exit(0) }
    ok semop($s, pack("s!3", 0, -1, 0)), "semop waits";
    wait;
    is semctl($s, 0, GETVAL, 0), 1, "semaphore";
    ok semctl($s, 0, IPC_RMID, 0), "semctl";
}

# Sockets
{
    socketpair my $a, my $b, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die;
    if (!fork) { close $a; my $l = <$b>; $b->autoflush; print $b uc $l; _exit(0) }
    close $b;
    $a->autoflush;
    print $a "hello\n";
    is scalar(<$a>), "HELLO\n", "socketpair";
    wait;
    my $l = IO::Socket::UNIX->new(Local => "$d/sock", Listen => 5) or die;
    my @k = map { fork || do {
        my $c = IO::Socket::UNIX->new(Peer => "$d/sock");
        print $c "child $_\n"; my $x = <$c>; _exit($x eq "ok $_\n" ? 0 : 1) } } 1 .. 5;
    my $sel = IO::Select->new($l);
    my ($served, $bad) = (0, 0);
    while ($served < 5) {
        for my $h ($sel->can_read(5)) {
            if ($h == $l) { $sel->add($l->accept) }
            else { my $x = <$h>; $x =~ /(\d+)/; print $h "ok $1\n"; $h->flush; $sel->remove($h); close $h; $served++ }
        }
    }
    for (@k) { waitpid $_, 0; $bad++ if $? }
    is $bad, 0, "five clients of a Unix socket";
    socket my $g, AF_UNIX, SOCK_DGRAM, 0;
    bind $g, pack_sockaddr_un("$d/dgram");
    socket my $h, AF_UNIX, SOCK_DGRAM, 0;
    send $h, "datagram", 0, pack_sockaddr_un("$d/dgram");
    recv $g, my $x, 100, 0;
    is $x, "datagram", "datagram";
}

# Files
{
    open my $f, '+>', "$d/file" or die;
    print $f "0123456789" x 1000;
    $f->flush;
    seek $f, -5, SEEK_END;
    read $f, my $x, 10;
    is $x, "56789", "seek and read";
    truncate $f, 7;
    is -s "$d/file", 7, "truncate";
    ok flock($f, LOCK_EX), "flock";
    my $k = fork;
    if (!$k) { open my $o, '<', "$d/file"; _exit(flock($o, LOCK_EX | LOCK_NB) ? 0 : $! + 0) }
    waitpid $k, 0;
    is $? >> 8, EWOULDBLOCK, "flock by another";
    my $lock = pack 's s l! l! i', F_WRLCK, SEEK_SET, 0, 5, 0;
    ok fcntl($f, F_SETLK, $lock), "fcntl lock";
    $k = fork;
    if (!$k) { open my $o, '+<', "$d/file"; my $l = pack 's s l! l! i', F_WRLCK, SEEK_SET, 3, 5, 0; fcntl($o, F_GETLK, $l);
        _exit((unpack 's s l! l! i', $l)[4] == getppid() ? 0 : 1) }
    waitpid $k, 0;
    is $?, 0, "F_GETLK names the owner";
    mkdir "$d/$_" for 'a' .. 'e';
    for my $n (1 .. 50) { open my $o, '>', "$d/a/$n"; print $o $n }
    my $n = 0;
    find(sub { $n++ if -f }, "$d/a");
    is $n, 50, "find";
    copy "$d/out", "$d/copy";
    is -s "$d/copy", 108894, "copy";
    move "$d/copy", "$d/a/moved";
    ok !-e "$d/copy" && -e "$d/a/moved", "move";
    symlink "a/moved", "$d/link";
    is readlink("$d/link"), "a/moved", "symlink";
    link "$d/out", "$d/hard";
    is((stat "$d/out")[3], 2, "link");
    chmod 0600, "$d/out";
    is((stat "$d/hard")[2] & 07777, 0600, "chmod");
    utime 1000000000, 1100000000, "$d/out";
    is join(' ', (stat "$d/out")[8, 9]), "1000000000 1100000000", "utime";
    opendir my $dir, "$d/a";
    is scalar(grep { !/^\./ } readdir $dir), 51, "readdir";
    ok !rmdir("$d/a"), "rmdir of what is not empty";
    is $! + 0, ENOTEMPTY, "ENOTEMPTY";
    unlink glob "$d/a/*";
    ok rmdir("$d/a"), "rmdir";
    chdir $d;
    is POSIX::getcwd(), $d, "getcwd";
    chdir '/';
    open my $null, '>', '/dev/full';
    $null->autoflush;
    ok !(print $null "x"), "/dev/full";
    is $! + 0, ENOSPC, "ENOSPC";
    is sprintf('%o', umask 027), '22', "umask";
    mkfifo("$d/fifo", 0600);
    if (!fork) { open my $o, '>', "$d/fifo"; print $o "through\n"; close $o; _exit(0) }
    open my $o, '<', "$d/fifo";
    is scalar(<$o>), "through\n", "fifo";
    wait;
}

# The system
is((uname())[0], 'Linux', "uname");
is((getpwuid 0)[0], 'root', "getpwuid");
is getpgrp, POSIX::getpgrp(), "getpgrp";
my ($user, $sys, $cu, $cs) = times;
ok $user >= 0 && $cu >= 0, "times";
is nice(1), "0 but true" , "nice" if 0;
is ttyname(0) // 'none', 'none', "ttyname";
ok sysconf(_SC_OPEN_MAX) >= 1024, "sysconf";
is setsid() < 0 ? 1 : 0, 0, "setsid" if 0;
$0 = "another name";
open my $c, '<', '/proc/self/cmdline';
is substr(<$c>, 0, 12), 'another name', "the command line changes";
{
    my $k = fork;
    if (!$k) { $) = "100 100 200"; $( = 100; $> = 1000; _exit(join(' ', $>, $)) eq '1000 100 100 200' ? 0 : 1) }
    waitpid $k, 0;
    is $?, 0, "credentials";
}
done_testing;
