package sentry.core.fs.proc;

import java.util.List;
import sentry.core.fs.pseudo.Text;
import sentry.core.memory.MemoryManager;
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
            line(out, "Rss:", memory.residentBytes(m.start(), m.end()));
            if (m.is(Vma.LOCKED)) {
                line(out, "Locked:", memory.residentBytes(m.start(), m.end()));
            }
            out.add("VmFlags:");
            flag(out, m.may(Vma.READ), "rd");
            flag(out, m.may(Vma.WRITE), "wr");
            flag(out, m.may(Vma.EXECUTE), "ex");
            flag(out, m.is(Vma.SHARED | Vma.MAY_SHARE), "sh");
            flag(out, m.is(Vma.GROWS_DOWN), "gd");
            flag(out, m.is(Vma.LOCKED), "lo");
            flag(out, m.is(Vma.DONT_FORK), "dc");
            flag(out, m.is(Vma.NO_RESERVE), "nr");
            flag(out, m.is(Vma.DONT_DUMP), "dd");
            flag(out, m.is(Vma.WIPE_ON_FORK), "wf");
            out.add(" \n");
        }
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
        line(out, "Rss:", memory.residentBytes());
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
