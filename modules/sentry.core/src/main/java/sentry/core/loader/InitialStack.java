package sentry.core.loader;

import host.linux.Entropy;
import host.linux.HostAuxv;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import sentry.core.abi.Auxv;
import sentry.core.abi.Elf;
import sentry.core.abi.ErrnoException;
import sentry.core.memory.ProgramBuilder;
import sentry.core.memory.ProgramLayout;
import sentry.core.task.Credentials;
import sentry.core.task.ExecCredentials;
import sentry.core.task.Task;

/**
 * Writes what a program finds on its stack (System V ABI for amd64, 3.4.1): from the top a null word, the path, the
 * environment, the arguments, the platform's name, random bytes, and below, at the stack pointer, argc, argv, envp and
 * the auxiliary vector.
 */
final class InitialStack {
    private static final int CLOCK_TICKS = 100;
    private static final String PLATFORM = "x86_64";
    private static final int MAX_AUXV = 2 * 24;

    private final Task task;
    private final ProgramBuilder builder;
    private final ElfFile elf;
    private final ElfMapper main;
    private final ElfMapper interpreter;
    private final ExecCredentials who;

    private final long[] auxv = new long[MAX_AUXV];
    private int entries;

    InitialStack(
            Task task,
            ProgramBuilder builder,
            ElfFile elf,
            ElfMapper main,
            ElfMapper interpreter,
            ExecCredentials who) {
        this.task = task;
        this.builder = builder;
        this.elf = elf;
        this.main = main;
        this.interpreter = interpreter;
        this.who = who;
    }

    /** Maps the stack and fills it; returns the stack pointer. */
    long write(String path, List<String> argv, List<String> envp, boolean executable) throws ErrnoException {
        int strings = 8 + path.length() + 1;
        for (String s : argv) {
            strings += s.length() + 1;
        }
        for (String s : envp) {
            strings += s.length() + 1;
        }
        int words = 1 + argv.size() + 1 + envp.size() + 1 + MAX_AUXV;
        int size = strings + PLATFORM.length() + 1 + 16 + 8 * words + 8192 + 64;
        long top = builder.mapStack(size, executable);
        byte[] image = new byte[size];
        long base = top - size;
        int at = size - 8;
        at = put(image, at, path);
        final long pathAddress = base + at;
        // Strings stand in ascending order, the arguments below the environment.
        int envEnd = at;
        int envStart = envEnd;
        for (String s : envp) {
            envStart -= s.length() + 1;
        }
        int argEnd = envStart;
        int argStart = argEnd;
        for (String s : argv) {
            argStart -= s.length() + 1;
        }
        long[] argAddresses = strings(image, argStart, base, argv);
        long[] envAddresses = strings(image, envStart, base, envp);
        ProgramLayout l = builder.layout();
        l.argStart = base + argStart;
        l.argEnd = base + argEnd;
        l.envStart = base + envStart;
        l.envEnd = base + envEnd;
        // Some randomness below, so that stacks do not fall into the same cache lines.
        at = argStart - builder.randomBytes(13);
        at = put(image, (int) ((base + at & -16) - base), PLATFORM);
        final long platform = base + at;
        at -= 16;
        final long random = base + at;
        long r0 = Entropy.nextLong();
        long r1 = Entropy.nextLong();
        word(image, at, r0);
        word(image, at + 8, r1);
        fillAuxv(pathAddress, platform, random);
        int count = 1 + argv.size() + 1 + envp.size() + 1 + entries;
        at = (int) ((base + at - 8L * count & -16) - base);
        final int start = at;
        word(image, at, argv.size());
        at += 8;
        for (long a : argAddresses) {
            word(image, at, a);
            at += 8;
        }
        at += 8;
        for (long a : envAddresses) {
            word(image, at, a);
            at += 8;
        }
        at += 8;
        int vector = at;
        for (int i = 0; i < entries; i++) {
            word(image, at, auxv[i]);
            at += 8;
        }
        l.auxv = Arrays.copyOfRange(image, vector, at);
        l.stackStart = base + start;
        builder.memory().write(base + start, image, start, size - start);
        return base + start;
    }

    private void fillAuxv(long path, long platform, long random) {
        Credentials c = who.credentials();
        long vdso = builder.layout().vdso;
        if (vdso != 0) {
            entry(Auxv.AT_SYSINFO_EHDR, vdso);
        }
        long least = HostAuxv.get(Auxv.AT_MINSIGSTKSZ);
        if (least != 0) {
            entry(Auxv.AT_MINSIGSTKSZ, least);
        }
        entry(Auxv.AT_HWCAP, HostAuxv.get(Auxv.AT_HWCAP));
        entry(Auxv.AT_PAGESZ, 4096);
        entry(Auxv.AT_CLKTCK, CLOCK_TICKS);
        entry(Auxv.AT_PHDR, main.headersAddress());
        entry(Auxv.AT_PHENT, Elf.PHDR_SIZE);
        entry(Auxv.AT_PHNUM, elf.count());
        entry(Auxv.AT_BASE, interpreter == null ? 0 : interpreter.bias());
        entry(Auxv.AT_FLAGS, 0);
        entry(Auxv.AT_ENTRY, main.entry());
        entry(Auxv.AT_UID, Integer.toUnsignedLong(c.userNamespace().uid(c.uid())));
        entry(Auxv.AT_EUID, Integer.toUnsignedLong(c.userNamespace().uid(c.euid())));
        entry(Auxv.AT_GID, Integer.toUnsignedLong(c.userNamespace().gid(c.gid())));
        entry(Auxv.AT_EGID, Integer.toUnsignedLong(c.userNamespace().gid(c.egid())));
        entry(Auxv.AT_SECURE, who.secure() ? 1 : 0);
        entry(Auxv.AT_RANDOM, random);
        entry(Auxv.AT_HWCAP2, HostAuxv.get(Auxv.AT_HWCAP2));
        entry(Auxv.AT_EXECFN, path);
        entry(Auxv.AT_PLATFORM, platform);
        entry(Auxv.AT_NULL, 0);
    }

    private void entry(int type, long value) {
        auxv[entries++] = type;
        auxv[entries++] = value;
    }

    private static long[] strings(byte[] image, int from, long base, List<String> strings) {
        long[] addresses = new long[strings.size()];
        int at = from;
        for (int i = 0; i < addresses.length; i++) {
            String s = strings.get(i);
            addresses[i] = base + at;
            byte[] bytes = s.getBytes(StandardCharsets.ISO_8859_1);
            System.arraycopy(bytes, 0, image, at, bytes.length);
            at += bytes.length + 1;
        }
        return addresses;
    }

    /** Puts a string so that it ends at {@code end}; returns where it starts. */
    private static int put(byte[] image, int end, String s) {
        byte[] bytes = s.getBytes(StandardCharsets.ISO_8859_1);
        int at = end - bytes.length - 1;
        System.arraycopy(bytes, 0, image, at, bytes.length);
        return at;
    }

    private static void word(byte[] image, int at, long value) {
        for (int i = 0; i < 8; i++) {
            image[at + i] = (byte) (value >> 8 * i);
        }
    }
}
