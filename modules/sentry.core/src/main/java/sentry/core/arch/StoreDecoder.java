package sentry.core.arch;

/**
 * Tells whether an amd64 instruction stores to memory, from its first bytes (Intel SDM vol. 2, appendix A). Good enough
 * for the error code of a page fault where nobody else says it: rare instructions count as loads.
 */
public final class StoreDecoder {
    /** The longest instruction. */
    public static final int LENGTH = 15;

    private StoreDecoder() {}

    /**
     * Whether the instruction stores to the address that faulted.
     *
     * @param code {@link #LENGTH} bytes at the instruction pointer, zeros where there are none
     * @param address where it faulted
     * @param r the registers, for instructions with two memory operands
     */
    public static boolean stores(byte[] code, long address, Registers r) {
        int at = 0;
        while (at < LENGTH - 2 && prefix(code[at] & 0xff)) {
            at++;
        }
        if ((code[at] & 0xf0) == 0x40) {
            at++; // REX
        }
        int op = code[at] & 0xff;
        switch (op) {
            case 0x0f -> {
                return twoBytes(code[at + 1] & 0xff, at + 2 < LENGTH ? code[at + 2] & 0xff : 0);
            }
            case 0xc5 -> {
                return at + 2 < LENGTH && vector(1, code[at + 2] & 0xff);
            }
            case 0xc4 -> {
                return at + 2 < LENGTH && vector(code[at + 1] & 31, code[at + 2] & 0xff);
            }
            case 0x62 -> {
                return at + 4 < LENGTH && vector(code[at + 1] & 7, code[at + 4] & 0xff);
            }
            default -> {
                return oneByte(op, code[at + 1] & 0xff, address, r);
            }
        }
    }

    private static boolean prefix(int b) {
        return switch (b) {
            case 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3 -> true;
            default -> false;
        };
    }

    private static boolean oneByte(int op, int modrm, long address, Registers r) {
        int group = modrm >> 3 & 7;
        if (op < 0x40) {
            return (op & 7) < 2 && op < 0x38; // add to xor with a memory destination; not cmp
        }
        if (op >= 0x50 && op < 0x58) {
            return true; // push
        }
        if (op >= 0xd8 && op < 0xe0) {
            return x87(op, group);
        }
        return switch (op) {
            case 0x68, 0x6a, 0x9c, 0xc8, 0xe8 -> true; // push, pushf, enter, call
            case 0x80, 0x81, 0x83 -> group != 7; // cmp
            case 0x86, 0x87, 0x88, 0x89, 0x8c, 0xa2, 0xa3, 0xaa, 0xab, 0xc6, 0xc7 -> true; // xchg, mov, stos
            case 0x8f -> Long.compareUnsigned(address - r.sp(), 16) >= 0; // pop: reads the stack, then stores
            case 0xa4, 0xa5 -> Long.compareUnsigned(address - r.get(Registers.RDI), 8) < 0; // movs
            case 0xc0, 0xc1, 0xd0, 0xd1, 0xd2, 0xd3 -> true; // shifts
            case 0xf6, 0xf7 -> group == 2 || group == 3; // not, neg
            case 0xfe -> true; // inc, dec
            // inc, dec; call and push read their operand and store to the stack
            case 0xff -> group < 2 || (group == 2 || group == 6) && Long.compareUnsigned(r.sp() - address, 8) <= 0;
            default -> false;
        };
    }

    private static boolean x87(int op, int group) {
        return switch (op) {
            case 0xd9 -> group == 2 || group == 3 || group >= 6; // fst, fstp, fnstenv, fnstcw
            case 0xdb -> group >= 1 && group <= 3 || group == 7; // fisttp, fist, fistp, fstp
            case 0xdd -> group >= 1 && group <= 3 || group >= 6; // fisttp, fst, fstp, fnsave, fnstsw
            case 0xdf -> group >= 1 && group <= 3 || group >= 6; // fisttp, fist, fistp, fbstp
            default -> false;
        };
    }

    private static boolean twoBytes(int op, int modrm) {
        if (op >= 0x90 && op < 0xa0) {
            return true; // setcc
        }
        return switch (op) {
            case 0x11, 0x13, 0x17, 0x29, 0x2b, 0x7f, 0xd6, 0xe7, 0xf7 -> true; // vector stores
            case 0xa0, 0xa8 -> true; // push fs, gs
            case 0xa4, 0xa5, 0xab, 0xac, 0xad, 0xb0, 0xb1, 0xb3, 0xbb, 0xc0, 0xc1, 0xc3, 0xc7 -> true;
            case 0x7e -> true; // movd, movq to memory
            case 0xae -> (modrm >> 3 & 7) == 0 || (modrm >> 3 & 7) == 3 || (modrm >> 3 & 7) == 4; // fxsave, stmxcsr, xsave
            case 0xba -> (modrm >> 3 & 7) > 4; // bts, btr, btc
            default -> false;
        };
    }

    private static boolean vector(int map, int op) {
        return switch (map) {
            case 1 -> op == 0x11 || op == 0x13 || op == 0x17 || op == 0x29 || op == 0x2b || op == 0x7f || op == 0xd6
                    || op == 0xe7;
            case 2 -> op == 0x2e || op == 0x2f || op == 0x8e || op >= 0xa0 && op <= 0xa3; // masked stores, scatters
            case 3 -> op >= 0x14 && op <= 0x17 || op == 0x19 || op == 0x39 || op == 0x1d; // extracts
            default -> false;
        };
    }
}
