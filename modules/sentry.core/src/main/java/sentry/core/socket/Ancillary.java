package sentry.core.socket;

import sentry.core.abi.Bytes;

/** The control messages of one recvmsg(2) under construction (cmsg(3)): what does not fit is cut off and noted. */
public final class Ancillary {
    /** struct cmsghdr: length 8, level 4, type 4. */
    public static final int HEADER = 16;

    private final byte[] bytes;
    private int at;
    private boolean cut;

    /** @param room bytes that the program has for them */
    public Ancillary(int room) {
        bytes = new byte[room];
    }

    public byte[] bytes() {
        return bytes;
    }

    /** Bytes so far. */
    public int length() {
        return at;
    }

    /** Bytes of data that the next message may carry; negative when there is no place for a header. */
    public int room() {
        return bytes.length - at - HEADER;
    }

    /** Whether something did not fit: MSG_CTRUNC. */
    public boolean cut() {
        return cut;
    }

    public void markCut() {
        cut = true;
    }

    /** Adds a message; one that does not fit is shortened, or left out when not even its header fits (Linux: put_cmsg). */
    public void add(int level, int type, byte[] data, int length) {
        int n = Math.min(length, room());
        if (n < length) {
            cut = true;
        }
        if (n < 0) {
            return;
        }
        Bytes.putLong(bytes, at, HEADER + n);
        Bytes.putInt(bytes, at + 8, level);
        Bytes.putInt(bytes, at + 12, type);
        System.arraycopy(data, 0, bytes, at + HEADER, n);
        at = Math.min(bytes.length, at + HEADER + n + 7 & -8);
    }

    public void addInt(int level, int type, int value) {
        byte[] b = new byte[4];
        Bytes.putInt(b, 0, value);
        add(level, type, b, 4);
    }
}
