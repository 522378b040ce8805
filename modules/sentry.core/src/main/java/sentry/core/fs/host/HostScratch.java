package sentry.core.fs.host;

import host.linux.NativeArea;

/** A little host memory per thread, for structures that host calls read and write. */
final class HostScratch {
    private static final ThreadLocal<NativeArea> AREA = ThreadLocal.withInitial(() -> NativeArea.allocate(128));

    private HostScratch() {}

    static long address() {
        return AREA.get().address();
    }
}
