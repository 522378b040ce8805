package platform.ptrace;

import host.linux.CodePage;
import host.linux.Errnos;
import host.linux.Files;
import host.linux.HostException;
import host.linux.Memory;
import host.linux.Poll;
import host.linux.Processes;
import host.linux.Ptrace;
import host.linux.Sched;
import host.linux.Signals;
import host.linux.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import sentry.core.platform.PlatformException;

/**
 * The stub process that empty address spaces are cloned from, and the thread that traces it.
 *
 * <p>The thread lives as long as the platform: the host counts it as the parent of all stubs, and its end would send
 * them their parent-death signal. It starts the master as a clone of the whole JVM that shares our descriptors, empties
 * it by injected calls until nothing but {@link StubCode} is left, and puts the filter on.
 */
final class MasterStub {
    private static final int NR_MMAP = 9;
    private static final int NR_MUNMAP = 11;
    private static final int NR_RT_SIGPROCMASK = 14;
    private static final int NR_MADVISE = 28;
    private static final int MADV_DONTFORK = 10;
    private static final int MADV_DOFORK = 11;
    private static final int NR_GETPID = 39;
    private static final int NR_PRCTL = 157;
    private static final int NR_ARCH_PRCTL = 158;
    private static final int ARCH_GET_FS = 0x1003;
    private static final int NR_SECCOMP = 317;
    private static final int NR_RSEQ = 334;
    private static final int SIG_SETMASK = 2;
    private static final int PR_SET_PDEATHSIG = 1;
    private static final int PR_SET_DUMPABLE = 4;
    private static final int PR_SET_NAME = 15;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int SECCOMP_SET_MODE_FILTER = 1;
    private static final int RSEQ_FLAG_UNREGISTER = 1;

    // struct clone_args of clone3(2); offsets in longs
    private static final int CLONE_ARGS_FLAGS = 0;
    private static final int CLONE_ARGS_EXIT_SIGNAL = 4;
    private static final int CLONE_ARGS_SIZE = 88;

    /**
     * {@code long boot(clone_args, all_signals, old_mask, 0, sentry_pid)}: clones the calling process with all signals
     * blocked, so that no handler of the JVM ever runs in the child. The child makes a session of its own and waits. Until
     * it is traced nothing but the death signal ends it with the Sentry, so that comes first.
     */
    private static final String BOOT = ""
            + "53" //           push rbx
            + "4889d3" //       mov rbx, rdx
            + "57" //           push rdi
            + "31ff" //         xor edi, edi           rt_sigprocmask(SIG_BLOCK, all_signals, old_mask, 8)
            + "41ba08000000" // mov r10d, 8
            + "b80e000000" //   mov eax, 14
            + "0f05" //         syscall
            + "5f" //           pop rdi
            + "be58000000" //   mov esi, 88            clone3(clone_args, 88)
            + "b8b3010000" //   mov eax, 435
            + "0f05" //         syscall
            + "4885c0" //       test rax, rax
            + "741b" //         jz child
            + "50" //           push rax
            + "bf02000000" //   mov edi, 2             rt_sigprocmask(SIG_SETMASK, old_mask, 0, 8)
            + "4889de" //       mov rsi, rbx
            + "31d2" //         xor edx, edx
            + "41ba08000000" // mov r10d, 8
            + "b80e000000" //   mov eax, 14
            + "0f05" //         syscall
            + "58" //           pop rax
            + "5b" //           pop rbx
            + "c3" //           ret
            // 41 child:
            + "bf01000000" //   mov edi, 1             prctl(PR_SET_PDEATHSIG, SIGKILL)
            + "be09000000" //   mov esi, 9
            + "b89d000000" //   mov eax, 157
            + "0f05" //         syscall
            + "b86e000000" //   mov eax, 110           getppid: was it too late?
            + "0f05" //         syscall
            + "4439c0" //       cmp eax, r8d
            + "7407" //         je alive
            + "b83c000000" //   mov eax, 60            exit(1)
            + "0f05" //         syscall
            // 65 alive:
            + "b870000000" //   mov eax, 112           setsid
            + "0f05" //         syscall
            // 6c wait:
            + "b822000000" //   mov eax, 34            pause
            + "0f05" //         syscall
            + "ebf7" //         jmp wait
            // 75 call:
            + "0f05" //         syscall
            + "cc"; //          int3

