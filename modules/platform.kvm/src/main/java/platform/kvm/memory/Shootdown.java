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
     * @param tables {@linkplain TableArena#window window addresses} of the table pages with changed entries
     * @param count how many there are
     */
    void flush(Context by, KvmAddressSpace space, long[] tables, int count);

    /**
     * Whether the host shadows the guest's tables (PVM): then a change is seen only once ring 0 has written to the table
     * page.
     */
    boolean shadowed();
}
