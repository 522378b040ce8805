package sentry.core.strace;

import sentry.core.abi.ErrnoException;
import sentry.core.memory.UserMemory;
import sentry.core.task.Task;

/** Writes one argument of a call as strace(1) would. */
final class ArgumentWriter {
    private static final int MAX_STRING = 256;
    private static final int MAX_BUFFER = 48;
    private static final int MAX_STRINGS = 16;

    private static final String[] SIGNALS = ("0 HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT "
                    + "CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS")
            .split(" ");
    private static final String[] FUTEX =
            "WAIT WAKE FD REQUEUE CMP_REQUEUE WAKE_OP LOCK_PI UNLOCK_PI TRYLOCK_PI WAIT_BITSET WAKE_BITSET".split(" ");

    private static final String OPEN_FLAGS = "O_CREAT 40 O_EXCL 80 O_NOCTTY 100 O_TRUNC 200 O_APPEND 400 O_NONBLOCK 800 "
            + "O_DSYNC 1000 O_DIRECT 4000 O_DIRECTORY 10000 O_NOFOLLOW 20000 O_NOATIME 40000 O_CLOEXEC 80000 "
            + "O_PATH 200000 __O_TMPFILE 400000";
    private static final String PROTECTION = "PROT_READ 1 PROT_WRITE 2 PROT_EXEC 4";
    private static final String MAP_FLAGS = "MAP_SHARED 1 MAP_PRIVATE 2 MAP_FIXED 10 MAP_ANONYMOUS 20 MAP_GROWSDOWN 100 "
            + "MAP_DENYWRITE 800 MAP_NORESERVE 4000 MAP_POPULATE 8000 MAP_STACK 20000 MAP_FIXED_NOREPLACE 100000";
    private static final String CLONE_FLAGS = "CLONE_VM 100 CLONE_FS 200 CLONE_FILES 400 CLONE_SIGHAND 800 CLONE_VFORK 4000 "
            + "CLONE_PARENT 8000 CLONE_THREAD 10000 CLONE_SYSVSEM 40000 CLONE_SETTLS 80000 CLONE_PARENT_SETTID 100000 "
            + "CLONE_CHILD_CLEARTID 200000 CLONE_CHILD_SETTID 1000000";
    private static final String WAIT_OPTIONS = "WNOHANG 1 WUNTRACED 2 WEXITED 4 WCONTINUED 8 WNOWAIT 1000000";

    private ArgumentWriter() {}

    /** @param next the next argument: the length of a buffer; {@code result} null before the call */
    static void write(StringBuilder b, Task task, char type, long value, long next, Long result) {
        switch (type) {
            case 'd' -> b.append((int) value);
            case 'D' -> b.append((int) value == -100 ? "AT_FDCWD" : Integer.toString((int) value));
            case 'u' -> b.append(Long.toUnsignedString(value));
            case 'o' -> b.append('0').append(Integer.toOctalString((int) value));
            case 's' -> string(b, task, value);
            case 'v' -> strings(b, task, value);
            case 'f' -> openFlags(b, value);
            case 'P' -> flags(b, PROTECTION, value, "PROT_NONE");
            case 'M' -> flags(b, MAP_FLAGS, value, "0");
            case 'C' -> {
                flags(b, CLONE_FLAGS, value & ~0xff, "0");
                b.append('|').append(signal((int) value & 0xff));
            }
            case 'W' -> flags(b, WAIT_OPTIONS, value & 0xffffffffL, "0");
            case 'S' -> b.append(signal((int) value));
            case 'F' -> futex(b, (int) value);
            case 'b' -> buffer(b, task, value, next);
            case 'B' -> {
                if (result == null) {
                    pointer(b, value);
                } else {
                    buffer(b, task, value, Math.max(0, result));
                }
            }
            case 't' -> timespec(b, task, value);
            case 'i' -> outInt(b, task, value, result);
            case 'k' -> signalSet(b, task, value);
            default -> pointer(b, value);
        }
    }

    private static void pointer(StringBuilder b, long value) {
        b.append(value == 0 ? "0" : "0x" + Long.toHexString(value));
    }

    private static String signal(int signo) {
        return signo > 0 && signo < SIGNALS.length ? "SIG" + SIGNALS[signo] : Integer.toString(signo);
    }

