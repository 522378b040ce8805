package sentry.core.task;

import java.util.Arrays;
import sentry.core.abi.ErrnoException;
import sentry.core.arch.StoreDecoder;

/** The instruction that a task is at. On the task's own thread, without locks of its memory. */
public final class Instruction {
    private static final int PAGE = 4096;

    private Instruction() {}

    /** Its first {@link StoreDecoder#LENGTH} bytes, zeros where they cannot be read. */
    public static byte[] at(Task task) {
        byte[] code = new byte[StoreDecoder.LENGTH];
        long ip = task.registers().ip();
        int n = code.length;
        try {
            task.memory().read(ip, code, 0, n);
        } catch (ErrnoException e) {
            n = (int) Math.min(n, PAGE - (ip & (PAGE - 1)));
            try {
                task.memory().read(ip, code, 0, n);
            } catch (ErrnoException none) {
                Arrays.fill(code, (byte) 0);
            }
        }
        return code;
    }

    /** Whether it stores to {@code address}, where it faulted: for a platform that cannot tell. */
    public static boolean stores(Task task, long address) {
        return StoreDecoder.stores(at(task), address, task.registers());
    }
}
