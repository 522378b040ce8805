package sentry.core.vdso;

import java.nio.charset.StandardCharsets;

/**
 * The vDSO as an ELF shared object of one page, with what a dynamic linker needs to find symbols of version LINUX_2.6:
 * dynamic section, symbol and string table, hash table, version tables (System V ABI chapter 5; LSB, symbol
 * versioning).
 */
final class VdsoImage {
    static final int PAGE = 4096;
    /** Where the code begins. */
    static final int TEXT = 0x400;

    private static final String SONAME = "linux-vdso.so.1";
    private static final String VERSION = "LINUX_2.6";
    private static final String[] NAMES = {
        "clock_gettime", "gettimeofday", "time", "getcpu", "clock_getres",
    };
    private static final int[] STARTS = {
        VdsoCode.CLOCK_GETTIME, VdsoCode.GETTIMEOFDAY, VdsoCode.TIME, VdsoCode.GETCPU, VdsoCode.CLOCK_GETRES, VdsoCode.END,
    };
    /** How far the last function goes; the helper behind it has no symbol. */
    private static final int LAST_FUNCTION_END = 0x14c;

    private static final int STB_GLOBAL_FUNC = 0x12;
    private static final int STB_WEAK_FUNC = 0x22;
    private static final int STB_GLOBAL_OBJECT = 0x11;
    private static final int SHN_ABS = 0xfff1;
    /** Any section: there is no section table, but a symbol with section 0 would be undefined. */
    private static final int SOME_SECTION = 1;

    private final byte[] image = new byte[PAGE];
    private int at;

    private VdsoImage() {}

    static byte[] build() {
        VdsoImage v = new VdsoImage();
        v.fill();
        return v.image;
    }

    private void fill() {
        int symbols = 2 * NAMES.length + 2; // with the null symbol and the version's own
        byte[] strings = new byte[512];
        int[] used = {1};
        final int soname = string(strings, used, SONAME);
        final int version = string(strings, used, VERSION);
        int[] vdsoNames = new int[NAMES.length];
        int[] plainNames = new int[NAMES.length];
        for (int i = 0; i < NAMES.length; i++) {
            vdsoNames[i] = string(strings, used, "__vdso_" + NAMES[i]);
            plainNames[i] = string(strings, used, NAMES[i]);
        }

        at = 64 + 2 * 56;
        final int dynsym = at;
        at += symbols * 24;
        int symbol = dynsym + 24;
        for (int i = 0; i < NAMES.length; i++) {
            int start = TEXT + STARTS[i];
            int end = i + 1 < NAMES.length ? TEXT + STARTS[i + 1] : TEXT + LAST_FUNCTION_END;
            symbol(symbol, vdsoNames[i], STB_GLOBAL_FUNC, SOME_SECTION, start, end - start);
            symbol(symbol + 24, plainNames[i], STB_WEAK_FUNC, SOME_SECTION, start, end - start);
            symbol += 48;
        }
        symbol(symbol, version, STB_GLOBAL_OBJECT, SHN_ABS, 0, 0);

        final int dynstr = at;
        System.arraycopy(strings, 0, image, at, used[0]);
        at += used[0];
        align(4);
        final int hash = at;
        hashTable(hash, symbols, dynsym, dynstr);

        align(2);
        final int versym = at;
        u16(versym, 0); // the null symbol is local
        for (int i = 1; i < symbols; i++) {
            u16(versym + 2 * i, 2);
        }
        at += 2 * symbols;

        align(8);
        final int verdef = at;
        versionDefinition(verdef, 1, 1, SONAME, soname, 28);
        versionDefinition(verdef + 28, 0, 2, VERSION, version, 0);
        at += 56;

        align(8);
        final int dynamic = at;
        long[] entries = {
            14, soname, // DT_SONAME
            4, hash, // DT_HASH
            5, dynstr, // DT_STRTAB
            6, dynsym, // DT_SYMTAB
            10, used[0], // DT_STRSZ
            11, 24, // DT_SYMENT
            0x6ffffffc, verdef, // DT_VERDEF
            0x6ffffffd, 2, // DT_VERDEFNUM
            0x6ffffff0, versym, // DT_VERSYM
            0, 0, // DT_NULL
        };
        for (long e : entries) {
            u64(at, e);
            at += 8;
        }
        int dynamicSize = at - dynamic;
        if (at > TEXT) {
            throw new AssertionError("the vDSO's tables reach into its code");
        }
        byte[] code = VdsoCode.bytes();
        System.arraycopy(code, 0, image, TEXT, code.length);
        header();
        programHeader(64, 1, 5, 0, TEXT + code.length, PAGE); // PT_LOAD, r-x
        programHeader(64 + 56, 2, 4, dynamic, dynamicSize, 8); // PT_DYNAMIC, r--
    }

