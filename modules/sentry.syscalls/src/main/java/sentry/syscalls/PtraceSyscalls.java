package sentry.syscalls;

import java.util.List;
import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Prctl;
import sentry.core.abi.Ptrace;
import sentry.core.abi.Seccomp;
import sentry.core.abi.Signal;
import sentry.core.abi.Sys;
import sentry.core.arch.Registers;
import sentry.core.memory.MemoryManager;
import sentry.core.memory.UserMemory;
import sentry.core.seccomp.BpfProgram;
import sentry.core.seccomp.SeccompFilter;
import sentry.core.signal.SignalInfo;
import sentry.core.signal.SignalInfoCodec;
import sentry.core.syscall.SyscallArgs;
import sentry.core.syscall.SyscallTable;
import sentry.core.task.Task;
import sentry.core.task.TraceLink;
import sentry.core.task.Tracing;

/** ptrace(2). */
final class PtraceSyscalls {
    private static final int WORD = 8;
    private static final int SYSCALL_INFO_SIZE = 24 + 64;
    private static final int EVENT_SHIFT = 8;

    private PtraceSyscalls() {}

    static void install(SyscallTable.Builder table) {
        table.partial(Sys.PTRACE, "no block steps; on kvm no hardware breakpoints", PtraceSyscalls::ptrace);
    }

    private static long ptrace(Task task, SyscallArgs a) throws ErrnoException {
        long request = a.a0;
        if (request == Ptrace.TRACEME) {
            Tracing.traceMe(task);
            return 0;
        }
        Task target = a.i1() <= 0 ? null : task.namespaces().pid().task(a.i1());
        if (target == null) {
            throw Errno.ESRCH.error();
        }
        if (request == Ptrace.ATTACH || request == Ptrace.SEIZE) {
            attach(task, target, request == Ptrace.SEIZE, a.a2, a.a3);
            return 0;
        }
        TraceLink link = target.trace();
        if (link == null || link.tracer() != task) {
            throw Errno.ESRCH.error();
        }
        if (request == Ptrace.KILL) {
            target.signals().send(SignalInfo.user(Signal.SIGKILL, task.group().pid(target.group().id().namespace()),
                    task.credentials().uid()));
            return 0;
        }
        if (request == Ptrace.INTERRUPT) {
            if (!link.seized()) {
                throw Errno.EIO.error();
            }
            link.trap();
            return 0;
        }
        if (!link.hold()) {
            throw Errno.ESRCH.error();
        }
        if (request == Ptrace.DETACH) {
            int signal;
            try {
                signal = signal(a.a3);
            } catch (ErrnoException e) {
                link.letGo();
                throw e;
            }
            Tracing.detach(link, signal);
            return 0;
        }
        try {
            return stopped(task, target, link, request, a.a2, a.a3);
        } finally {
            link.letGo();
        }
    }

    private static void attach(Task task, Task target, boolean seize, long address, long data) throws ErrnoException {
        if (seize) {
            if (address != 0 || (data & ~(long) Ptrace.O_MASK) != 0) {
                throw Errno.EIO.error();
            }
            checkOptions(task, data);
        }
        if (target.group() == task.group() || !Access.mayInspect(task, target)) {
            throw Errno.EPERM.error();
        }
        Tracing.attach(task, target, seize, seize ? (int) data : 0);
    }

    private static void checkOptions(Task task, long options) throws ErrnoException {
        if ((options & ~(long) Ptrace.O_MASK) != 0) {
            throw Errno.EINVAL.error();
        }
        if ((options & Ptrace.O_SUSPEND_SECCOMP) != 0) {
            if (!task.credentials().capable(Capability.SYS_ADMIN)) {
                throw Errno.EPERM.error();
            }
            throw Errno.EINVAL.error(); // as of a kernel that cannot be checkpointed
        }
    }

    private static int signal(long data) throws ErrnoException {
        if (Long.compareUnsigned(data, Signal.NSIG) > 0) {
            throw Errno.EIO.error();
        }
        return (int) data;
    }

