package runsc.cli.boot.seccomp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import sentry.core.platform.HostCall;

class FilterTest {
    private static final int ARCH = Filter.AUDIT_ARCH_X86_64;
    private static final int KILL = Filter.RET_KILL_PROCESS;
    private static final int ALLOW = Filter.RET_ALLOW;

    @Test
    void eachRuleDecidesItsOwnCall() {
        byte[] f = Filter.assemble(
                List.of(
                        new Rule.Allow(3),
                        new Rule.Only(5, 1, 7, -1),
                        new Rule.Only(5, 0, 99),
                        new Rule.Masked(56, 0, 0x10000, 0x10000),
                        new Rule.Refuse(257, 13),
                        new Rule.Only(72, 1, 3),
                        new Rule.Refuse(72, 1)),
                KILL);
        assertEquals(ALLOW, BpfInterpreter.run(f, 3, ARCH));
        assertEquals(KILL, BpfInterpreter.run(f, 4, ARCH));
        assertEquals(KILL, BpfInterpreter.run(f, 0, ARCH));
        assertEquals(ALLOW, BpfInterpreter.run(f, 5, ARCH, 0, 7));
        assertEquals(ALLOW, BpfInterpreter.run(f, 5, ARCH, 0, 0xffffffffL));
        assertEquals(ALLOW, BpfInterpreter.run(f, 5, ARCH, 99, 8));
        assertEquals(KILL, BpfInterpreter.run(f, 5, ARCH, 7, 8));
        assertEquals(ALLOW, BpfInterpreter.run(f, 56, ARCH, 0x3d0f00));
        assertEquals(KILL, BpfInterpreter.run(f, 56, ARCH, 17));
        assertEquals(Filter.RET_ERRNO | 13, BpfInterpreter.run(f, 257, ARCH));
        assertEquals(ALLOW, BpfInterpreter.run(f, 72, ARCH, 0, 3));
        assertEquals(Filter.RET_ERRNO | 1, BpfInterpreter.run(f, 72, ARCH, 0, 4));
        assertEquals(KILL, BpfInterpreter.run(f, 1000, ARCH));
    }

    @Test
    void otherArchitecturesAndX32AreKilled() {
        byte[] f = Filter.assemble(List.of(new Rule.Allow(3)), Filter.RET_LOG);
        assertEquals(KILL, BpfInterpreter.run(f, 3, 0x40000003));
        assertEquals(Filter.RET_LOG, BpfInterpreter.run(f, 3 | 0x40000000, ARCH));
        assertEquals(Filter.RET_LOG, BpfInterpreter.run(f, -1, ARCH));
        assertEquals(ALLOW, BpfInterpreter.run(f, 3, ARCH));
    }

    @Test
    void manyRulesNeedFarJumpsAndStillDecideRightly() {
        List<Rule> rules = new ArrayList<>();
        for (int nr = 0; nr < 450; nr += 2) {
            rules.add(new Rule.Only(nr, nr % 6, nr, nr + 1, nr + 2));
        }
        byte[] f = Filter.assemble(rules, KILL);
        assertTrue(f.length / BpfAssembler.SIZE > 1000);
        long[] arguments = new long[6];
        for (int nr = 0; nr < 452; nr++) {
            for (int value = nr - 1; value <= nr + 3; value++) {
                arguments[nr % 6] = value;
                boolean allowed = nr % 2 == 0 && nr < 450 && value >= nr && value <= nr + 2;
                assertEquals(allowed ? ALLOW : KILL, BpfInterpreter.run(f, nr, ARCH, arguments), nr + " " + value);
            }
        }
    }

    @Test
    void programsThatTheKernelWouldNotTakeAreNotMade() {
        List<Rule> rules = new ArrayList<>();
        for (int nr = 0; nr < 450; nr++) {
            rules.add(new Rule.Only(nr, 0, new int[10]));
        }
        assertThrows(IllegalStateException.class, () -> Filter.assemble(rules, KILL));
        BpfAssembler backwards = new BpfAssembler();
        BpfAssembler.Label label = new BpfAssembler.Label();
        backwards.bind(label);
        backwards.jump(label);
        assertThrows(IllegalStateException.class, backwards::assemble);
    }

    @Test
    void theSentryMayNeitherOpenNorExecuteNorConnect() {
        HostCall[] platform = {HostCall.any(101), HostCall.only(234, 2, 17)};
        byte[] f = Filter.assemble(SentryRules.of(42, platform), KILL);
        for (int nr : new int[] {2, 257, 41, 42, 53, 59, 87, 293}) { // open openat socket connect socketpair execve ...
            assertEquals(Filter.RET_ERRNO | 1, BpfInterpreter.run(f, nr, ARCH));
        }
        // fork vfork creat setuid chroot mount unshare setns process_vm_readv execveat openat2
        for (int nr : new int[] {57, 58, 85, 105, 161, 165, 272, 308, 310, 322, 437}) {
            assertEquals(KILL, BpfInterpreter.run(f, nr, ARCH));
        }
        assertEquals(Filter.RET_ERRNO | 38, BpfInterpreter.run(f, 435, ARCH), "clone3");
        assertEquals(KILL, BpfInterpreter.run(f, 56, ARCH, 17), "clone of a process");
        assertEquals(ALLOW, BpfInterpreter.run(f, 56, ARCH, 0x3d0f00), "clone of a thread");
        assertEquals(ALLOW, BpfInterpreter.run(f, 234, ARCH, 42, 1, 6), "tgkill to ourselves");
        assertEquals(ALLOW, BpfInterpreter.run(f, 234, ARCH, 43, 1, 17), "tgkill that the platform asked for");
        assertEquals(KILL, BpfInterpreter.run(f, 234, ARCH, 43, 1, 9), "tgkill to others");
        assertEquals(ALLOW, BpfInterpreter.run(f, 101, ARCH), "ptrace, for the platform");
        assertEquals(Filter.RET_ERRNO | 1, BpfInterpreter.run(f, 16, ARCH, 0, 0x5412), "ioctl TIOCSTI");
    }
}
