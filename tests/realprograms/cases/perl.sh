# needs: perl
# fast: -
# Processes, pipes, signals, threads, System V IPC, locks and files from Perl.
exec 2>&1
cd /tmp || exit
exec perl /cases/perl.pl
