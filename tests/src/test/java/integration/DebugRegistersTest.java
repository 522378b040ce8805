package integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;

/** The program in tracing/ has another one stopped by breakpoints of the processor. */
class DebugRegistersTest extends SandboxTest {
    private static final Path PROGRAM = Path.of("tracing/debugregs.c").toAbsolutePath();
    private static final String REFUSED = "= -1 ENOSPC";

    @OnEachPlatform
    void programsAreStoppedWhereTheyReadWriteAndGo() {
        String program = Programs.build(PROGRAM, true).toString();
        Command.Result host = Command.of(program).run().exits(0);
        assumeTrue(!host.out().contains(REFUSED), "the host has no breakpoints to give");
        Command.Result sandbox = on.sandbox(program).seconds(60).run();
        if (on.name().equals("kvm")) { // which has none
            assertTrue(sandbox.out().contains(REFUSED), sandbox.out() + sandbox.err());
            return;
        }
        assertEquals(null, Difference.of(host.out(), sandbox.out()), sandbox.err());
        assertEquals(0, sandbox.exit(), sandbox.err());
    }
}