    private void header() {
        byte[] ident = {0x7f, 'E', 'L', 'F', 2, 1, 1};
        System.arraycopy(ident, 0, image, 0, ident.length);
        u16(16, 3); // ET_DYN
        u16(18, 62); // EM_X86_64
        u32(20, 1); // version
        u64(24, TEXT); // entry, as Linux's has one
        u64(32, 64); // program headers
        u16(52, 64); // size of this header
        u16(54, 56); // of a program header
        u16(56, 2); // their number
        u16(58, 64); // size of a section header; there are none
    }

    private void programHeader(int p, int type, int flags, int offset, int size, int alignment) {
        u32(p, type);
        u32(p + 4, flags);
        u64(p + 8, offset);
        u64(p + 16, offset);
        u64(p + 24, offset);
        u64(p + 32, size);
        u64(p + 40, size);
        u64(p + 48, alignment);
    }

    private void symbol(int p, int name, int info, int section, int value, int size) {
        u32(p, name);
        image[p + 4] = (byte) info;
        u16(p + 6, section);
        u64(p + 8, value);
        u64(p + 16, size);
    }

    private void versionDefinition(int p, int flags, int index, String name, int nameOffset, int next) {
        u16(p, 1); // vd_version
        u16(p + 2, flags); // VER_FLG_BASE for the file's own
        u16(p + 4, index);
        u16(p + 6, 1); // one name
        u32(p + 8, hash(name));
        u32(p + 12, 20); // to the name
        u32(p + 16, next);
        u32(p + 20, nameOffset);
        u32(p + 24, 0);
    }

    private void hashTable(int p, int symbols, int dynsym, int dynstr) {
        int buckets = 4;
        u32(p, buckets);
        u32(p + 4, symbols);
        int chains = p + 8 + 4 * buckets;
        for (int i = symbols - 1; i > 0; i--) {
            int bucket = p + 8 + 4 * Integer.remainderUnsigned(hashAt(dynstr + get32(dynsym + 24 * i)), buckets);
            u32(chains + 4 * i, get32(bucket));
            u32(bucket, i);
        }
        at = chains + 4 * symbols;
    }

    private int hashAt(int p) {
        int end = p;
        while (image[end] != 0) {
            end++;
        }
        return hash(new String(image, p, end - p, StandardCharsets.ISO_8859_1));
    }

    /** The System V ABI's hash of a symbol's name. */
    private static int hash(String name) {
        int h = 0;
        for (int i = 0; i < name.length(); i++) {
            h = (h << 4) + name.charAt(i);
            int g = h & 0xf0000000;
            h ^= g >>> 24;
            h &= ~g;
        }
        return h;
    }

    private static int string(byte[] strings, int[] used, String s) {
        int start = used[0];
        byte[] bytes = s.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, strings, start, bytes.length);
        used[0] = start + bytes.length + 1;
        return start;
    }

    private void align(int n) {
        at = at + n - 1 & -n;
    }

    private int get32(int p) {
        return image[p] & 0xff | (image[p + 1] & 0xff) << 8 | (image[p + 2] & 0xff) << 16 | image[p + 3] << 24;
    }

    private void u16(int p, int value) {
        image[p] = (byte) value;
        image[p + 1] = (byte) (value >> 8);
    }

    private void u32(int p, int value) {
        u16(p, value);
        u16(p + 2, value >> 16);
    }

    private void u64(int p, long value) {
        u32(p, (int) value);
        u32(p + 4, (int) (value >> 32));
    }
}
