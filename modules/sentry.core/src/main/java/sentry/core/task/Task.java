package sentry.core.task;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.arch.Registers;
import sentry.core.kernel.Kernel;
import sentry.core.log.Log;
import sentry.core.memory.MemoryManager;
import sentry.core.memory.UserMemory;
import sentry.core.platform.Context;
import sentry.core.signal.SignalDelivery;
import sentry.core.signal.TaskSignals;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallHandler;
import sentry.core.syscall.SyscallTable;
import sentry.core.vfs.FdTable;
import sentry.core.vfs.FsContext;
import sentry.core.wait.Sleeper;
import sentry.core.wait.WaitEntry;

/**
 * One thread of a program. Served by one thread of the JVM, which runs {@link #run} from the task's birth to its end.
 *
 * <p>Methods are for the task's own thread unless they say otherwise.
 */
public final class Task implements Runnable {
    private final Kernel kernel;
    private final ThreadGroup group;
    private final int tid;
    private final Context context;
    private final SyscallArgs args = new SyscallArgs();
    private final Sleeper sleeper = new Sleeper();
    private final WaitEntry waitEntry = new WaitEntry(sleeper);
    private final TaskSignals signals;
    /** Own thread writes; /proc and others read. */
    private volatile MemoryManager mm;

    private volatile FdTable fds;
    private volatile FsContext fs;
    private volatile Credentials credentials;
    private volatile Namespaces namespaces;
    private volatile String name;
    private volatile boolean exiting;
    private volatile SyscallTable table;

    Task(Kernel kernel, ThreadGroup group, int tid, Context context, Inherited inherited) {
        this.kernel = kernel;
        this.group = group;
        this.tid = tid;
        this.context = context;
        this.signals = new TaskSignals(this);
        this.mm = inherited.mm();
        this.fds = inherited.fds();
        this.fs = inherited.fs();
        this.credentials = inherited.credentials();
        this.namespaces = inherited.namespaces();
        this.name = inherited.name();
        this.table = kernel.syscalls();
    }

    /** What a new task starts with. */
    record Inherited(
            MemoryManager mm,
            FdTable fds,
            FsContext fs,
            Credentials credentials,
            Namespaces namespaces,
            String name) {}

    public Kernel kernel() {
        return kernel;
    }

    public ThreadGroup group() {
        return group;
    }

    /** The thread id in the root pid namespace. */
    public int tid() {
        return tid;
    }

    /** The process id in the root pid namespace. */
    public int pid() {
        return group.pid();
    }

    public Context context() {
        return context;
    }

    public Registers registers() {
        return context.registers();
    }

    public SyscallArgs args() {
        return args;
    }

    public MemoryManager mm() {
        return mm;
    }

    public void setMm(MemoryManager value) {
        mm = value;
    }

    /** The program's memory, by its addresses. */
    public UserMemory memory() {
        return mm;
    }

    public FdTable fds() {
        return fds;
    }

    public void setFds(FdTable value) {
        fds = value;
    }

    public FsContext fs() {
        return fs;
    }

    public void setFs(FsContext value) {
        fs = value;
    }

    public Credentials credentials() {
        return credentials;
    }

    public void setCredentials(Credentials value) {
        credentials = value;
    }

    public Namespaces namespaces() {
        return namespaces;
    }

    public void setNamespaces(Namespaces value) {
        namespaces = value;
    }

    /** The command name (PR_SET_NAME), at most 15 bytes. */
    public String name() {
        return name;
    }

    public void setName(String value) {
        name = value;
    }

    public TaskSignals signals() {
        return signals;
    }

    public boolean exiting() {
        return exiting;
    }

    void setExiting() {
        exiting = true;
    }

    // Sleeping.

    public Sleeper sleeper() {
        return sleeper;
    }

    /** The entry for waiting on one queue; in no queue between calls. */
    public WaitEntry waitEntry() {
        return waitEntry;
    }

    /** Sleeps until woken, a signal wants attention, or {@code deadline} (System.nanoTime() or Sleeper.FOREVER). */
    public Sleeper.Wake sleep(long deadline) {
        context.sleeping();
        Sleeper.Wake wake = sleeper.sleep(deadline, true);
        context.waking();
        return wake;
    }

    /** Makes the task look at its signals and exit state soon, wherever it is. From any thread. */
    public void interrupt() {
        sleeper.interrupt();
        context.interrupt();
    }

    // The loop.

    @Override
    public void run() {
        kernel.bind(this);
        try {
            while (!exiting) {
                if (sleeper.interrupted()) {
                    sleeper.clearInterrupted();
                    SignalDelivery.deliver(this);
                    if (exiting) {
                        break;
                    }
                }
                switch (context.switchTo(mm.platformSpace(this), signals.singleStep())) {
                    case SYSCALL -> syscall();
                    case FAULT -> fault();
                    case INTERRUPTED -> {}
                    case LOST -> TaskExit.killGroup(this, 9);
                }
            }
        } catch (Throwable t) {
            Log.error("task " + tid + " failed inside the kernel", t);
            TaskExit.killGroup(this, 9);
        } finally {
            TaskExit.finish(this);
            kernel.unbind(this);
        }
    }

    private void syscall() {
        Registers r = registers();
        args.load(r);
        long result;
        try {
            result = table.handler(args.nr).call(this, args);
        } catch (ErrnoException e) {
            result = -e.errno().number();
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            Log.error("task " + tid + ": system call " + args.nr + " failed inside the kernel", e);
            result = -Errno.EFAULT.number();
        }
        if (result == SyscallHandler.REGISTERS_SET) {
            return;
        }
        if (result <= -Errno.ERESTARTSYS.number() && result >= -Errno.ERESTART_RESTARTBLOCK.number()) {
            SignalDelivery.restart(this, (int) -result);
            return;
        }
        r.setResult(result);
    }

    private void fault() {
        int signal = mm.handleFault(this, context.fault());
        if (signal != 0) {
            SignalDelivery.forceFault(this, context.fault(), signal);
        }
    }
}
