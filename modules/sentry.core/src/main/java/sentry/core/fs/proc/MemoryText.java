package sentry.core.fs.proc;

import java.util.List;
import sentry.core.fs.pseudo.Text;
import sentry.core.memory.MemoryManager;
import sentry.core.memory.Usage;
import sentry.core.memory.Vma;
import sentry.core.vfs.VfsPath;

/** maps, smaps, smaps_rollup and statm of a process. A zombie (null) has none. */
final class MemoryText {
    private static final int PAGE = 4096;

    private MemoryText() {}

    static void maps(MemoryManager memory, VfsPath root, Text out) {
        for (Mapping m : Mapping.of(memory)) {
            m.write(out, root);
        }
    }

    static void smaps(MemoryManager memory, VfsPath root, Text out) {
        for (Mapping m : Mapping.of(memory)) {
            m.write(out, root);
            line(out, "Size:", m.size());
            out.add("KernelPageSize:        4 kB\nMMUPageSize:           4 kB\n");
            Usage u = memory.usage(m.start(), m.end());
            line(out, "Rss:", u.resident);
            line(out, "Pss:", u.proportional);
            line(out, "Pss_Dirty:", u.proportional);
            rest(out, u, m.is(Vma.LOCKED) ? u.proportional : 0);
            out.add("THPeligible:           ").add(m.mayBeHuge() ? 1 : 0).add("\nVmFlags:");
            flags(out, m);
            out.add(" \n");
        }
    }

    /** What smaps and smaps_rollup have in common. All that counts is without a file behind it, and so is dirty. */
    private static void rest(Text out, Usage u, long locked) {
        line(out, "Shared_Clean:", 0);
        line(out, "Shared_Dirty:", u.shared);
        line(out, "Private_Clean:", 0);
        line(out, "Private_Dirty:", u.resident - u.shared);
        line(out, "Referenced:", u.resident);
        line(out, "Anonymous:", u.anonymous);
        for (String name : ALWAYS_NONE) {
            line(out, name, 0);
        }
        line(out, "Locked:", locked);
    }

    private static final String[] ALWAYS_NONE = {
        "LazyFree:", "AnonHugePages:", "ShmemPmdMapped:", "FilePmdMapped:", "Shared_Hugetlb:", "Private_Hugetlb:",
        "Swap:", "SwapPss:"
    };

    /** The flags in Linux's order. */
    private static void flags(Text out, Mapping m) {
        boolean special = m.is(Vma.SPECIAL);
        flag(out, m.may(Vma.READ), "rd");
        flag(out, m.may(Vma.WRITE), "wr");
        flag(out, m.may(Vma.EXECUTE), "ex");
        flag(out, m.is(Vma.SHARED), "sh");
        flag(out, (m.maxProt() & Vma.READ) != 0, "mr");
        flag(out, (m.maxProt() & Vma.WRITE) != 0, "mw");
        flag(out, (m.maxProt() & Vma.EXECUTE) != 0, "me");
        flag(out, m.is(Vma.SHARED | Vma.MAY_SHARE), "ms");
        flag(out, m.is(Vma.GROWS_DOWN), "gd");
        flag(out, m.is(Vma.REPORTS_MISSING), "um");
        flag(out, m.is(Vma.REPORTS_WRITES), "uw");
        flag(out, m.is(Vma.LOCKED), "lo");
        flag(out, m.is(Vma.SEQUENTIAL), "sr");
        flag(out, m.is(Vma.RANDOM), "rr");
        flag(out, m.is(Vma.DONT_FORK), "dc");
        flag(out, special, "de");
        flag(out, m.may(Vma.WRITE) && !m.is(Vma.SHARED | Vma.NO_RESERVE), "ac");
        flag(out, m.is(Vma.NO_RESERVE), "nr");
        flag(out, m.is(Vma.WIPE_ON_FORK), "wf");
        flag(out, m.is(Vma.DONT_DUMP), "dd");
        flag(out, m.is(Vma.HUGE_PAGE), "hg");
        flag(out, m.is(Vma.NO_HUGE_PAGE | Vma.STACK), "nh");
        flag(out, m.is(Vma.MERGEABLE), "mg");
        flag(out, m.is(Vma.SEALED), "sl");
    }

    private static void flag(Text out, boolean set, String name) {
        if (set) {
            out.add(' ').add(name);
        }
    }

    static void rollup(MemoryManager memory, Text out) {
        List<Mapping> list = Mapping.of(memory);
        if (list.isEmpty()) {
            return;
        }
        int from = out.length();
        out.addHex(list.getFirst().start(), 8).add('-').addHex(list.getLast().end(), 8).add(" ---p 00000000 00:00 0 ");
        out.padTo(from, 73).add("[rollup]\n");
        Usage u = memory.usage(0, Long.MAX_VALUE);
        line(out, "Rss:", u.resident);
        line(out, "Pss:", u.proportional);
        line(out, "Pss_Dirty:", u.proportional);
        // How the shares divide between the kinds is not kept: as the pages do.
        long anonymous = u.resident == 0 ? 0 : (long) ((double) u.proportional * u.anonymous / u.resident);
        line(out, "Pss_Anon:", anonymous);
        line(out, "Pss_File:", 0);
        line(out, "Pss_Shmem:", u.proportional - anonymous);
        long locked = 0;
        for (Mapping m : list) {
            locked += m.is(Vma.LOCKED) ? memory.usage(m.start(), m.end()).proportional : 0;
        }
        rest(out, u, locked);
    }

    private static void line(Text out, String name, long bytes) {
        out.addLeft(name, 16).addRight(bytes >> 10, 8).add(" kB\n");
    }

    static void statm(MemoryManager memory, Text out) {
        if (memory == null) {
            out.add("0 0 0 0 0 0 0\n");
            return;
        }
        Sizes s = Sizes.of(memory);
        out.add(s.total / PAGE).add(' ').add(memory.residentBytes() / PAGE).add(' ');
        out.add(memory.residentFileBytes() / PAGE).add(' ');
        out.add(s.code / PAGE).add(" 0 ").add((s.data + s.stack) / PAGE).add(" 0\n");
    }

    /** Sums over mappings, in bytes. */
    static final class Sizes {
        long total;
        long code;
        long libraries;
        long data;
        long stack;
        long locked;

        static Sizes of(MemoryManager memory) {
            Sizes s = new Sizes();
            long codeStart = memory.layout().codeStart & -PAGE;
            long codeEnd = memory.layout().codeEnd + PAGE - 1 & -PAGE;
            s.code = codeEnd - codeStart;
            long executable = 0;
            for (Mapping m : Mapping.of(memory)) {
                s.total += m.size();
                if (m.is(Vma.LOCKED)) {
                    s.locked += m.size();
                }
                if (m.isStack()) {
                    s.stack += m.size();
                } else if (m.may(Vma.EXECUTE) && !m.may(Vma.WRITE)) {
                    executable += m.size();
                } else if (m.may(Vma.WRITE) && !m.is(Vma.SHARED)) {
                    s.data += m.size();
                }
            }
            s.code = Math.min(s.code, executable);
            s.libraries = executable - s.code;
            return s;
        }
    }
}
