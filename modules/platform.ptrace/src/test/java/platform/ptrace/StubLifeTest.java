package platform.ptrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sentry.core.conformance.MachineCode;
import sentry.core.conformance.TestProgram;
import sentry.core.platform.AddressSpace;
import sentry.core.platform.Context;
import sentry.core.platform.Context.Exit;
import sentry.core.platform.Platform;
import sentry.core.platform.PlatformException;

/** The life and death of stub processes. */
@Timeout(60)
final class StubLifeTest {
    /** Pids of the processes whose parent is {@code pid}. */
    private static List<Long> children(long pid) throws IOException {
        List<Long> result = new ArrayList<>();
        try (var all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path p : all) {
                try {
                    String stat = Files.readString(p.resolve("stat"));
                    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
                    if (Long.parseLong(fields[1]) == pid) {
                        result.add(Long.parseLong(p.getFileName().toString()));
                    }
                } catch (IOException gone) {
                    // ended while we looked
                }
            }
        }
        return result;
    }

    private static Context program(TestProgram program, Platform platform, AddressSpace space) throws PlatformException {
        program.code(space, new MachineCode().syscall(39).jump(0));
        Context c = platform.newContext();
        c.registers().setIp(TestProgram.CODE);
        return c;
    }

    @Test
    void aKilledStubIsLostAndOthersGoOn() throws Exception {
        long self = ProcessHandle.current().pid();
        try (TestProgram program = new TestProgram(1 << 20);
                Platform platform = new PtracePlatformProvider().open(program.config())) {
            AddressSpace a = platform.newAddressSpace();
            AddressSpace b = platform.newAddressSpace();
            Context ca = program(program, platform, a);
            Context cb = program(program, platform, b);
            assertEquals(Exit.SYSCALL, ca.switchTo(a, false));
            List<Long> before = children(self);
            assertEquals(Exit.SYSCALL, cb.switchTo(b, false));
            List<Long> ours = children(self);
            ours.removeAll(before);
            if (ours.isEmpty()) { // b had a process from the reserve
                ours = List.of((long) ((PtraceContext) cb).tracee().process.pid);
            }
            ProcessHandle.of(ours.get(0)).orElseThrow().destroyForcibly();
            assertEquals(Exit.LOST, cb.switchTo(b, false));
            assertEquals(Exit.LOST, cb.switchTo(b, false));
            cb.release();
            b.release(null);
            assertEquals(Exit.SYSCALL, ca.switchTo(a, false));
            AddressSpace next = platform.newAddressSpace();
            Context c = program(program, platform, next);
            assertEquals(Exit.SYSCALL, c.switchTo(next, false));
            c.release();
            next.release(null);
            ca.release();
            a.release(null);
        }
    }

    @Test
    void aStubKilledWhileItsOtherThreadRunsTakesBoth() throws Exception {
        try (TestProgram program = new TestProgram(1 << 20);
                Platform platform = new PtracePlatformProvider().open(program.config())) {
            AddressSpace a = platform.newAddressSpace();
            program.code(a, new MachineCode().jump(0));
            Context first = platform.newContext();
            first.registers().setIp(TestProgram.CODE);
            a.commit(first);
            a.prepareContext(first);
            Thread killer = Thread.ofPlatform().start(() -> {
                try {
                    Context c = platform.newContext();
                    c.registers().setIp(TestProgram.CODE);
                    Thread.ofPlatform().start(() -> {
                        try {
                            Thread.sleep(20);
                        } catch (InterruptedException e) {
                            throw new AssertionError(e);
                        }
                        int pid = ((PtraceContext) first).tracee().process.pid;
                        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
                    });
                    assertEquals(Exit.LOST, c.switchTo(a, false));
                    c.release();
                } catch (PlatformException e) {
                    throw new AssertionError(e);
                }
            });
            assertEquals(Exit.LOST, first.switchTo(a, false));
            killer.join();
            first.release();
            a.release(null);
        }
    }

    @Test
    void signalsFromOutsideDoNotReachTheProgram() throws Exception {
        try (TestProgram program = new TestProgram(1 << 20);
                Platform platform = new PtracePlatformProvider().open(program.config())) {
            AddressSpace a = platform.newAddressSpace();
            Context c = program(program, platform, a);
            assertEquals(Exit.SYSCALL, c.switchTo(a, false));
            int pid = ((PtraceContext) c).tracee().process.pid;
            for (String signal : new String[] {"STOP", "CONT", "USR1", "TERM", "SEGV", "TRAP", "TSTP", "INT"}) {
                assertEquals(0, new ProcessBuilder("kill", "-" + signal, "" + pid).start().waitFor());
                for (int i = 0; i < 3; i++) {
                    assertEquals(Exit.SYSCALL, c.switchTo(a, false), signal);
                }
            }
            c.release();
            a.release(null);
        }
    }

    @Test
    void nothingIsLeftBehind() throws Exception {
        long self = ProcessHandle.current().pid();
        List<Long> before = children(self);
        int threads = Thread.activeCount();
        int descriptors = descriptors();
        for (int round = 0; round < 3; round++) {
            TestProgram program = new TestProgram(1 << 20);
            Platform platform = new PtracePlatformProvider().open(program.config());
            AddressSpace a = platform.newAddressSpace();
            Context c = program(program, platform, a);
            assertEquals(Exit.SYSCALL, c.switchTo(a, false));
            a.prepareContext(c);
            AddressSpace child = a.fork(c);
            assertFalse(children(self).equals(before));
            if (round == 1) {
                child.release(null);
                c.release();
                a.release(null);
            }
            platform.close();
            program.close();
        }
        List<Long> after = children(self);
        after.removeAll(before);
        assertTrue(after.isEmpty(), "left: " + after);
        assertEquals(threads, Thread.activeCount());
        assertEquals(descriptors, descriptors());
    }

    private static int descriptors() throws IOException {
        int n = 0;
        try (var all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path p : all) {
                n++;
            }
        }
        return n;
    }

    /** Run in a JVM of its own by {@link #stubsDieWithTheSentry}. */
    public static void main(String[] args) throws Exception {
        TestProgram program = new TestProgram(1 << 20);
        Platform platform = new PtracePlatformProvider().open(program.config());
        AddressSpace a = platform.newAddressSpace();
        Context c = program(program, platform, a);
        c.switchTo(a, false);
        a.prepareContext(c); // a parked thread
        a.fork(c); // a parked process
        AddressSpace other = platform.newAddressSpace();
        program.code(other, new MachineCode().jump(0));
        Context d = platform.newContext();
        d.registers().setIp(TestProgram.CODE);
        System.out.println("up");
        d.switchTo(other, false);
    }

    @Test
    void stubsDieWithTheSentry() throws Exception {
        Process sentry = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                                + java.io.File.pathSeparator + System.getProperty("jdk.module.path", ""),
                        StubLifeTest.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertEquals("up", sentry.inputReader().readLine());
        Thread.sleep(20);
        List<Long> stubs = children(sentry.pid());
        assertTrue(stubs.size() >= 4, "master, two running and a parked one: " + stubs);
        sentry.destroyForcibly();
        assertTrue(sentry.waitFor(10, TimeUnit.SECONDS));
        long until = System.nanoTime() + 5_000_000_000L;
        for (long stub : stubs) {
            while (alive(stub)) {
                assertTrue(System.nanoTime() < until, "stub " + stub + " lives on");
                Thread.sleep(1);
            }
        }
    }

    private static boolean alive(long pid) throws IOException {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            char state = stat.charAt(stat.lastIndexOf(')') + 2);
            return state != 'Z' && state != 'X';
        } catch (IOException gone) {
            return false;
        }
    }
}