    private static final int BOOT_WAIT = 0x6c;
    private static final int BOOT_WAIT_END = 0x75;
    private static final int BOOT_CALL = 0x75;

    private final StubFiles files;
    private final int sentryPid = (int) Syscall.call(NR_GETPID);
    private final Thread thread;
    private CodePage bootPage; // the thread's own

    /** Held by the one caller of {@link #newProcess} whose turn it is; before {@code this}. */
    private final Object turn = new Object();

    private volatile Runnable lossAction;

    // Guarded by this.
    private int fpStateSize;
    /** Why there will be no more processes. */
    private PlatformException end;
    private boolean wanted;
    private boolean closing;
    private StubProcess made;
    /** Made before anybody asked, so that the first program need not wait. */
    private StubProcess spare;
    private PlatformException refused;

    MasterStub(StubFiles files) {
        this.files = files;
        Runnable work = new Runnable() { // not a lambda: those cost a millisecond at start
            @Override
            public void run() {
                MasterStub.this.run();
            }
        };
        this.thread = new Thread(null, work, "ptrace-master", 256 * 1024);
        thread.setDaemon(true);
    }

    /** Starts the thread, which goes on by itself. */
    void start() {
        thread.start();
    }

    /** Waits until there is a stub under ptrace; returns the size of its XSAVE area. */
    synchronized int fpStateSize() throws PlatformException {
        while (fpStateSize == 0 && end == null) {
            await();
        }
        if (end != null) {
            throw end;
        }
        return fpStateSize;
    }

    /** A new stub process without any mapping, parked. Waits for the thread to make it. */
    StubProcess newProcess() throws PlatformException {
        synchronized (turn) {
            synchronized (this) {
                StubProcess first = spare;
                if (first != null) {
                    spare = null;
                    return first;
                }
                wanted = true;
                notifyAll();
                while (wanted && end == null) {
                    await();
                }
                if (end != null) {
                    throw end;
                }
                if (refused != null) {
                    throw refused;
                }
                return made;
            }
        }
    }

    /** Registers a process that was cloned with the table page {@code slot}. */
    StubProcess process(int pid, int slot) {
        return new StubProcess(pid, slot, files.table(slot));
    }

    int sentryPid() {
        return sentryPid;
    }

