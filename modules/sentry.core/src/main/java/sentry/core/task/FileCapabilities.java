package sentry.core.task;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.vfs.Inode;

/** What a program file brings along (capabilities(7), "File capabilities"): its attribute security.capability. */
record FileCapabilities(long permitted, long inheritable, boolean effective) {
    private static final String ATTRIBUTE = "security.capability";
    private static final int REVISION = 0xff000000;
    private static final int REVISION_1 = 0x01000000;
    private static final int REVISION_2 = 0x02000000;
    private static final int REVISION_3 = 0x03000000;
    private static final int EFFECTIVE = 1;
    private static final int SIZE_1 = 12;
    private static final int SIZE_2 = 20;
    private static final int SIZE_3 = 24;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    /** Null when the file has none, or none that count in {@code ns}. */
    static FileCapabilities of(Inode file, UserNamespace ns) throws ErrnoException {
        byte[] b;
        try {
            b = file.getxattr(ATTRIBUTE);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENODATA || e.errno() == Errno.EOPNOTSUPP) {
                return null;
            }
            throw e;
        }
        if (b == null || b.length < SIZE_1) {
            return null;
        }
        int magic = (int) INT.get(b, 0);
        int revision = magic & REVISION;
        if (revision == REVISION_1 && b.length == SIZE_1) {
            return new FileCapabilities(word(b, 4), word(b, 8), (magic & EFFECTIVE) != 0);
        }
        boolean owned = revision == REVISION_3 && b.length == SIZE_3;
        if (!owned && (revision != REVISION_2 || b.length != SIZE_2)
                || owned && (int) INT.get(b, 20) != ns.rootUid()) {
            return null;
        }
        long permitted = word(b, 4) | word(b, 12) << 32;
        long inheritable = word(b, 8) | word(b, 16) << 32;
        return new FileCapabilities(
                permitted & Credentials.ALL_CAPABILITIES,
                inheritable & Credentials.ALL_CAPABILITIES,
                (magic & EFFECTIVE) != 0);
    }

    private static long word(byte[] b, int at) {
        return (int) INT.get(b, at) & 0xffffffffL;
    }
}
