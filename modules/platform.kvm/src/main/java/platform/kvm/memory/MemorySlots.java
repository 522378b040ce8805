package platform.kvm.memory;

import sentry.core.platform.PlatformException;

/** The memory slots of a virtual machine (KVM_SET_USER_MEMORY_REGION). Thread-safe. */
@FunctionalInterface
public interface MemorySlots {
    /**
     * Shows {@code size} bytes of the Sentry at {@code host} to the guest at {@code gpa}; size 0 deletes the slot.
     *
     * @param flags KVM_MEM_*
     */
    void set(int slot, int flags, long gpa, long size, long host) throws PlatformException;
}