    /** Kills the master and waits for the thread. All other stubs must be gone by then. */
    void close() {
        synchronized (this) {
            closing = true;
            notifyAll();
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void await() {
        try {
            wait();
        } catch (InterruptedException e) {
            // The Sentry does not use Java's interruption; nothing here may be left half done.
        }
    }

    private void run() {
        StubProcess process = null;
        try (Arena arena = Arena.ofConfined()) {
            process = clone(arena);
            serve(setUp(process, arena));
        } catch (HostException | StubLostException e) {
            fail(new PlatformException("cannot start a stub process under ptrace: " + e.getMessage(), e));
        } catch (PlatformException e) {
            fail(e);
        } finally {
            synchronized (this) {
                if (spare != null) {
                    spare.kill();
                    spare = null;
                }
            }
            if (process != null) {
                process.kill();
            }
            fail(new PlatformException("the platform is closed"));
        }
    }

    private synchronized void fail(PlatformException e) {
        if (end == null) {
            end = e;
        }
        notifyAll();
    }

    /** The action for the master's death by another's hand; all stubs end with it. */
    void onLoss(Runnable action) {
        lossAction = action;
    }

    /** Waits on a thread of its own for the master's end: nobody traces a sleeping master closely enough to see it. */
    private void watch(int pid) {
        int fd = Processes.pidfd(pid);
        if (fd < 0) {
            return; // it is gone already, and whoever asks for a stub will be told
        }
        Runnable work = new Runnable() {
            @Override
            public void run() {
                try (Poll poll = new Poll(1)) {
                    poll.add(fd, Poll.IN);
                    while (poll.await(-1) <= 0) {
                        // interrupted: go on waiting
                    }
                }
                Files.close(fd);
                boolean expected;
                synchronized (MasterStub.this) {
                    expected = closing;
                }
                Runnable action = lossAction;
                if (!expected && action != null) {
                    action.run();
                }
            }
        };
        Thread watcher = new Thread(null, work, "ptrace-watch", 256 * 1024);
        watcher.setDaemon(true);
        watcher.start();
    }

    private void serve(Tracee tracee) {
        watch(tracee.process.pid);
        try {
            StubProcess first = make(tracee);
            synchronized (this) {
                if (wanted) {
                    made = first;
                    wanted = false;
                    notifyAll();
                } else {
                    spare = first;
                }
            }
        } catch (PlatformException e) {
            // Whoever asks will be told.
        }
        while (true) {
            synchronized (this) {
                while (!wanted && !closing) {
                    await();
                }
                if (closing) {
                    return;
                }
            }
            StubProcess result = null;
            PlatformException problem = null;
            try {
                result = make(tracee);
            } catch (PlatformException e) {
                problem = e;
            }
            synchronized (this) {
                made = result;
                refused = problem;
                wanted = false;
                notifyAll();
            }
        }
    }

    private StubProcess make(Tracee tracee) throws PlatformException {
        int slot = files.takeSlot();
        if (slot < 0) {
            throw new PlatformException("too many stub processes");
        }
        long pid = -1;
        try {
            pid = tracee.cloneProcess(sentryPid, files.tableFd, StubFiles.offset(slot));
        } catch (StubLostException e) {
            throw new PlatformException("the master stub process is gone", e);
        } finally {
            if (pid < 0) {
                files.freeSlot(slot);
            }
        }
        if (pid < 0) {
            throw new PlatformException("cannot make a stub process: " + Errnos.name((int) -pid));
        }
        return process((int) pid, slot);
    }

    /** Clones the JVM, as little of it as will do. */
    private StubProcess clone(Arena arena) throws HostException, PlatformException {
        bootPage = CodePage.of(StubCode.bytes(BOOT));
        MemorySegment args = arena.allocate(CLONE_ARGS_SIZE, 8);
        long flags = Sched.CLONE_FILES | Sched.CLONE_UNTRACED | Sched.CLONE_CLEAR_SIGHAND;
        args.setAtIndex(ValueLayout.JAVA_LONG, CLONE_ARGS_FLAGS, flags);
        args.setAtIndex(ValueLayout.JAVA_LONG, CLONE_ARGS_EXIT_SIGNAL, Signals.SIGCHLD);
        MemorySegment mask = arena.allocate(8, 8);
        mask.set(ValueLayout.JAVA_LONG, 0, -1L);
        MemorySegment old = arena.allocate(8, 8);
        // Of the JVM's memory the child needs the code above and this thread's rseq area, which libc keeps within a page
        // or two of the thread pointer and the host writes to. Copying the page tables of the rest takes milliseconds,
        // and afterwards as many page faults in the JVM.
        MemorySegment pointer = arena.allocate(8, 8);
        HostException.check("arch_prctl", Syscall.call(NR_ARCH_PRCTL, ARCH_GET_FS, pointer.address()));
        long tls = pointer.get(ValueLayout.JAVA_LONG, 0) & -StubCode.PAGE;
        // These fail with ENOMEM for the holes, having done the rest.
        Syscall.call(NR_MADVISE, 0, StubCode.END, MADV_DONTFORK);
        Syscall.call(NR_MADVISE, bootPage.address(), bootPage.size(), MADV_DOFORK);
        Syscall.call(NR_MADVISE, tls - 2 * StubCode.PAGE, 4 * StubCode.PAGE, MADV_DOFORK);
        long pid;
        try {
            pid = bootPage.call(0, args.address(), mask.address(), old.address(), 0, sentryPid, 0, 0);
        } finally {
            Syscall.call(NR_MADVISE, 0, StubCode.END, MADV_DOFORK);
        }
        HostException.check("clone", pid);
        int slot = files.takeSlot();
        return process((int) pid, slot);
    }

    private Tracee setUp(StubProcess process, Arena arena)
            throws HostException, StubLostException, PlatformException {
        long boot = bootPage.address();
        int tid = process.takeParked();
        MemorySegment scratch = Arena.ofAuto().allocate(Tracee.SCRATCH_SIZE, 16);
        Tracee t = Tracee.attach(process, tid, scratch, boot + BOOT_WAIT, boot + BOOT_WAIT_END);
        long size = 16384;
        long got = t.getFpState(arena.allocate(size, 64).address(), size);
        if (got <= 512) {
            throw new PlatformException("ptrace: the host does not give the XSAVE area");
        }
        synchronized (this) {
            fpStateSize = (int) got;
            notifyAll();
        }

        long text = StubCode.BASE;
        long call = boot + BOOT_CALL;
        int fixed = StubFilter.MAP_SHARED_FIXED;
        done("text", t.call(call, NR_MMAP, text, StubCode.PAGE, 1 | 4, fixed, files.textFd, 0), text);

        // struct ptrace_rseq_configuration: pointer, size, signature, flags. The host would kill the stub at its next
        // preemption once the area is unmapped.
        MemorySegment rseq = arena.allocate(24, 8);
        if (t.rseqConfiguration(rseq.address()) > 0 && rseq.get(ValueLayout.JAVA_LONG, 0) != 0) {
            done("rseq", t.call(
                    NR_RSEQ,
                    rseq.get(ValueLayout.JAVA_LONG, 0),
                    rseq.get(ValueLayout.JAVA_INT, 8),
                    RSEQ_FLAG_UNREGISTER,
                    rseq.get(ValueLayout.JAVA_INT, 12) & 0xffffffffL,
                    0,
                    0), 0);
        }
        done("table", t.call(
                NR_MMAP,
                StubCode.TABLE,
                StubCode.PAGE,
                1,
                StubFilter.MAP_SHARED_FIXED,
                files.tableFd,
                StubFiles.offset(process.slot)), StubCode.TABLE);
        // Attaching to the clones must go on working when the Sentry has changed its credentials, hence DUMPABLE.
        long rest = StubCode.TABLE + StubCode.PAGE;
        long[][] calls = {
            {NR_MUNMAP, 0, text},
            {NR_MUNMAP, rest, StubCode.END - rest},
            {NR_RT_SIGPROCMASK, SIG_SETMASK, text + StubFiles.EMPTY_MASK, 0, 8},
            {NR_PRCTL, PR_SET_DUMPABLE, 1},
            {NR_PRCTL, PR_SET_NAME, text + StubFiles.NAME},
            {NR_PRCTL, PR_SET_PDEATHSIG, Signals.SIGKILL},
            {NR_PRCTL, PR_SET_NO_NEW_PRIVS, 1},
            {NR_SECCOMP, SECCOMP_SET_MODE_FILTER, 0, text + StubFiles.FILTER_HEADER}
        };
        for (int i = 0; i < calls.length; i++) {
            for (int k = 0; k < calls[i].length; k++) {
                Memory.putLong(process.table + i * StubCode.ENTRY_SIZE + 8L * k, calls[i][k]);
            }
        }
        int made = t.batch(calls.length);
        if (made < calls.length) {
            done("call " + calls[made][0], t.batchResult(), 0);
        }

        bootPage = null;
        return t;
    }

    private static void done(String what, long result, long expected) throws PlatformException {
        if (result != expected) {
            throw new PlatformException("cannot set up a stub process: " + what + " gives " + result);
        }
    }
}
