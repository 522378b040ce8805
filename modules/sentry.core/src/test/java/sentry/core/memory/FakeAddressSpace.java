package sentry.core.memory;

import java.util.ArrayList;
import java.util.TreeMap;
import sentry.core.platform.AddressSpace;
import sentry.core.platform.Context;

/** Remembers mappings page by page; queued changes come into force at commit, as the contract allows. */
final class FakeAddressSpace implements AddressSpace {
    record Page(int fd, long offset, int protection) {}

    final TreeMap<Long, Page> pages = new TreeMap<>();
    private final ArrayList<Runnable> queue = new ArrayList<>();
    int maps;
    int unmaps;
    int protects;
    int commits;
    boolean released;

    @Override
    public void map(long address, long length, int fd, long offset, int protection, boolean populate) {
        check(address, length);
        if ((offset & 4095) != 0) {
            throw new IllegalArgumentException("offset " + offset);
        }
        maps++;
        queue.add(() -> {
            for (long at = 0; at < length; at += 4096) {
                pages.put(address + at, new Page(fd, offset + at, protection));
            }
        });
    }

    @Override
    public void unmap(long address, long length) {
        check(address, length);
        unmaps++;
        queue.add(() -> pages.subMap(address, address + length).clear());
    }

    @Override
    public void protect(long address, long length, int protection) {
        check(address, length);
        protects++;
        queue.add(() -> pages.subMap(address, address + length)
                .replaceAll((a, p) -> new Page(p.fd, p.offset, protection)));
    }

    @Override
    public void commit(Context by) {
        commits++;
        for (Runnable change : queue) {
            change.run();
        }
        queue.clear();
    }

    @Override
    public AddressSpace fork(Context by) {
        commit(by);
        FakeAddressSpace child = new FakeAddressSpace();
        child.pages.putAll(pages);
        return child;
    }

    @Override
    public void prepareContext(Context by) {}

    @Override
    public void release(Context by) {
        released = true;
        pages.clear();
        queue.clear();
    }

    private static void check(long address, long length) {
        if ((address & 4095) != 0 || (length & 4095) != 0 || length <= 0 || address < 0x10000) {
            throw new IllegalArgumentException(Long.toHexString(address) + "+" + Long.toHexString(length));
        }
    }
}
