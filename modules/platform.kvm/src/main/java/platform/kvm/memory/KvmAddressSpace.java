package platform.kvm.memory;

import sentry.core.platform.AddressSpace;
import sentry.core.platform.Context;
import sentry.core.platform.PlatformException;

public final class KvmAddressSpace implements AddressSpace {
    public static final int FILLED = 0;
    public static final int MISSING = 1;
    public static final int DENIED = 2;
    public static final int BUS_ERROR = 3;
    /** Lowest address that a program may map. */
    public static final long MIN_ADDRESS = 0x10000;
    /** End of the addresses that a program may map. */
    public static final long MAX_ADDRESS = 0x7fff_ffff_f000L;
    public volatile int flushes;
    public KvmAddressSpace(GuestPhysical physical, Shootdown shootdown) {
    }
    /** Called by the task's thread after a page fault. {@code access} as in {@link sentry.core.platform.Fault}. */
    public int fill(long address, int access) {
        throw new UnsupportedOperationException();
    }
    public long root(int vcpu, long privatePdpt) throws PlatformException {
        throw new UnsupportedOperationException();
    }
    /** The program address that shows guest-physical {@code gpa}; -1 if none does. */
    public long addressOf(long gpa) {
        throw new UnsupportedOperationException();
    }
    @Override
    public void map(long address, long length, int fd, long offset, int protection, boolean populate) {
        throw new UnsupportedOperationException();
    }
    @Override
    public void unmap(long address, long length) {
        throw new UnsupportedOperationException();
    }
    @Override
    public void protect(long address, long length, int protection) {
        throw new UnsupportedOperationException();
    }
    @Override
    public void commit(Context by) throws PlatformException {
        throw new UnsupportedOperationException();
    }
    @Override
    public AddressSpace fork(Context by) throws PlatformException {
        throw new UnsupportedOperationException();
    }
    @Override
    public void prepareContext(Context by) {}
    @Override
    public void release(Context by) {
        throw new UnsupportedOperationException();
    }
}
