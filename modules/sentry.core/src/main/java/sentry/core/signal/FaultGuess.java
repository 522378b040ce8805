package sentry.core.signal;

import sentry.core.abi.ErrnoException;
import sentry.core.abi.Signal;
import sentry.core.platform.Fault;
import sentry.core.task.Instruction;
import sentry.core.task.Task;

/**
 * Completes what a platform cannot say about an exception, for the signal frame: whether a page fault was a store and
 * the page was there, and which unit found a floating-point error. Looks at the instruction; only when a signal is sent.
 */
final class FaultGuess {
    private static final int TRAP_X87 = 16;
    private static final int TRAP_PAGE = 14;
    private static final int TRAP_SIMD = 19;

    private static final long PRESENT = 1;
    private static final long WRITE = 2;
    private static final long FETCH = 16;

    private FaultGuess() {}

    static void complete(Task task, Fault fault, TaskSignals s) {
        if (fault.trap == TRAP_PAGE && (fault.error & FETCH) == 0) {
            boolean store = Instruction.stores(task, fault.address);
            boolean kernelHalf = fault.address < 0;
            boolean there = kernelHalf || fault.code == Signal.SEGV_ACCERR && readable(task, fault.address);
            s.trapError = fault.error & ~(PRESENT | WRITE) | (store ? WRITE : 0) | (there ? PRESENT : 0);
        } else if (fault.trap == TRAP_SIMD) {
            byte first = Instruction.at(task)[0];
            if (first == (byte) 0x9b || (first & 0xf8) == 0xd8) {
                s.trapNumber = TRAP_X87;
            }
        }
    }

    private static boolean readable(Task task, long address) {
        try {
            task.memory().read(address, new byte[1], 0, 1);
            return true;
        } catch (ErrnoException e) {
            return false;
        }
    }
}
