package platform.kvm;

import static platform.kvm.GuestLayout.MAILBOX;
import static platform.kvm.GuestLayout.POLLED;
import static platform.kvm.GuestLayout.POSTED;
import static platform.kvm.GuestLayout.REPLIED;
import static platform.kvm.GuestLayout.SAVED_REGS;
import static platform.kvm.GuestLayout.STATE;

import host.linux.Memory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import platform.kvm.memory.KvmAddressSpace;

/**
 * System calls without leaving the guest: a thread of its own runs the processor while the task's thread polls the
 * mailbox, on another CPU. A program that calls often is answered in about a microsecond so.
 *
 * <p>The mailbox lies in memory that the program may write. What is read from there is at worst a system call that the
 * program did not make by the book; who waits for whom is remembered here.
 *
 * <p>All methods are for the task's thread.
 */
final class Handover {
    /** What {@link #await} has seen. */
    enum Event {
        /** A system call is in the mailbox. */
        CALL,
        /** The processor is out of the guest; {@link #result} has KVM_RUN's result. */
        OUT,
        /** Nothing for a while. */
        NOTHING
    }

    private static final VarHandle COMMAND;

    static {
        try {
            COMMAND = MethodHandles.lookup().findVarHandle(Handover.class, "command", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final int EINTR = 4;

    /** Looks at the mailbox before a program is taken to be busy with itself. */
    private static final int PATIENCE = 4000;
    /** The same when the runner has just begun: on another CPU everything is cold. */
    private static final int FIRST_PATIENCE = 60_000;
    /** Looks for work before the runner sleeps. It comes out when handing over has stopped to pay. */
    private static final int LINGER = 200;
    /** Looks before the runner is taken to be kept from running by other work on the machine. */
    private static final int WAKING = 100_000;
    /** Looks for a processor that is coming out, before others may have the CPU. */
    private static final int SPINS = 4096;

    private static final int IDLE = 0;
    private static final int GO = 1;
    private static final int QUIT = 2;

    private final Vcpu v;
    private final int pid;
    private final boolean flushes;
    private final CpuPair cpus;
    /** The task's thread is kept on its CPU. */
    private boolean parted;
    private final long mailbox;
    private final Thread thread;

    private volatile int command = IDLE;
    private volatile boolean asleep;
    private volatile boolean out = true;
    private volatile int tid;

    // For the runner, written before the command.
    private KvmAddressSpace space;
    private long dirty;
    /** No call was handed over since the runner began. */
    private boolean fresh;
    /** Written by the runner before {@link #out}. */
    private long result;

    Handover(Vcpu v, int pid, boolean flushes, CpuPair cpus) {
        this.cpus = cpus;
        this.flushes = flushes;
        this.v = v;
        this.pid = pid;
        this.mailbox = v.pages + MAILBOX;
        thread = new Thread(null, this::loop, "vcpu-" + v.index, 256 << 10);
        thread.setDaemon(true);
        thread.start();
        while (tid == 0) {
            Thread.onSpinWait();
        }
    }

    long result() {
        return result;
    }

    /** Where the registers of a call are, as a struct kvm_regs but rip and flags. */
    long registers() {
        return mailbox + SAVED_REGS;
    }

    /** Has the runner enter the guest with the registers of {@code dirty}. */
    void start(KvmAddressSpace space, long dirty) {
        this.space = space;
        this.dirty = dirty;
        Memory.putInt(mailbox + STATE, 0);
        Memory.putInt(mailbox + POLLED, 1);
        v.since = System.nanoTime();
        parted = cpus.part(tid);
        out = false;
        fresh = true;
        command = GO;
        if (asleep) {
            LockSupport.unpark(thread);
        }
    }

    /** Answers the call that waits in the guest. */
    void reply(long value) {
        Memory.putLong(mailbox + SAVED_REGS + Kvm.RAX, value);
        Memory.putIntVolatile(mailbox + STATE, REPLIED);
    }

    /** Waits for the program's next call, or for the processor to come out. */
    Event await(KvmContext context) {
        for (int i = 0; command == GO && i < WAKING && !context.isKicked(); i++) {
            Thread.onSpinWait();
        }
        int patience = fresh ? FIRST_PATIENCE : PATIENCE;
        fresh = false;
        for (int i = 0; i < patience; i++) {
            if (Memory.getIntVolatile(mailbox + STATE) == POSTED) {
                Memory.putInt(mailbox + STATE, 0); // the guest looks for REPLIED only
                return Event.CALL;
            }
            if (out) {
                return Event.OUT;
            }
            if (context.isKicked()) {
                return Event.NOTHING;
            }
            Thread.onSpinWait();
        }
        return Event.NOTHING;
    }

    /** Has the processor come out of the guest, and waits for that; {@link #result} is valid afterwards. */
    void recall() {
        Memory.putInt(mailbox + POLLED, 0);
        if (!out && COMMAND.compareAndSet(this, GO, IDLE)) { // the runner has not even begun
            v.regsOwner = null; // what was set was not taken
            result = -EINTR;
            out = true;
        }
        for (int i = 0; !out; i++) {
            if ((i & 0x3ff) == 0 || i >= SPINS) {
                if (v.inside != null) {
                    v.kick(pid);
                }
            }
            if (i < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(20_000);
            }
        }
    }

    /** Nobody polls any more; the processor is out. */
    void end() {
        Memory.putInt(mailbox + POLLED, 0);
        if (parted) {
            parted = false;
            cpus.release();
        }
    }

    void close() {
        command = QUIT;
        LockSupport.unpark(thread);
    }

    private void loop() {
        tid = ThreadSignals.prepareThread();
        while (true) {
            int c = waitForCommand();
            if (c == QUIT) {
                return;
            }
            if (!COMMAND.compareAndSet(this, GO, IDLE)) {
                continue; // taken back
            }
            v.tid = tid;
            v.clearKick();
            v.inside = space;
            VarHandle.fullFence();
            long r = -EINTR;
            if (!flushes || v.flushesSeen == space.flushes()) {
                r = v.enter(dirty);
                if (r == -EINTR) {
                    v.interrupted();
                }
            } else {
                v.regsOwner = null; // as it did not enter, the registers are half set
            }
            v.inside = null;
            result = r;
            out = true;
        }
    }

    private int waitForCommand() {
        for (int i = 0; ; i++) {
            int c = command;
            if (c != IDLE) {
                return c;
            }
            if (i < LINGER) {
                Thread.onSpinWait();
                continue;
            }
            asleep = true;
            VarHandle.fullFence();
            if (command == IDLE) {
                LockSupport.park(this);
            }
            asleep = false;
        }
    }
}
