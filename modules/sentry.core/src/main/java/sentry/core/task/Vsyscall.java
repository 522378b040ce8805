package sentry.core.task;

import sentry.core.abi.ErrnoException;
import sentry.core.abi.Signal;
import sentry.core.abi.Sys;
import sentry.core.arch.Registers;
import sentry.core.signal.SignalInfo;
import sentry.core.syscall.SyscallArgs;

/**
 * The vsyscall page: three calls at fixed addresses at the top of the address space, where no page can be. A program
 * that jumps there faults, and the kernel does what the code there would do (Linux: vsyscall=emulate).
 */
final class Vsyscall {
    private static final long PAGE = 0xffffffffff600000L;

    private Vsyscall() {}

    static boolean isCall(long ip) {
        return ip == PAGE || ip == PAGE + 0x400 || ip == PAGE + 0x800;
    }

    static void emulate(Task task) {
        Registers r = task.registers();
        SyscallArgs args = task.args();
        int which = (int) (r.ip() - PAGE) / 0x400;
        args.nr = which == 0 ? Sys.GETTIMEOFDAY : which == 1 ? Sys.TIME : Sys.GETCPU;
        args.a0 = r.get(Registers.RDI);
        args.a1 = r.get(Registers.RSI);
        args.a2 = 0;
        try {
            long back = task.memory().getLong(r.sp());
            long result = task.kernel().syscalls().handler(args.nr).call(task, args);
            r.setIp(back);
            r.setSp(r.sp() + 8);
            r.setResult(result);
        } catch (ErrnoException e) {
            task.signals().force(SignalInfo.fault(Signal.SIGSEGV, Signal.SEGV_MAPERR, r.get(Registers.RDI)));
        }
    }
}
