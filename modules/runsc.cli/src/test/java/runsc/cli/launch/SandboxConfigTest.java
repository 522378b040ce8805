package runsc.cli.launch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import runsc.cli.GlobalOptions.SeccompAction;
import runsc.cli.io.WireReader;
import runsc.cli.launch.SandboxConfig.Overlay;
import runsc.cli.oci.ProcessSpec;
import sentry.core.cgroup.CgroupLimits;

class SandboxConfigTest {
    private static SandboxConfig config() {
        ProcessSpec process = new ProcessSpec(
                true,
                24,
                80,
                new ProcessSpec.User(-2, 7, new int[] {1, 2}, -1),
                List.of("a", "", "\u00ff"),
                List.of("A=b"),
                "/",
                new ProcessSpec.Capabilities(-1L, 2, 3, 4, 5),
                List.of(new ProcessSpec.Rlimit(7, 1, -1)),
                true);
        return new SandboxConfig(
                "id",
                "host",
                null,
                process,
                true,
                Overlay.MEMORY,
                true,
                true,
                1L << 30,
                List.of(new SandboxConfig.Mount("/proc", "proc", "proc", List.of("ro"), false, Overlay.NONE),
                        new SandboxConfig.Mount("/d", "", "/s", List.of("bind"), true, Overlay.FILE)),
                null,
                true,
                false,
                List.of("read"),
                SeccompAction.LOG,
                "\u0006\u0000\u00ff",
                false,
                true,
                new boolean[] {true, false, true},
                1L << 40,
                new CgroupLimits(1, 2, 3, 4, 5),
                List.of("/proc/kcore"),
                List.of("/proc/sys"),
                true);
    }

    @Test
    void whatIsEncodedComesBack() throws IOException {
        byte[] bytes = config().encode().toBytes();
        SandboxConfig back = SandboxConfig.decode(new WireReader(bytes));
        assertArrayEquals(bytes, back.encode().toBytes());
        assertEquals(List.of("a", "", "\u00ff"), back.process().args());
        assertEquals(-2, back.process().user().uid());
        assertEquals(SeccompAction.LOG, back.seccomp());
        assertEquals(null, back.domainname());
        assertEquals(1L << 40, back.memoryLimit());
        assertEquals(new CgroupLimits(1, 2, 3, 4, 5), back.limits());
        assertEquals(List.of("/proc/sys"), back.readOnlyPaths());
        assertEquals(2 + 2 + 1 + 1 + 2, back.descriptorCount());
    }

    @Test
    void shortenedMessagesAreErrors() {
        byte[] bytes = config().encode().toBytes();
        for (int length = 0; length < bytes.length; length++) {
            byte[] part = Arrays.copyOf(bytes, length);
            assertThrows(IOException.class, () -> SandboxConfig.decode(new WireReader(part)));
        }
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
        assertThrows(IOException.class, () -> SandboxConfig.decode(new WireReader(longer)));
    }

    @Test
    void damagedMessagesAreNothingWorseThanErrors() {
        byte[] bytes = config().encode().toBytes();
        Random random = new Random(1);
        for (int i = 0; i < 5000; i++) {
            byte[] damaged = bytes.clone();
            for (int n = random.nextInt(4); n >= 0; n--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            try {
                SandboxConfig.decode(new WireReader(damaged));
            } catch (IOException e) {
                // as it should be
            }
        }
    }

    @Test
    void goferConfigurationsComeBack() throws IOException {
        GoferConfig config = new GoferConfig("id", 77, true, SeccompAction.LOG, List.of(true, false));
        assertEquals(config, GoferConfig.decode(new WireReader(config.encode().toBytes())));
    }
}
