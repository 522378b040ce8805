package runsc.cli.state;

import host.linux.FileIo;
import host.linux.Files;
import host.linux.Processes;
import java.nio.charset.StandardCharsets;

/**
 * A process of the host that is still the same one later: a pid alone is given out again after its process ended.
 *
 * @param pid its id
 * @param start when it was started, in clock ticks since boot (field 22 of /proc/PID/stat)
 * @param boot the host's boot id
 */
public record HostProcess(int pid, long start, String boot) {
    /** No process. */
    public static final HostProcess NONE = new HostProcess(0, 0, "");

    private static final int ZOMBIE = 'Z';

    /** The process that has {@code pid} now, or {@link #NONE}. */
    public static HostProcess of(int pid) {
        Stat stat = stat(pid);
        return stat == null ? NONE : new HostProcess(pid, stat.start, bootId());
    }

    /** Whether it still runs. */
    public boolean alive() {
        if (pid <= 0) {
            return false;
        }
        Stat stat = stat(pid);
        return stat != null && stat.start == start && stat.state != ZOMBIE && boot.equals(bootId());
    }

    /** A descriptor for it, or -1 when it is gone. */
    public int open() {
        if (pid <= 0) {
            return -1;
        }
        int fd = Processes.pidfd(pid);
        if (fd < 0) {
            return -1;
        }
        if (!alive()) { // asked after the descriptor was made: now it cannot become another process
            Files.close(fd);
            return -1;
        }
        return fd;
    }

    private record Stat(int state, long start) {}

    private static Stat stat(int pid) {
        byte[] file = FileIo.read(Files.AT_FDCWD, ("/proc/" + pid + "/stat").getBytes(StandardCharsets.US_ASCII));
        if (file == null) {
            return null;
        }
        String text = new String(file, StandardCharsets.ISO_8859_1);
        int at = text.lastIndexOf(')') + 2; // the command's name may hold anything
        if (at >= text.length()) {
            return null;
        }
        int state = text.charAt(at);
        for (int field = 3; field < 22; field++) {
            at = text.indexOf(' ', at) + 1;
            if (at == 0) {
                return null;
            }
        }
        int end = text.indexOf(' ', at);
        try {
            return new Stat(state, Long.parseLong(text.substring(at, end < 0 ? text.length() : end)));
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static String bootId() {
        byte[] id = FileIo.read(
                Files.AT_FDCWD, "/proc/sys/kernel/random/boot_id".getBytes(StandardCharsets.US_ASCII));
        return id == null ? "" : new String(id, StandardCharsets.US_ASCII).strip();
    }
}
