# needs: python3 /usr/lib/python3.11/test/test_os.py
# variants: test_os test_posix test_subprocess test_signal test_threading test_mmap test_fcntl test_select test_epoll test_time
# variants: test_tempfile test_shutil test_multiprocessing_fork test_poll test_selectors test_thread test_threadsignals
# variants: test_wait3 test_wait4 test_fork1 test_popen test_pty test_resource test_ioctl test_posixpath test_glob test_stat
# variants: test_file test_io test_fileio test_largefile test_socket test_asyncio test_multiprocessing_spawn
# variants: test_concurrent_futures test_queue test_faulthandler test_pathlib test_tarfile test_zipfile test_gzip test_sqlite3
# variants: test_ssl test_openpty test_tracemalloc test_gc test_cmd_line test_unicode_file test_dbm test_eintr test_pwd test_grp
# variants: test_devpoll test_kqueue test_shelve test_filecmp test_compileall test_py_compile test_venv test_ctypes
# variants: test_multiprocessing_forkserver test_sched test_syslog test_termios test_tty test_uuid test_random test_mailbox
# fast: test_posix test_fcntl test_mmap test_epoll test_tempfile
# seconds: 400
# Python's own regression tests, one line for each test.
cd /tmp || exit
export PYTHONDONTWRITEBYTECODE=1 PYTHONHASHSEED=1
timeout -k 5 380 python3 -m test --timeout 240 --junit-xml /tmp/junit.xml -v "$1" > /tmp/out 2>&1
code=$?
if [ -s /tmp/junit.xml ]; then
    python3 /cases/junit.py /tmp/junit.xml
else # it did not come to its end
    grep -E '^test_.* \.\.\. (ok|skipped .*|FAIL|ERROR)$' /tmp/out | sort
    tail -n 40 /tmp/out >&2
fi
# Tests that fail say why on standard error.
grep -E -A 25 '^(ERROR|FAIL|Fatal|Timeout)' /tmp/out | head -n 400 >&2
case $code in 0 | 1 | 2 | 3) ;; *) exit "$code" ;; esac
