package sentry.core.abi;

/** The 64-bit ELF format (elf(5), System V ABI): offsets and values that loading a program needs. */
public final class Elf {
    public static final int EHDR_SIZE = 64;
    public static final int PHDR_SIZE = 56;

    public static final int ELFCLASS64 = 2;
    public static final int ELFDATA2LSB = 1;
    public static final int ET_EXEC = 2;
    public static final int ET_DYN = 3;
    public static final int EM_X86_64 = 62;

    public static final int E_TYPE = 16;
    public static final int E_MACHINE = 18;
    public static final int E_ENTRY = 24;
    public static final int E_PHOFF = 32;
    public static final int E_PHENTSIZE = 54;
    public static final int E_PHNUM = 56;

    public static final int PT_LOAD = 1;
    public static final int PT_INTERP = 3;
    public static final int PT_GNU_STACK = 0x6474e551;

    public static final int PF_X = 1;
    public static final int PF_W = 2;
    public static final int PF_R = 4;

    private Elf() {}
}