    /** A request to a task that is held in its stop. */
    private static long stopped(Task task, Task target, TraceLink link, long request, long address, long data)
            throws ErrnoException {
        if (request != (int) request) {
            throw Errno.EIO.error();
        }
        UserMemory own = task.memory();
        switch ((int) request) {
            case Ptrace.PEEKTEXT, Ptrace.PEEKDATA -> own.putLong(data, peek(target, address));
            case Ptrace.POKETEXT, Ptrace.POKEDATA -> poke(target, address, data);
            case Ptrace.PEEKUSER -> own.putLong(data, TraceRegisters.peekUser(target, address));
            case Ptrace.POKEUSER -> TraceRegisters.pokeUser(task, target, address, data);
            case Ptrace.CONT -> link.resume(TraceLink.Run.FREELY, false, signal(data));
            case Ptrace.SYSCALL -> link.resume(TraceLink.Run.TO_SYSCALL, false, signal(data));
            case Ptrace.SYSEMU -> link.resume(TraceLink.Run.EMULATED, false, signal(data));
            case Ptrace.SINGLESTEP -> link.resume(TraceLink.Run.FREELY, true, signal(data));
            case Ptrace.SYSEMU_SINGLESTEP -> link.resume(TraceLink.Run.EMULATED, true, signal(data));
            case Ptrace.GETREGS -> own.write(data, TraceRegisters.general(target), 0, Registers.SIZE);
            case Ptrace.SETREGS -> TraceRegisters.setGeneral(target, bytes(own, data, Registers.SIZE), Registers.SIZE);
            case Ptrace.GETFPREGS -> own.write(data, TraceRegisters.floating(target), 0, TraceRegisters.FXSAVE_SIZE);
            case Ptrace.SETFPREGS -> TraceRegisters.setFloating(
                    target, bytes(own, data, TraceRegisters.FXSAVE_SIZE), TraceRegisters.FXSAVE_SIZE);
            case Ptrace.GETREGSET, Ptrace.SETREGSET ->
                registerSet(own, target, address, data, request == Ptrace.SETREGSET);
            case Ptrace.SETOPTIONS, Ptrace.OLDSETOPTIONS -> {
                checkOptions(task, data);
                link.setOptions((int) data);
            }
            case Ptrace.GETEVENTMSG -> own.putLong(data, link.message());
            case Ptrace.GETSIGINFO -> {
                byte[] out = new byte[SignalInfoCodec.SIZE];
                SignalInfoCodec.encode(info(link), out, 0);
                own.write(data, out, 0, out.length);
            }
            case Ptrace.SETSIGINFO -> {
                byte[] in = bytes(own, data, SignalInfoCodec.SIZE);
                info(link);
                link.setInfo(SignalInfoCodec.decode(in, Struct.getInt(in, 0)));
            }
            case Ptrace.PEEKSIGINFO -> {
                return peekSignals(own, target, address, data);
            }
            case Ptrace.GETSIGMASK -> {
                requireMaskSize(address);
                own.putLong(data, target.signals().programMask());
            }
            case Ptrace.SETSIGMASK -> {
                requireMaskSize(address);
                target.signals().setMask(own.getLong(data));
            }
            case Ptrace.LISTEN -> {
                SignalInfo info = link.info();
                if (!link.seized() || info == null || info.code() >> EVENT_SHIFT != Ptrace.EVENT_STOP) {
                    throw Errno.EIO.error();
                }
                link.listen();
            }
            case Ptrace.GET_SYSCALL_INFO -> {
                return syscallInfo(own, target, link, address, data);
            }
            case Ptrace.SECCOMP_GET_FILTER -> {
                return seccompFilter(task, target, address, data);
            }
            case Ptrace.SECCOMP_GET_METADATA -> {
                return seccompMetadata(task, target, address, data);
            }
            case Ptrace.ARCH_PRCTL -> archPrctl(own, target, (int) data, address);
            case Ptrace.GET_THREAD_AREA, Ptrace.SET_THREAD_AREA -> {
                throw ((int) address < 0 ? Errno.EIO : Errno.EINVAL).error();
            }
            default -> throw Errno.EIO.error();
        }
        return 0;
    }

