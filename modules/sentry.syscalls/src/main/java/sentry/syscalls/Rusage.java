package sentry.syscalls;

import sentry.core.abi.ErrnoException;
import sentry.core.memory.UserMemory;
import sentry.core.task.Usage;

/** struct rusage (getrusage(2)). */
final class Rusage {
    private static final int SIZE = 144;

    private Rusage() {}

    static void write(UserMemory memory, long address, long user, long system, Usage.Counts counts)
            throws ErrnoException {
        memory.fill(address, SIZE, (byte) 0);
        Timespec.writeMicros(memory, address, user);
        Timespec.writeMicros(memory, address + 16, system);
        memory.putLong(address + 32, counts.peakResident() >> 10); // ru_maxrss
        memory.putLong(address + 64, counts.faults()); // ru_minflt
        memory.putLong(address + 128, counts.switches()); // ru_nvcsw
    }
}
