package runsc.cli.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import sentry.core.abi.MountFlags;

class MountOptionsTest {
    @Test
    void flagsAreTakenOutAndTheRestIsData() {
        MountOptions o = MountOptions.of(List.of("nosuid", "mode=755", "ro", "size=64k", "rbind", "rprivate"));
        assertEquals(MountFlags.MS_NOSUID | MountFlags.MS_RDONLY, o.flags());
        assertEquals("mode=755,size=64k", o.data());
    }

    @Test
    void theLastOfOppositesCounts() {
        assertEquals(0, MountOptions.of(List.of("ro", "rw")).flags());
        assertEquals(MountFlags.MS_NOEXEC, MountOptions.of(List.of("exec", "noexec")).flags());
    }
}