    /** The filter of that index, the first installed one being 0; returns how many instructions it has. */
    private static long seccompFilter(Task task, Task target, long index, long data) throws ErrnoException {
        byte[] program = seccompFilter(task, target, index).program();
        if (data != 0) {
            task.memory().write(data, program, 0, program.length);
        }
        return program.length / BpfProgram.INSTRUCTION;
    }

    private static SeccompFilter seccompFilter(Task task, Task target, long index) throws ErrnoException {
        if (!task.credentials().capable(Capability.SYS_ADMIN) || task.seccompMode() != Seccomp.MODE_DISABLED) {
            throw Errno.EACCES.error();
        }
        SeccompFilter f = target.seccomp();
        if (f == null) {
            throw Errno.EINVAL.error();
        }
        if (Long.compareUnsigned(index, f.count()) >= 0) {
            throw Errno.ENOENT.error();
        }
        while (f.count() - 1 != index) {
            f = f.previous();
        }
        return f;
    }

    /** struct seccomp_metadata: the index, which goes in, and the flags. */
    private static long seccompMetadata(Task task, Task target, long size, long data) throws ErrnoException {
        if (!task.credentials().capable(Capability.SYS_ADMIN) || task.seccompMode() != Seccomp.MODE_DISABLED) {
            throw Errno.EACCES.error();
        }
        int length = (int) Math.min(size & 0x7fffffff, 16);
        if (length < 8) {
            throw Errno.EINVAL.error();
        }
        byte[] out = new byte[16];
        task.memory().read(data, out, 0, 8);
        SeccompFilter f = seccompFilter(task, target, Struct.getLong(out, 0));
        Struct.putLong(out, 8, f.logs() ? Seccomp.FLAG_LOG : 0);
        task.memory().write(data, out, 0, length);
        return length;
    }

    private static void requireMaskSize(long size) throws ErrnoException {
        if (size != WORD) {
            throw Errno.EINVAL.error();
        }
    }

    private static SignalInfo info(TraceLink link) throws ErrnoException {
        SignalInfo info = link.info();
        if (info == null) {
            throw Errno.EINVAL.error();
        }
        return info;
    }

    private static byte[] bytes(UserMemory memory, long address, int size) throws ErrnoException {
        byte[] in = new byte[size];
        memory.read(address, in, 0, size);
        return in;
    }

    private static long peek(Task target, long address) throws ErrnoException {
        MemoryManager memory = target.mm();
        byte[] word = new byte[WORD];
        if (memory == null || memory.readForced(address, word, 0, WORD) < WORD) {
            throw Errno.EIO.error();
        }
        return Struct.getLong(word, 0);
    }

    private static void poke(Task target, long address, long data) throws ErrnoException {
        MemoryManager memory = target.mm();
        byte[] word = new byte[WORD];
        Struct.putLong(word, 0, data);
        if (memory == null || memory.writeForced(address, word, 0, WORD) < WORD) {
            throw Errno.EIO.error();
        }
    }

    private static void registerSet(UserMemory own, Task target, long type, long vector, boolean set)
            throws ErrnoException {
        int size = TraceRegisters.setSize(target, (int) type);
        long base = own.getLong(vector);
        long length = own.getLong(vector + WORD);
        if (size == 0 || (length & WORD - 1) != 0) {
            throw Errno.EINVAL.error();
        }
        int n = (int) (Long.compareUnsigned(length, size) < 0 ? length : size);
        if (set) {
            TraceRegisters.set(target, (int) type, bytes(own, base, n), n);
        } else {
            own.write(base, TraceRegisters.get(target, (int) type), 0, n);
        }
        own.putLong(vector + WORD, n);
    }

