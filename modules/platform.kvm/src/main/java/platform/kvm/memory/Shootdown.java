package platform.kvm.memory;

import sentry.core.platform.Context;

/** Makes virtual processors forget page-table entries. The vCPU side implements it. Thread-safe. */
public interface Shootdown {
    /**
     * Entries of {@code space} that were present have changed. Returns when no virtual processor can use the old ones.
     *
     * @param by the calling task's context, or null when the caller has none
     * @param space whose entries they are; null when no processor has that space any more and only the table pages
     *     have to be forgotten (then there is nothing to do unless {@link #shadowed})
     * @param touched addresses in the {@linkplain TableArena#WINDOW window} to which ring 0 has to write eight bytes,
     *     unchanged, if the host shadows the guest's tables: the address of an entry makes the host forget that entry,
     *     an address amid two entries the whole table
     * @param count how many there are
     */
    void flush(Context by, KvmAddressSpace space, long[] touched, int count);

    /**
     * Whether the host shadows the guest's tables (PVM): then a change is seen only once ring 0 has written to the table.
     */
    boolean shadowed();
}
