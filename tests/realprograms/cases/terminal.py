"""Types into an interactive bash on a pseudo terminal and prints what comes out of it."""
import os, pty, re, select, struct, sys, time, fcntl, termios, signal

pid, fd = pty.fork()
if pid == 0:
    os.environ["PS1"] = "@ "
    os.environ["PS2"] = "> "
    os.environ["INPUTRC"] = "/dev/null"
    os.execvp("bash", ["bash", "--norc", "--noprofile", "--noediting", "-i"])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
seen = b""


def until(text, seconds=10):
    """Reads until the text comes; returns what came before and it."""
    global seen
    end = time.monotonic() + seconds
    while text not in seen:
        r, _, _ = select.select([fd], [], [], max(0, end - time.monotonic()))
        if not r:
            print("TIMEOUT waiting for", text)
            break
        try:
            data = os.read(fd, 4096)
        except OSError as e:
            print("read:", e.strerror)
            break
        if not data:
            break
        seen += data
    at = seen.find(text)
    at = len(seen) if at < 0 else at + len(text)
    out, seen = seen[:at], seen[at:]
    return out


def show(out):
    for line in out.decode().replace("\r", "").split("\n"):
        line = re.sub(r"\[(\d+)\] \d+$", r"[\1] PID", line)
        line = re.sub(r"^\[(\d+)\][-+]? +", r"[\1] ", line)  # which job is current is a race
        line = re.sub(r"(bash: )?\d+ (Terminated|Killed)", r"PID \2", line)
        print("|" + line)


def type(line, wait=b"@ "):
    os.write(fd, line)
    show(until(wait))


show(until(b"@ "))
type(b"tty | sed 's/[0-9]*$/N/'; stty size; stty -a | tr ';' '\\n' | grep -E 'intr|susp|quit|eof|speed'\n")
type(b"sleep 100\n", b"sleep 100\r\n")
time.sleep(0.5)
type(b"\x1a")
type(b"jobs; echo $?\n")
type(b"bg\n")
type(b"jobs\n")
type(b"fg\n", b"sleep 100\r\n")
time.sleep(0.3)
type(b"\x03")
type(b"echo $?\n")
type(b"cat\n", b"cat\r\n")
type(b"hello\n", b"hello\r\nhello\r\n")
type(b"half", b"half")
type(b"\x15again\n", b"again\r\nagain\r\n")
type(b"\x04")
type(b"cat &\n")
time.sleep(0.5)
type(b"\n")
type(b"jobs\n")
type(b"kill -9 %1; sleep 0.4\n")
type(b"\n")
type(b"(trap 'echo winch' WINCH; echo set; for i in 1 2 3 4 5 6 7 8; do sleep 0.1; done)\n", b"set\r\n")
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 90, 0, 0))
show(until(b"@ "))
type(b"stty size\n")
type(b"stty tostop; (sleep 0.1; echo background) & sleep 0.4; jobs; fg\n", b"\r\n@ ")
type(b"stty -tostop; stty -echo; echo quiet\n")
type(b"echo hidden\n")
type(b"stty echo\n")
type(b"python3 -c 'import time; time.sleep(100)'\n", b"100)'\r\n")
time.sleep(1)
type(b"\x1c")
type(b"ps -o stat=,tpgid= -p $$ | sed 's/ [0-9]*$/ N/'\n")
type(b"sleep 50 | sleep 50\n", b"50\r\n")
time.sleep(0.3)
type(b"\x1a")
type(b"kill -9 %%; sleep 0.4\n")
type(b"\n")
type(b"fg %9\n")
type(b"exit 9\n", b"exit\r\n")
try:
    os.kill(pid, signal.SIGHUP)
except ProcessLookupError:
    print("gone")
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
