#!/usr/bin/env python3
"""What a container manager does with a terminal: takes the master that runsc sends, types, and reaps the process.

    terminal.py DIRECTORY KEYS -- RUNSC-COMMAND-UP-TO-THE-FLAGS... -- REST-OF-IT...

Runs the first part with --console-socket and --pid-file and then the second, sets the window to 33 rows and 77 columns,
types KEYS (a line at a time, when the one before was answered) and prints what came back, and how the process in the pid
file ended. With START=COMMAND in the environment that is run before typing.
"""
import array, ctypes, fcntl, os, select, socket, struct, subprocess, sys, termios, time

PR_SET_CHILD_SUBREAPER = 36
directory, keys = sys.argv[1:3]
middle = sys.argv.index("--", 4)
console, pid_file = directory + "/console", directory + "/terminal.pid"
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
listener = socket.socket(socket.AF_UNIX)
listener.bind(console)
listener.listen(1)
flags = ["--console-socket", console, "--pid-file", pid_file]
command = subprocess.Popen(sys.argv[4:middle] + flags + sys.argv[middle + 1:])
listener.settimeout(60)
connection, _ = listener.accept()
name, ancillary, _, _ = connection.recvmsg(100, socket.CMSG_SPACE(4))
master = array.array("i")
master.frombytes(ancillary[0][2])
master = master[0]
assert name.startswith(b"/dev/pts/"), name
if command.wait(60) != 0:
    sys.exit("the command failed")
if "START" in os.environ:
    subprocess.run(os.environ["START"], shell=True, check=True)
fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 77, 0, 0))
time.sleep(0.5)


def read(seconds):
    out = b""
    while select.select([master], [], [], seconds)[0]:
        try:
            piece = os.read(master, 4096)
        except OSError:  # EIO: the other end is closed
            break
        if not piece:
            break
        out += piece
    return out.decode("latin-1")


for line in keys.split("|"):
    os.write(master, line.encode().decode("unicode_escape").encode())
    print(read(1.5), end="")
print(read(1.5), end="")
pid, status = int(open(pid_file).read()), None
for _ in range(200):
    reaped, status = os.waitpid(pid, os.WNOHANG)
    if reaped:
        break
    time.sleep(0.1)
else:
    sys.exit("the process does not end")
print("\nended:", os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status))
os.unlink(console)
