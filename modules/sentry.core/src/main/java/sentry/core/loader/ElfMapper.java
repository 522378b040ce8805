package sentry.core.loader;

import sentry.core.abi.Elf;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.memory.ProgramBuilder;
import sentry.core.memory.ProgramLayout;
import sentry.core.memory.Vma;
import sentry.core.vfs.FileDescription;

/** Maps the segments of one ELF file. */
final class ElfMapper {
    private static final long PAGE = 4096;

    private final ProgramBuilder builder;
    private final ElfFile elf;
    private final FileDescription file;
    /** Added to the file's addresses. */
    private long bias;

    ElfMapper(ProgramBuilder builder, ElfFile elf, FileDescription file) {
        this.builder = builder;
        this.elf = elf;
        this.file = file;
    }

    long bias() {
        return bias;
    }

    long entry() {
        return elf.entry() + bias;
    }

    /** Maps the program itself, and notes where its parts and its heap are. */
    void mapProgram(boolean interpreted) throws ErrnoException {
        long[] span = span(Errno.ENOEXEC);
        boolean apart = false;
        if (elf.positionIndependent()) {
            if (interpreted) {
                long base = pieBase() + builder.randomPages(28);
                bias = (base & -alignment()) - span[0];
            } else {
                // A static program, or an interpreter started by hand: keep the usual place free.
                bias = builder.findRoom(span[1] - span[0], alignment()) - span[0];
                apart = true;
            }
        }
        mapSegments(span);
        ProgramLayout l = builder.layout();
        long codeStart = Long.MAX_VALUE;
        long codeEnd = 0;
        long dataStart = 0;
        long dataEnd = 0;
        long end = 0;
        for (int i = 0; i < elf.count(); i++) {
            if (elf.type(i) != Elf.PT_LOAD) {
                continue;
            }
            long from = elf.address(i) + bias;
            long fileEnd = from + elf.fileSize(i);
            if ((elf.flags(i) & Elf.PF_X) != 0) {
                codeStart = Math.min(codeStart, from);
                codeEnd = Math.max(codeEnd, fileEnd);
            }
            if (from >= dataStart) {
                dataStart = from;
            }
            dataEnd = Math.max(dataEnd, fileEnd);
            end = Math.max(end, from + elf.memorySize(i));
        }
        l.codeStart = codeStart == Long.MAX_VALUE ? span[0] + bias : codeStart;
        l.codeEnd = codeEnd;
        l.dataStart = dataStart;
        l.dataEnd = dataEnd;
        long heap = apart ? pieBase() + builder.randomPages(28) : end;
        builder.placeHeap((heap + PAGE - 1 & -PAGE) + builder.randomPages(13));
    }

    void mapInterpreter() throws ErrnoException {
        long[] span = span(Errno.EINVAL);
        if (elf.positionIndependent()) {
            bias = builder.findRoom(span[1] - span[0], alignment()) - span[0];
        }
        mapSegments(span);
    }

    /** Where position independent programs with an interpreter begin, but for the random part: two thirds up. */
    private long pieBase() {
        return builder.maxAddress() / 3 * 2 & -PAGE;
    }

    /** First page and end of all segments, as the file has them. */
    private long[] span(Errno none) throws ErrnoException {
        long low = Long.MAX_VALUE;
        long high = 0;
        for (int i = 0; i < elf.count(); i++) {
            if (elf.type(i) != Elf.PT_LOAD) {
                continue;
            }
            long address = elf.address(i);
            long size = elf.memorySize(i);
            long limit = builder.maxAddress();
            if (address < 0
                    || address >= limit
                    || size < 0
                    || elf.fileSize(i) < 0
                    || elf.fileSize(i) > size
                    || size > limit - address
                    || elf.offset(i) < 0
                    || elf.offset(i) > Long.MAX_VALUE - size - PAGE
                    || (elf.offset(i) - address & PAGE - 1) != 0) {
                throw Errno.EINVAL.error();
            }
            low = Math.min(low, address & -PAGE);
            high = Math.max(high, address + size + PAGE - 1 & -PAGE);
        }
        if (low >= high) {
            throw none.error();
        }
        return new long[] {low, high};
    }

    private long alignment() {
        long most = PAGE;
        for (int i = 0; i < elf.count(); i++) {
            long a = elf.alignment(i);
            if (elf.type(i) == Elf.PT_LOAD && a > most && (a & a - 1) == 0 && a <= 1L << 30) {
                most = a;
            }
        }
        return most;
    }

    private void mapSegments(long[] span) throws ErrnoException {
        if (span[0] + bias < 0 || span[1] + bias > builder.maxAddress()) {
            throw Errno.ENOMEM.error();
        }
        for (int i = 0; i < elf.count(); i++) {
            if (elf.type(i) == Elf.PT_LOAD && elf.memorySize(i) > 0) {
                mapSegment(i);
            }
        }
    }

    private void mapSegment(int i) throws ErrnoException {
        int flags = elf.flags(i);
        int prot = ((flags & Elf.PF_R) != 0 ? Vma.READ : 0)
                | ((flags & Elf.PF_W) != 0 ? Vma.WRITE : 0)
                | ((flags & Elf.PF_X) != 0 ? Vma.EXECUTE : 0);
        long address = elf.address(i) + bias;
        long start = address & -PAGE;
        long fileEnd = address + elf.fileSize(i);
        long end = address + elf.memorySize(i) + PAGE - 1 & -PAGE;
        long mappedEnd = start;
        if (elf.fileSize(i) > 0) {
            mappedEnd = fileEnd + PAGE - 1 & -PAGE;
            builder.mapFile(start, mappedEnd, prot, file, elf.offset(i) - (address - start));
        }
        if (end > mappedEnd) {
            builder.mapAnonymous(mappedEnd, end, prot);
        }
        if (elf.memorySize(i) > elf.fileSize(i) && (prot & Vma.WRITE) != 0 && mappedEnd > fileEnd && mappedEnd > start) {
            builder.zero(fileEnd, mappedEnd);
        }
    }

    /** Where the program headers are in memory, or 0 when no segment shows them. */
    long headersAddress() {
        long at = elf.headersOffset();
        for (int i = 0; i < elf.count(); i++) {
            if (elf.type(i) == Elf.PT_LOAD
                    && elf.offset(i) <= at
                    && at < elf.offset(i) + elf.fileSize(i)) {
                return at - elf.offset(i) + elf.address(i) + bias;
            }
        }
        return 0;
    }
}
