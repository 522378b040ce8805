package platform.kvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static sentry.core.conformance.MachineCode.RBX;
import static sentry.core.conformance.MachineCode.RDI;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sentry.core.arch.Registers;
import sentry.core.conformance.MachineCode;
import sentry.core.conformance.TestProgram;
import sentry.core.platform.AddressSpace;
import sentry.core.platform.Availability;
import sentry.core.platform.Context;
import sentry.core.platform.Platform;

/** The mailbox, where the program can reach it: what one leaves there the next does not find. */
final class MailboxTest {
    private TestProgram program;
    private Platform platform;

    @BeforeEach
    void open() throws Exception {
        System.setProperty("platform.kvm.vcpus", "1");
        KvmProvider provider = new KvmProvider();
        if (provider.probe() instanceof Availability.Unusable no) {
            assumeTrue(false, no.reason());
        }
        program = new TestProgram(64L << 20);
        platform = provider.open(program.config());
    }

    @AfterEach
    void close() {
        System.clearProperty("platform.kvm.vcpus");
        if (platform != null) {
            platform.close();
            program.close();
        }
    }

    private long load(AddressSpace s, long address) throws Exception {
        Context c = platform.newContext();
        c.registers().setIp(TestProgram.CODE);
        c.registers().set(Registers.RDI, address);
        Context.Exit e;
        do {
            e = c.switchTo(s, false);
        } while (e == Context.Exit.INTERRUPTED);
        assumeTrue(e == Context.Exit.SYSCALL, "out of a program's reach on this machine");
        long value = c.registers().get(Registers.RBX);
        c.release();
        return value;
    }

    @Test
    void nextProgramFindsNothing() throws Exception {
        AddressSpace s = platform.newAddressSpace();
        MachineCode m = new MachineCode();
        m.load(RBX, RDI).raw(0x48, 0x89, 0x3f).syscall(1); // mov [rdi], rdi
        program.code(s, m);
        for (int offset = 0; offset < GuestLayout.PAGE; offset += 8) {
            long address = GuestLayout.MAILBOX_PAGE + offset;
            load(s, address);
            assertEquals(0, load(s, address), "at " + offset);
        }
        s.release(null);
    }
}
