package sentry.core.fs.host;

import host.linux.Epoll;
import host.linux.HostException;
import host.linux.Memory;
import host.linux.NativeArea;
import host.linux.Syscall;
import sentry.core.log.Log;

/**
 * One thread that waits for events of the host's descriptors. A descriptor is armed for one event when somebody is about
 * to sleep on it, so a busy stream costs this thread nothing.
 */
final class HostPoller implements Runnable {
    private static final int BATCH = 16;

    private final int epoll;
    private final NativeArea events = NativeArea.allocate(4096);
    /** Known descriptors by number. */
    private volatile HostInode[] files = new HostInode[16];

    private boolean started;

    HostPoller() throws HostException {
        epoll = (int) HostException.check("epoll_create1", Epoll.create());
    }

    /** Makes {@code file} known; false when the host cannot wait for it because it is always ready. */
    synchronized boolean add(HostInode file) {
        int fd = file.fd();
        HostInode[] f = files;
        if (fd >= f.length) {
            f = java.util.Arrays.copyOf(f, Math.max(fd + 1, f.length * 2));
        }
        f[fd] = file;
        files = f;
        return !Syscall.failed(control(Epoll.ADD, fd, 0));
    }

    /** The descriptor is about to be closed. */
    synchronized void remove(HostInode file) {
        control(Epoll.DELETE, file.fd(), 0);
        files[file.fd()] = null;
    }

    /** Reports {@code wanted} (poll(2) bits) once, now if it is there already. */
    void arm(HostInode file, int wanted) {
        synchronized (this) {
            if (!started) {
                started = true;
                Thread thread = new Thread(null, this, "host-poller", 256 << 10);
                thread.setDaemon(true);
                thread.start();
            }
            control(Epoll.MODIFY, file.fd(), wanted | Epoll.EPOLLONESHOT);
        }
    }

    private long control(int operation, int fd, int wanted) {
        long event = events.address() + 2048; // the first half is the waiting thread's
        Memory.putInt(event, wanted);
        Memory.putLong(event + 4, fd);
        return Epoll.control(epoll, operation, fd, event);
    }

    @Override
    public void run() {
        long base = events.address();
        for (; ; ) {
            long n = Epoll.await(epoll, base, BATCH);
            if (n == -4) { // EINTR
                continue;
            }
            if (Syscall.failed(n)) {
                Log.warn("waiting for host descriptors failed: errno " + -n);
                return;
            }
            for (int i = 0; i < n; i++) {
                long at = base + (long) i * Epoll.EVENT_SIZE;
                int fd = (int) Memory.getLong(at + 4);
                HostInode[] f = files;
                HostInode file = fd < f.length ? f[fd] : null;
                if (file != null) {
                    file.hostEvents(Memory.getInt(at));
                }
            }
        }
    }
}
