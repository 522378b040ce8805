package sentry.core.vfs;

import java.util.concurrent.atomic.AtomicInteger;

/** Device numbers (major 0) for filesystems without a device. */
public final class AnonymousDevices {
    private static final AtomicInteger NEXT = new AtomicInteger(20);

    private AnonymousDevices() {}

    public static long next() {
        return NEXT.getAndIncrement();
    }
}
