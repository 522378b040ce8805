package host.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.junit.jupiter.api.Test;

/** Both ways to native code give all seven arguments in order and bring the result back. */
final class NativeCodeTest {
    private static final byte[] WEIGHTED_SUM = {
        0x48, (byte) 0x8d, 0x04, 0x77, // lea rax, [rdi+rsi*2]
        0x48, (byte) 0x8d, 0x04, (byte) 0x90, // lea rax, [rax+rdx*4]
        0x48, (byte) 0x8d, 0x04, (byte) 0xc8, // lea rax, [rax+rcx*8]
        0x49, (byte) 0xc1, (byte) 0xe0, 4, // shl r8, 4
        0x4c, 0x01, (byte) 0xc0, // add rax, r8
        0x49, (byte) 0xc1, (byte) 0xe1, 5, // shl r9, 5
        0x4c, 0x01, (byte) 0xc8, // add rax, r9
        0x4c, (byte) 0x8b, 0x54, 0x24, 0x08, // mov r10, [rsp+8]
        0x49, (byte) 0xc1, (byte) 0xe2, 6, // shl r10, 6
        0x4c, 0x01, (byte) 0xd0, // add rax, r10
        (byte) 0xc3, // ret
    };
    private static final long SUM = 3 + 5 * 2 + 7 * 4 + 11 * 8 + 13 * 16 + 17 * 32 + 19 * 64;

    @Test
    void directLinkPassesArgumentsInOrder() throws Throwable {
        assertTrue(NativeCode.isDirect(), "this test needs the exports that the image has");
        MethodHandle handle = DirectLink.handle();
        long address = CodePage.of(WEIGHTED_SUM).address();
        assertEquals(SUM, (long) handle.invokeExact(address, 3L, 5L, 7L, 11L, 13L, 17L, 19L));
    }

    @Test
    void foreignLinkerPassesArgumentsInOrder() throws Throwable {
        MethodHandle handle = NativeCode.link();
        MemorySegment code = MemorySegment.ofAddress(CodePage.of(WEIGHTED_SUM).address());
        assertEquals(SUM, (long) handle.invokeExact(code, 3L, 5L, 7L, 11L, 13L, 17L, 19L));
    }

    @Test
    void directLinkSurvivesCompilation() throws Throwable {
        CodePage page = CodePage.of(WEIGHTED_SUM);
        for (long i = 0; i < 50_000; i++) {
            assertEquals(i * 127, page.call(0, i, i, i, i, i, i, i));
        }
    }

    @Test
    void systemCallsGiveTheKernelsResult() {
        assertEquals(ProcessHandle.current().pid(), Syscall.call(39)); // getpid
        assertEquals(-9, Syscall.call(3, -1)); // close: EBADF
    }

    @Test
    void memoryCopiesBytesBothWays() throws HostException {
        byte[] in = {1, 2, 3, 4, 5, 6, 7, 8};
        byte[] out = new byte[8];
        long page = HostException.check("mmap", Syscall.call(9, 0, 4096, 3, 0x22, -1, 0));
        Memory.copy(in, 2, page + 1, 5);
        Memory.copy(page, out, 1, 6);
        assertEquals("[0, 0, 3, 4, 5, 6, 7, 0]", java.util.Arrays.toString(out));
        Syscall.call(11, page, 4096);
    }
}
