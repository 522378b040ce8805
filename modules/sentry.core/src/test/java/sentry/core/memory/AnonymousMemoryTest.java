package sentry.core.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import host.linux.Memory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The memory file when it is anonymous memory: its methods mean the same. */
final class AnonymousMemoryTest {
    private static final long BLOCK = 1L << 21;
    private static final long PAGE = MemoryFile.PAGE;

    private MemoryFile file;

    @BeforeEach
    void open() throws Exception {
        file = new MemoryFile();
        file.makeAnonymous();
    }

    @AfterEach
    void close() {
        file.close();
    }

    @Test
    void offsetsAndAddressesAgreeOnLargePages() throws Exception {
        assertEquals(0, file.address(0) % BLOCK);
        assertEquals(0, file.allocate(2 * BLOCK) % BLOCK);
    }

    @Test
    void itIsNotExchangedWhileInUse() throws Exception {
        file.allocate(PAGE);
        assertThrows(IllegalStateException.class, file::makeAnonymous);
    }

    @Test
    void whatIsGivenBackReadsAsZeroWhenUsedAgain() throws Exception {
        for (int round = 0; round < 3; round++) {
            long large = file.allocate(3 * BLOCK);
            long heap = file.allocateGrowing(5 * PAGE, 3 * PAGE);
            long stack = file.allocateSparse(4 * BLOCK);
            long small = file.allocate(70 * PAGE);
            for (long at : new long[] {large + BLOCK, heap, stack + BLOCK, small + 69 * PAGE}) {
                assertEquals(0, Memory.getLong(file.address(at)));
                Memory.putLong(file.address(at), 5);
            }
            file.clear(small, 70 * PAGE);
            assertEquals(0, Memory.getLong(file.address(small + 69 * PAGE)));
            file.release(large, 3 * BLOCK);
            file.release(stack, 4 * BLOCK);
            file.release(small, 70 * PAGE);
            file.release(heap, 5 * PAGE); // may keep its content until somebody overwrites it
            assertEquals(0, file.used());
        }
    }

    @Test
    void sparseMemoryHasSmallPages() throws Exception {
        byte[] vector = new byte[512];
        long at = file.allocateSparse(2 * BLOCK);
        Memory.putByte(file.address(at + 9 * PAGE), (byte) 1);
        assertEquals(PAGE, file.resident(at, BLOCK, vector));
        assertEquals(1, vector[9] & 1);
        file.release(at, 2 * BLOCK);
        assertEquals(at, file.allocate(2 * BLOCK));
    }

    @Test
    void copiesHaveTheContent() throws Exception {
        long source = file.allocate(600 * PAGE);
        for (int i = 0; i < 600; i++) {
            Memory.putLong(file.address(source + i * PAGE), i);
        }
        for (long length : new long[] {PAGE, 600 * PAGE}) {
            long copy = file.copyOf(source, length);
            for (long i = 0; i < length / PAGE; i++) {
                assertEquals(i, Memory.getLong(file.address(copy + i * PAGE)));
            }
        }
    }
}
