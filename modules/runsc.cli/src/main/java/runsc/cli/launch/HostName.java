package runsc.cli.launch;

import host.linux.FileIo;
import host.linux.Files;
import java.nio.charset.StandardCharsets;

/** The host's own name. */
public final class HostName {
    private HostName() {}

    public static String get() {
        byte[] name = FileIo.read(
                Files.AT_FDCWD, "/proc/sys/kernel/hostname".getBytes(StandardCharsets.US_ASCII));
        return name == null ? "localhost" : new String(name, StandardCharsets.ISO_8859_1).strip();
    }
}
