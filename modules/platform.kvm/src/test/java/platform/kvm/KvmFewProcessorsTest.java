package platform.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import host.linux.Memory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import sentry.core.arch.Registers;
import sentry.core.conformance.MachineCode;
import sentry.core.conformance.PlatformConformance;
import sentry.core.conformance.TestProgram;
import sentry.core.platform.AddressSpace;
import sentry.core.platform.Context;
import sentry.core.platform.PlatformProvider;

/** The contract again, with two virtual processors for all contexts: they are taken from one another all the time. */
final class KvmFewProcessorsTest extends PlatformConformance {
    @BeforeAll
    static void few() {
        System.setProperty("platform.kvm.vcpus", "2");
    }

    @AfterAll
    static void many() {
        System.clearProperty("platform.kvm.vcpus");
    }

    @Override
    protected PlatformProvider provider() {
        return new KvmProvider();
    }

    @Test
    void busyContextsTakeTurns() throws Exception {
        AddressSpace s = space();
        long data = program.data(s, TestProgram.DATA, TestProgram.PAGE);
        MachineCode m = new MachineCode();
        int loop = m.here();
        m.inc(MachineCode.RBX).store(MachineCode.RDI, MachineCode.RBX).jump(loop); // for ever, each in a cell of its own
        program.code(s, m);
        int n = 6;
        List<Context> contexts = new ArrayList<>();
        List<FutureTask<Boolean>> tasks = new ArrayList<>();
        boolean[] stop = new boolean[1];
        for (int i = 0; i < n; i++) {
            Context c = context();
            c.registers().set(Registers.RDI, TestProgram.DATA + 8L * i);
            contexts.add(c);
            tasks.add(start(() -> {
                while (true) {
                    Context.Exit e = c.switchTo(s, false);
                    assertEquals(Context.Exit.INTERRUPTED, e);
                    synchronized (stop) {
                        if (stop[0]) {
                            c.release();
                            return true;
                        }
                    }
                }
            }));
        }
        // Everyone gets on, again and again, though nobody ever comes out by himself.
        for (int round = 0; round < 3; round++) {
            long[] seen = new long[n];
            for (int i = 0; i < n; i++) {
                seen[i] = Memory.getLong(data + 8L * i);
            }
            for (int i = 0; i < n; i++) {
                while (Memory.getLong(data + 8L * i) == seen[i]) {
                    Thread.sleep(1);
                }
            }
        }
        synchronized (stop) {
            stop[0] = true;
        }
        for (int i = 0; i < n; i++) {
            while (!tasks.get(i).isDone()) {
                contexts.get(i).interrupt();
                Thread.sleep(1);
            }
            assertTrue(result(tasks.get(i)));
        }
        s.release(null);
    }
}
