package host.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** NUL-terminated strings and arrays of them in native memory, made from plain bytes: no character set is involved. */
public final class CString {
    private CString() {}

    /** A copy of {@code bytes}, terminated. The bytes must not hold a NUL themselves. */
    public static MemorySegment of(Arena arena, byte[] bytes) {
        MemorySegment s = arena.allocate(bytes.length + 1L, 1);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, s, 0, bytes.length);
        return s;
    }

    /** A copy of an ASCII string. ({@code Arena.allocateFrom} takes ten milliseconds when it is first called.) */
    public static MemorySegment of(Arena arena, String ascii) {
        int length = ascii.length();
        MemorySegment s = arena.allocate(length + 1L, 1);
        for (int i = 0; i < length; i++) {
            s.set(ValueLayout.JAVA_BYTE, i, (byte) ascii.charAt(i));
        }
        return s;
    }

    /** A {@code char *argv[]} with its closing null pointer. */
    public static MemorySegment array(Arena arena, byte[][] strings) {
        MemorySegment a = arena.allocate(8L * (strings.length + 1), 8);
        for (int i = 0; i < strings.length; i++) {
            a.set(ValueLayout.JAVA_LONG, 8L * i, of(arena, strings[i]).address());
        }
        return a;
    }
}
