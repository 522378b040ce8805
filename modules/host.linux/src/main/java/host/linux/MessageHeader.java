package host.linux;

/**
 * A {@code struct msghdr} with one buffer and room for donated descriptors (SCM_RIGHTS). Used by one thread at a time.
 *
 * <p>Layout of the area: the header at 0, the iovec at 64, the control buffer at 128.
 */
public final class MessageHeader implements AutoCloseable {
    /** Descriptors that one message may carry here. */
    public static final int MAX_FDS = 8;

    private static final int OFF_IOV = 64;
    private static final int OFF_CONTROL = 128;
    private static final int CMSG_HEADER = 16;
    private static final int CONTROL_SIZE = CMSG_HEADER + 4 * MAX_FDS;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;

    private final NativeArea area = NativeArea.allocate(OFF_CONTROL + CONTROL_SIZE);
    private final int[] received = new int[MAX_FDS];
    private int receivedCount;
    // What the structures hold now, so that what does not change is not written again.
    private long bufferAddress;
    private long bufferLength;
    private boolean hasControl;

    public MessageHeader() {
        long header = area.address();
        Memory.putLong(header + 16, header + OFF_IOV); // msg_iov
        Memory.putLong(header + 24, 1); // msg_iovlen
    }

    /** Sends at most {@code length} bytes; returns how many went out, or the negated errno. */
    public long send(int socket, long address, long length, int flags) {
        buffer(address, length);
        control(0);
        return Sockets.sendmsg(socket, area.address(), flags);
    }

    /** As {@link #send}, and donates {@code fd} with the first byte. */
    public long sendWithFd(int socket, long address, long length, int fd, int flags) {
        buffer(address, length);
        long control = area.address() + OFF_CONTROL;
        Memory.putLong(control, CMSG_HEADER + 4); // cmsg_len
        Memory.putInt(control + 8, SOL_SOCKET);
        Memory.putInt(control + 12, SCM_RIGHTS);
        Memory.putInt(control + CMSG_HEADER, fd);
        control(CMSG_HEADER + 8); // CMSG_SPACE(4)
        return Sockets.sendmsg(socket, area.address(), flags);
    }

    /** Receives bytes only; descriptors that come along are closed by the host. */
    public long receive(int socket, long address, long length, int flags) {
        buffer(address, length);
        control(0);
        receivedCount = 0;
        return Sockets.recvmsg(socket, area.address(), flags);
    }

    /** Receives bytes and descriptors, which then belong to the caller; see {@link #fdCount} and {@link #fd}. */
    public long receiveWithFds(int socket, long address, long length, int flags) {
        buffer(address, length);
        control(CONTROL_SIZE);
        receivedCount = 0;
        long result = Sockets.recvmsg(socket, area.address(), flags | Sockets.MSG_CMSG_CLOEXEC);
        if (result >= 0) {
            takeFds();
        }
        return result;
    }

    /** How many descriptors the last receive brought. */
    public int fdCount() {
        return receivedCount;
    }

    public int fd(int index) {
        return received[index];
    }

    /** Whether the last receive lost descriptors, for want of room or because this process may have no more (EMFILE). */
    public boolean lostFds() {
        return (Memory.getInt(area.address() + 48) & Sockets.MSG_CTRUNC) != 0;
    }

    private void takeFds() {
        long length = Memory.getLong(area.address() + 40);
        long control = area.address() + OFF_CONTROL;
        if (length < CMSG_HEADER) {
            return;
        }
        // With SO_PASSCRED off the only control message there can be is SCM_RIGHTS.
        long end = Math.min(Memory.getLong(control), length);
        if (Memory.getInt(control + 8) == SOL_SOCKET && Memory.getInt(control + 12) == SCM_RIGHTS) {
            for (long at = CMSG_HEADER; at + 4 <= end && receivedCount < MAX_FDS; at += 4) {
                received[receivedCount++] = Memory.getInt(control + at);
            }
        }
    }

    private void buffer(long address, long length) {
        if (address != bufferAddress) {
            bufferAddress = address;
            Memory.putLong(area.address() + OFF_IOV, address);
        }
        if (length != bufferLength) {
            bufferLength = length;
            Memory.putLong(area.address() + OFF_IOV + 8, length);
        }
    }

    /** The host overwrites length and flags when it receives control messages; without any it reads only the length. */
    private void control(long length) {
        if (length == 0 && !hasControl) {
            return;
        }
        hasControl = length != 0;
        Memory.putLong(area.address() + 32, length == 0 ? 0 : area.address() + OFF_CONTROL);
        Memory.putLong(area.address() + 40, length);
    }

    @Override
    public void close() {
        area.close();
    }
}