    private static void futex(StringBuilder b, int op) {
        int command = op & 127;
        b.append(command < FUTEX.length ? "FUTEX_" + FUTEX[command] : Integer.toString(command));
        if ((op & 128) != 0) {
            b.append("_PRIVATE");
        }
        if ((op & 256) != 0) {
            b.append("|FUTEX_CLOCK_REALTIME");
        }
    }

    private static void openFlags(StringBuilder b, long value) {
        int mode = (int) value & 3;
        b.append(mode == 0 ? "O_RDONLY" : mode == 1 ? "O_WRONLY" : mode == 2 ? "O_RDWR" : "3");
        long rest = value & 0xffffffffL & ~3 & ~0x8000;
        if (rest != 0) {
            b.append('|');
            flags(b, OPEN_FLAGS, rest, "0");
        }
    }

    /** @param names pairs of a name and its hexadecimal bits */
    private static void flags(StringBuilder b, String names, long value, String none) {
        long left = value;
        String separator = "";
        String[] words = names.split(" ");
        for (int i = 0; i < words.length; i += 2) {
            long bit = Long.parseLong(words[i + 1], 16);
            if ((left & bit) == bit) {
                b.append(separator).append(words[i]);
                separator = "|";
                left &= ~bit;
            }
        }
        if (left != 0) {
            b.append(separator).append("0x").append(Long.toHexString(left));
        } else if (value == 0) {
            b.append(none);
        }
    }

    private static void string(StringBuilder b, Task task, long address) {
        if (address == 0) {
            b.append("NULL");
            return;
        }
        try {
            String s = task.memory().readString(address, MAX_STRING);
            if (s == null) {
                buffer(b, task, address, MAX_BUFFER);
                return;
            }
            b.append('"');
            for (int i = 0; i < s.length(); i++) {
                character(b, s.charAt(i));
            }
            b.append('"');
        } catch (ErrnoException e) {
            pointer(b, address);
        }
    }

    private static void strings(StringBuilder b, Task task, long address) {
        b.append('[');
        try {
            for (int i = 0; address != 0; i++) {
                long s = task.memory().getLong(address + 8L * i);
                if (s == 0) {
                    break;
                }
                if (i > 0) {
                    b.append(", ");
                }
                if (i == MAX_STRINGS) {
                    b.append("...");
                    break;
                }
                string(b, task, s);
            }
        } catch (ErrnoException e) {
            b.append('?');
        }
        b.append(']');
    }

    private static void buffer(StringBuilder b, Task task, long address, long length) {
        UserMemory memory = task.memory();
        byte[] bytes = new byte[(int) Math.min(length < 0 ? MAX_BUFFER : length, MAX_BUFFER)];
        int n = 0;
        try {
            n = bytes.length == 0 || memory == null ? 0 : memory.readSome(address, bytes, 0, bytes.length);
        } catch (ErrnoException e) {
            pointer(b, address);
            return;
        }
        b.append('"');
        for (int i = 0; i < n; i++) {
            character(b, bytes[i] & 0xff);
        }
        b.append(length > n ? "\"..." : "\"");
    }

    private static void character(StringBuilder b, int c) {
        switch (c) {
            case '\n' -> b.append("\\n");
            case '\t' -> b.append("\\t");
            case '"', '\\' -> b.append('\\').append((char) c);
            default -> {
                if (c < 32 || c > 126) {
                    b.append('\\').append(Integer.toOctalString(c));
                } else {
                    b.append((char) c);
                }
            }
        }
    }

    private static void timespec(StringBuilder b, Task task, long address) {
        if (address == 0) {
            b.append("NULL");
            return;
        }
        try {
            long seconds = task.memory().getLong(address);
            long nanos = task.memory().getLong(address + 8);
            b.append('{').append(seconds).append(", ").append(nanos).append('}');
        } catch (ErrnoException e) {
            pointer(b, address);
        }
    }

    private static void outInt(StringBuilder b, Task task, long address, Long result) {
        if (address == 0 || result == null || result <= 0) {
            pointer(b, address);
            return;
        }
        try {
            b.append("[0x").append(Integer.toHexString(task.memory().getInt(address))).append(']');
        } catch (ErrnoException e) {
            pointer(b, address);
        }
    }

    private static void signalSet(StringBuilder b, Task task, long address) {
        if (address == 0) {
            b.append("NULL");
            return;
        }
        try {
            b.append("[0x").append(Long.toHexString(task.memory().getLong(address))).append(']');
        } catch (ErrnoException e) {
            pointer(b, address);
        }
    }
}
