package sentry.core.loader;

import java.nio.charset.StandardCharsets;
import sentry.core.abi.Elf;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.memory.Mappable;
import sentry.core.vfs.FileDescription;

/** The headers of an ELF program, read and checked as Linux checks them. */
final class ElfFile {
    private static final int PATH_MAX = 4096;

    private final byte[] header;
    private final byte[] programHeaders;
    private final int count;
    private final String interpreter;

    private ElfFile(byte[] header, byte[] programHeaders, int count, String interpreter) {
        this.header = header;
        this.programHeaders = programHeaders;
        this.count = count;
        this.interpreter = interpreter;
    }

    /** @param bad what to fail with when the file is no program of ours: ENOEXEC, or ELIBBAD for an interpreter */
    static ElfFile open(FileDescription file, Errno bad) throws ErrnoException {
        byte[] h = new byte[Elf.EHDR_SIZE];
        if (read(file, 0, h, h.length) < h.length && bad == Errno.ELIBBAD) {
            throw Errno.EIO.error();
        }
        int type = u16(h, Elf.E_TYPE);
        int n = u16(h, Elf.E_PHNUM);
        if (h[0] != 0x7f
                || h[1] != 'E'
                || h[2] != 'L'
                || h[3] != 'F'
                || type != Elf.ET_EXEC && type != Elf.ET_DYN
                || u16(h, Elf.E_MACHINE) != Elf.EM_X86_64
                || u16(h, Elf.E_PHENTSIZE) != Elf.PHDR_SIZE
                || n < 1
                || n > 65536 / Elf.PHDR_SIZE) {
            throw bad.error();
        }
        byte[] p = new byte[n * Elf.PHDR_SIZE];
        long at = i64(h, Elf.E_PHOFF);
        if (at < 0 || read(file, at, p, p.length) < p.length) {
            throw bad.error();
        }
        return new ElfFile(h, p, n, bad == Errno.ENOEXEC ? interpreter(file, p, n) : null);
    }

    private static String interpreter(FileDescription file, byte[] p, int n) throws ErrnoException {
        for (int i = 0; i < n; i++) {
            int h = i * Elf.PHDR_SIZE;
            if (i32(p, h) != Elf.PT_INTERP) {
                continue;
            }
            long size = i64(p, h + 32);
            if (size > PATH_MAX || size < 2) {
                throw Errno.ENOEXEC.error();
            }
            byte[] name = new byte[(int) size];
            long at = i64(p, h + 8);
            if (at < 0 || read(file, at, name, name.length) < name.length) {
                throw Errno.EIO.error();
            }
            if (name[name.length - 1] != 0) {
                throw Errno.ENOEXEC.error();
            }
            int length = 0;
            while (name[length] != 0) {
                length++;
            }
            return new String(name, 0, length, StandardCharsets.ISO_8859_1);
        }
        return null;
    }

    /** Path of the interpreter, or null. */
    String interpreter() {
        return interpreter;
    }

    boolean positionIndependent() {
        return u16(header, Elf.E_TYPE) == Elf.ET_DYN;
    }

    long entry() {
        return i64(header, Elf.E_ENTRY);
    }

    long headersOffset() {
        return i64(header, Elf.E_PHOFF);
    }

    /** Number of program headers. */
    int count() {
        return count;
    }

    int type(int i) {
        return i32(programHeaders, i * Elf.PHDR_SIZE);
    }

    int flags(int i) {
        return i32(programHeaders, i * Elf.PHDR_SIZE + 4);
    }

    long offset(int i) {
        return i64(programHeaders, i * Elf.PHDR_SIZE + 8);
    }

    long address(int i) {
        return i64(programHeaders, i * Elf.PHDR_SIZE + 16);
    }

    long fileSize(int i) {
        return i64(programHeaders, i * Elf.PHDR_SIZE + 32);
    }

    long memorySize(int i) {
        return i64(programHeaders, i * Elf.PHDR_SIZE + 40);
    }

    long alignment(int i) {
        return i64(programHeaders, i * Elf.PHDR_SIZE + 48);
    }

    boolean executableStack() {
        for (int i = 0; i < count; i++) {
            if (type(i) == Elf.PT_GNU_STACK) {
                return (flags(i) & Elf.PF_X) != 0;
            }
        }
        return false; // what Linux does for 64-bit programs since 5.8
    }

    /** Reads from the file as far as it goes. */
    static int read(FileDescription file, long offset, byte[] target, int length) throws ErrnoException {
        Mappable m;
        try {
            m = file.mappable();
        } catch (ErrnoException e) {
            throw e.errno() == Errno.ENODEV ? Errno.ENOEXEC.error() : e;
        }
        int done = 0;
        while (done < length) {
            int n = m.read(offset + done, target, done, length - done);
            if (n <= 0) {
                break;
            }
            done += n;
        }
        return done;
    }

    private static int u16(byte[] b, int at) {
        return b[at] & 0xff | (b[at + 1] & 0xff) << 8;
    }

    private static int i32(byte[] b, int at) {
        return u16(b, at) | u16(b, at + 2) << 16;
    }

    private static long i64(byte[] b, int at) {
        return i32(b, at) & 0xffffffffL | (long) i32(b, at + 4) << 32;
    }
}
