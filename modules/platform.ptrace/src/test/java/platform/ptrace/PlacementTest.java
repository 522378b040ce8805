package platform.ptrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sentry.core.conformance.MachineCode;
import sentry.core.conformance.TestProgram;
import sentry.core.platform.AddressSpace;
import sentry.core.platform.Context;
import sentry.core.platform.Context.Exit;
import sentry.core.platform.Platform;

/** Where tasks run. What it gains is measured by the benchmarks; here only that it does what it says. */
@Timeout(60)
final class PlacementTest {
    private static String allowed(String thread) throws Exception {
        for (String line : Files.readAllLines(Path.of("/proc/" + thread + "/status"))) {
            if (line.startsWith("Cpus_allowed_list:")) {
                return line.substring(18).trim();
            }
        }
        throw new AssertionError();
    }

    private static void call(Context c, AddressSpace s) {
        while (true) {
            c.registers().setResult(0);
            Exit e = c.switchTo(s, false);
            if (e != Exit.INTERRUPTED) {
                assertEquals(Exit.SYSCALL, e);
                return;
            }
        }
    }

    @Test
    void aTasksThreadAndStubShareOneCpuAndItsThreadIsFreeAgainLater() throws Exception {
        assumeTrue(Runtime.getRuntime().availableProcessors() > 1);
        try (TestProgram program = new TestProgram(1 << 20);
                Platform platform = new PtracePlatformProvider().open(program.config())) {
            AddressSpace s = platform.newAddressSpace();
            program.code(s, new MachineCode().syscall(1).jump(0));
            Context c = platform.newContext();
            c.registers().setIp(TestProgram.CODE);
            String before = allowed("thread-self");
            call(c, s);
            assertEquals("" + c.cpu(), allowed("thread-self"));
            assertEquals("" + c.cpu(), allowed("" + ((PtraceContext) c).tracee().tid));
            c.release();
            s.release(null);
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (!allowed("thread-self").equals(before)) {
                assertTrue(System.nanoTime() < until, "the thread stays bound");
                Thread.sleep(10);
            }
        }
    }

    @Test
    void aForkedTaskStartsBesideItsParentAndBusyTasksPart() throws Exception {
        assumeTrue(Runtime.getRuntime().availableProcessors() > 1);
        try (TestProgram program = new TestProgram(1 << 20);
                Platform platform = new PtracePlatformProvider().open(program.config())) {
            AddressSpace s = platform.newAddressSpace();
            program.code(s, new MachineCode().syscall(1).jump(0));
            Context c = platform.newContext();
            c.registers().setIp(TestProgram.CODE);
            call(c, s);
            AddressSpace child = s.fork(c);
            int home = c.cpu();
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            boolean[] apart = new boolean[1];
            FutureTask<Integer> other = new FutureTask<>(() -> {
                Context d = platform.newContext();
                d.registers().setIp(TestProgram.CODE);
                call(d, child);
                int first = d.cpu();
                while (!apart[0] && System.nanoTime() < until) {
                    for (int i = 0; i < 50; i++) {
                        call(d, child);
                    }
                    synchronized (apart) {
                        apart[0] |= d.cpu() != c.cpu();
                    }
                }
                d.release();
                child.release(null);
                return first;
            });
            new Thread(other).start();
            boolean done = false;
            while (!done && System.nanoTime() < until) {
                for (int i = 0; i < 50; i++) {
                    call(c, s);
                }
                synchronized (apart) {
                    done = apart[0];
                }
            }
            assertEquals(home, other.get());
            assertTrue(done, "both stay on CPU " + home);
            c.release();
            s.release(null);
        }
    }

    @Test
    void aComputingStubIsLeftToTheHost() throws Exception {
        assumeTrue(Runtime.getRuntime().availableProcessors() > 1);
        try (TestProgram program = new TestProgram(1 << 20);
                Platform platform = new PtracePlatformProvider().open(program.config())) {
            AddressSpace s = platform.newAddressSpace();
            program.code(s, new MachineCode().syscall(1).jump(0));
            Context c = platform.newContext();
            c.registers().setIp(TestProgram.CODE);
            call(c, s);
            program.code(s, new MachineCode().jump(0));
            c.registers().setIp(TestProgram.CODE);
            String tid = "" + ((PtraceContext) c).tracee().tid;
            String bound = allowed(tid);
            FutureTask<String> watcher = new FutureTask<>(() -> {
                long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
                String now = bound;
                while (now.equals(bound) && System.nanoTime() < until) {
                    Thread.sleep(10);
                    now = allowed(tid);
                }
                c.interrupt();
                return now;
            });
            new Thread(watcher).start();
            assertEquals(Exit.INTERRUPTED, c.switchTo(s, false));
            assertNotEquals(bound, watcher.get());
            program.code(s, new MachineCode().syscall(1).jump(0));
            c.registers().setIp(TestProgram.CODE);
            for (int i = 0; i < 200; i++) {
                call(c, s);
            }
            assertEquals("" + c.cpu(), allowed(tid));
            c.release();
            s.release(null);
        }
    }
}
