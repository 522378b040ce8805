package sentry.syscalls;

import sentry.core.vfs.DirectorySink;

/** Writes directory entries as getdents(2) and getdents64(2) lay them out. Reused. */
final class DirentWriter implements DirectorySink {
    private static final int LARGEST = 128 << 10;

    private byte[] bytes = new byte[8 << 10];
    private int limit;
    private boolean old;
    private int used;
    /** An entry did not fit into an empty buffer. */
    private boolean tooSmall;

    DirentWriter() {}

    /** @param oldLayout struct linux_dirent, with the type in the last byte */
    DirentWriter start(int size, boolean oldLayout) {
        limit = Math.min(size, LARGEST);
        old = oldLayout;
        used = 0;
        tooSmall = false;
        if (bytes.length < limit) {
            bytes = new byte[Math.max(limit, Math.min(LARGEST, bytes.length * 2))];
        }
        return this;
    }

    byte[] bytes() {
        return bytes;
    }

    int used() {
        return used;
    }

    boolean tooSmall() {
        return tooSmall;
    }

    @Override
    @SuppressWarnings("deprecation") // the low bytes of a raw-byte string
    public boolean entry(String name, long ino, int type, long next) {
        int header = old ? 18 : 19;
        int length = header + name.length() + (old ? 2 : 1) + 7 & -8;
        if (length > limit - used) {
            tooSmall |= used == 0;
            return false;
        }
        byte[] b = bytes;
        int at = used;
        Struct.putLong(b, at, ino);
        Struct.putLong(b, at + 8, next);
        Struct.putShort(b, at + 16, length);
        name.getBytes(0, name.length(), b, at + header);
        for (int i = at + header + name.length(); i < at + length; i++) {
            b[i] = 0;
        }
        b[old ? at + length - 1 : at + 18] = (byte) type;
        used += length;
        return true;
    }
}
