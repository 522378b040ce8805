package sentry.core.cgroup;

/** The resource controllers, in the order of /proc/cgroups. */
public enum Controller {
    CPUSET("cpuset", false),
    CPU("cpu", false),
    CPUACCT("cpuacct", false),
    IO("io", false),
    MEMORY("memory", true),
    DEVICES("devices", false),
    PIDS("pids", true);

    private final String text;
    private final boolean delegated;

    Controller(String text, boolean delegated) {
        this.text = text;
        this.delegated = delegated;
    }

    public String text() {
        return text;
    }

    /** The name in version 1. */
    public String oldText() {
        return this == IO ? "blkio" : text;
    }

    public int bit() {
        return 1 << ordinal();
    }

    /** Whether it works in groups inside the container's own. */
    public boolean delegated() {
        return delegated;
    }

    /** Whether version 2 has it. */
    public boolean unified() {
        return this != CPUACCT && this != DEVICES;
    }

    /** That of version 1 called {@code name}, or null. */
    public static Controller old(String name) {
        for (Controller c : values()) {
            if (c.oldText().equals(name)) {
                return c;
            }
        }
        return null;
    }
}
