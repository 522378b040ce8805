package runsc.cli.boot.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Runs a filter program as the kernel would, on a {@code struct seccomp_data}. */
public final class BpfInterpreter {
    private BpfInterpreter() {}

    public static int run(byte[] program, int nr, int arch, long... arguments) {
        ByteBuffer code = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        data.putInt(0, nr).putInt(4, arch);
        for (int i = 0; i < arguments.length; i++) {
            data.putLong(16 + 8 * i, arguments[i]);
        }
        int a = 0;
        int pc = 0;
        while (true) {
            int at = pc * 8;
            int op = code.getShort(at) & 0xffff;
            int whenTrue = code.get(at + 2) & 0xff;
            int whenFalse = code.get(at + 3) & 0xff;
            int k = code.getInt(at + 4);
            pc++;
            switch (op) {
                case 0x20 -> a = data.getInt(k);
                case 0x54 -> a &= k;
                case 0x05 -> pc += k;
                case 0x15 -> pc += a == k ? whenTrue : whenFalse;
                case 0x25 -> pc += Integer.compareUnsigned(a, k) > 0 ? whenTrue : whenFalse;
                case 0x35 -> pc += Integer.compareUnsigned(a, k) >= 0 ? whenTrue : whenFalse;
                case 0x45 -> pc += (a & k) != 0 ? whenTrue : whenFalse;
                case 0x06 -> {
                    return k;
                }
                default -> throw new AssertionError("instruction " + op);
            }
        }
    }
}