    private static long peekSignals(UserMemory own, Task target, long argument, long data) throws ErrnoException {
        long skip = own.getLong(argument);
        int flags = own.getInt(argument + 8);
        int count = own.getInt(argument + 12);
        if ((flags & ~Ptrace.PEEKSIGINFO_SHARED) != 0 || count < 0) {
            throw Errno.EINVAL.error();
        }
        if (skip < 0) {
            return 0;
        }
        List<SignalInfo> list = target.signals().queued((flags & Ptrace.PEEKSIGINFO_SHARED) != 0, skip, count);
        int done = 0;
        for (SignalInfo info : list) {
            byte[] out = new byte[SignalInfoCodec.SIZE];
            SignalInfoCodec.encode(info, out, 0);
            try {
                own.write(data + (long) done * SignalInfoCodec.SIZE, out, 0, out.length);
            } catch (ErrnoException e) {
                if (done == 0) {
                    throw e;
                }
                break;
            }
            done++;
        }
        return done;
    }

    /** struct ptrace_syscall_info; returns its size for this kind of stop, however little of it was asked for. */
    private static long syscallInfo(UserMemory own, Task target, TraceLink link, long size, long data)
            throws ErrnoException {
        byte[] out = new byte[SYSCALL_INFO_SIZE];
        Registers r = target.registers();
        int operation = Ptrace.SYSCALL_INFO_NONE;
        int length = 24;
        SignalInfo info = link.info();
        int code = info == null ? 0 : info.code();
        if (code == (Signal.SIGTRAP | 0x80)) {
            operation = link.message() == Ptrace.EVENTMSG_SYSCALL_ENTRY
                    ? Ptrace.SYSCALL_INFO_ENTRY
                    : link.message() == Ptrace.EVENTMSG_SYSCALL_EXIT ? Ptrace.SYSCALL_INFO_EXIT : operation;
        } else if (code == (Signal.SIGTRAP | Ptrace.EVENT_SECCOMP << EVENT_SHIFT)) {
            operation = Ptrace.SYSCALL_INFO_SECCOMP;
        }
        out[0] = (byte) operation;
        Struct.putInt(out, 4, Ptrace.AUDIT_ARCH);
        Struct.putLong(out, 8, r.ip());
        Struct.putLong(out, 16, r.sp());
        switch (operation) {
            case Ptrace.SYSCALL_INFO_ENTRY, Ptrace.SYSCALL_INFO_SECCOMP -> {
                Struct.putLong(out, 24, r.syscallNumber());
                for (int i = 0; i < 6; i++) {
                    Struct.putLong(out, 32 + WORD * i, r.argument(i));
                }
                length = 80;
                if (operation == Ptrace.SYSCALL_INFO_SECCOMP) {
                    Struct.putInt(out, 80, (int) link.message());
                    length = 84;
                }
            }
            case Ptrace.SYSCALL_INFO_EXIT -> {
                long result = r.result();
                boolean error = result < 0 && result >= -4095;
                Struct.putLong(out, 24, result);
                out[32] = (byte) (error ? 1 : 0);
                length = 33;
            }
            default -> {}
        }
        own.write(data, out, 0, Long.compareUnsigned(size, length) < 0 ? (int) size : length);
        return length;
    }

    private static void archPrctl(UserMemory own, Task target, int option, long address) throws ErrnoException {
        Registers r = target.registers();
        switch (option) {
            case Prctl.ARCH_GET_FS -> own.putLong(address, r.get(Registers.FS_BASE));
            case Prctl.ARCH_GET_GS -> own.putLong(address, r.get(Registers.GS_BASE));
            case Prctl.ARCH_SET_FS, Prctl.ARCH_SET_GS -> {
                if (Long.compareUnsigned(address, target.kernel().platform().traits().maxAddress()) >= 0) {
                    throw Errno.EPERM.error();
                }
                r.set(option == Prctl.ARCH_SET_FS ? Registers.FS_BASE : Registers.GS_BASE, address);
            }
            default -> throw Errno.EINVAL.error();
        }
    }
}
