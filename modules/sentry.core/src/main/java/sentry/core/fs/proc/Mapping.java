package sentry.core.fs.proc;

import java.util.ArrayList;
import java.util.List;
import sentry.core.abi.DeviceNumber;
import sentry.core.abi.ErrnoException;
import sentry.core.fs.pseudo.Text;
import sentry.core.memory.MemoryManager;
import sentry.core.memory.Vma;
import sentry.core.vfs.FileDescription;
import sentry.core.vfs.Paths;
import sentry.core.vfs.Stat;
import sentry.core.vfs.VfsPath;

/** A copy of one vma, taken under the memory manager's lock and written down without it. */
record Mapping(long start, long end, int prot, int maxProt, int flags, long offset, FileDescription file, String name) {
    /** The column where names begin in maps. */
    private static final int NAME_COLUMN = 73;

    static List<Mapping> of(MemoryManager memory) {
        List<Mapping> list = new ArrayList<>();
        if (memory != null) {
            memory.forEach(v -> list.add(
                    new Mapping(v.start(), v.end(), v.prot(), v.maxProt(), v.flags(), v.offset(), v.file(), v.name())));
        }
        return list;
    }

    /** The file that the program was loaded from: the one that its code is mapped from; null when there is none. */
    static VfsPath executable(MemoryManager memory) {
        if (memory != null) {
            long code = memory.layout().codeStart;
            for (Mapping m : of(memory)) {
                if (m.start <= code && code < m.end && m.file != null) {
                    return m.file.path();
                }
            }
        }
        return null;
    }

    long size() {
        return end - start;
    }

    boolean may(int access) {
        return (prot & access) != 0;
    }

    boolean is(int flag) {
        return (flags & flag) != 0;
    }

    /** Whether the program has asked for large pages, and one would fit. */
    boolean mayBeHuge() {
        long huge = 1L << 21;
        return is(Vma.HUGE_PAGE) && (start + huge - 1 & -huge) + huge <= end;
    }

    boolean isStack() {
        return is(Vma.GROWS_DOWN);
    }

    /** The line of /proc/PID/maps. */
    void write(Text out, VfsPath root) {
        int from = out.length();
        out.addHex(start, 8).add('-').addHex(end, 8).add(' ');
        out.add(may(Vma.READ) ? 'r' : '-').add(may(Vma.WRITE) ? 'w' : '-').add(may(Vma.EXECUTE) ? 'x' : '-');
        out.add(is(Vma.MAY_SHARE | Vma.SHARED) ? 's' : 'p').add(' ');
        out.addHex(offset, 8).add(' ');
        long dev = 0;
        long ino = 0;
        String text = name;
        if (file != null) {
            Stat stat = new Stat();
            try {
                file.inode().stat(stat);
                dev = stat.dev;
                ino = stat.ino;
            } catch (ErrnoException e) {
                // The file's server is gone: the mapping is still there, without a number.
                ino = file.inode().ino();
            }
            text = Paths.of(file.path(), root);
        } else if (text == null && is(Vma.ANONYMOUS_SHARED)) {
            text = "/dev/zero (deleted)";
        }
        out.addHex(DeviceNumber.major(dev), 2).add(':').addHex(DeviceNumber.minor(dev), 2).add(' ').add(ino).add(' ');
        if (text != null) {
            out.padTo(from, NAME_COLUMN).addEscaped(text, "\n");
        }
        out.line();
    }
}
