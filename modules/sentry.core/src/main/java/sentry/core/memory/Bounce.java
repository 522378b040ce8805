package sentry.core.memory;

import host.linux.Memory;
import host.linux.NativeArea;
import sentry.core.abi.ErrnoException;
import sentry.core.vfs.IoBuffer;

/** Moves data between a host transfer and program memory that has no host address. */
final class Bounce {
    private Bounce() {}

    static long run(
            ProgramMemory memory, boolean write, long address, int length, long done, IoBuffer.HostTransfer transfer)
            throws ErrnoException {
        byte[] bytes = new byte[length];
        try (NativeArea area = NativeArea.allocate(length)) {
            if (!write) {
                int n = memory.copyOut(address, bytes, 0, length);
                if (n == 0) {
                    return ProgramMemory.FAULTED;
                }
                Memory.copy(bytes, 0, area.address(), n);
                return transfer.run(area.address(), n, done);
            }
            long n = transfer.run(area.address(), length, done);
            if (n <= 0) {
                return n;
            }
            Memory.copy(area.address(), bytes, 0, (int) n);
            int copied = memory.copyIn(address, bytes, 0, (int) n);
            return copied == 0 ? ProgramMemory.FAULTED : copied;
        }
    }
}
