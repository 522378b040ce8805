package integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Control groups inside show what config.json allows and limit what programs put into groups of their own. */
class CgroupTest extends SandboxTest {
    private static final String MOUNTS = "\"resources\": {\"memory\": {\"limit\": 134217728}, \"pids\": {\"limit\": 50},"
            + " \"cpu\": {\"quota\": 50000, \"period\": 100000, \"shares\": 512}}";

    @OnEachPlatform
    void limitsOfTheConfigurationAreShown() throws Exception {
        try (Bundle b = Bundle.busybox(on)) {
            b.mount("/sys", "sysfs", "sysfs").mount("/sys/fs/cgroup", "cgroup", "cgroup").linux(MOUNTS);
            Command.Result r = b.program("/bin/sh", "-c",
                    "cd /sys/fs/cgroup; cat memory.max pids.max cpu.max cpu.weight cgroup.controllers cgroup.type").run().run();
            r.exits(0);
            assertEquals("134217728\n50\n50000 100000\n20\ncpuset cpu io memory pids\ndomain\n", r.out());
        }
    }

    @OnEachPlatform
    void groupsLimitTheirTasks() throws Exception {
        try (Bundle b = Bundle.busybox(on)) {
            b.mount("/sys", "sysfs", "sysfs").mount("/sys/fs/cgroup", "cgroup", "cgroup");
            Command.Result r = b.program("/bin/sh", "-c", "cd /sys/fs/cgroup; echo +pids > cgroup.subtree_control; mkdir a;"
                    + " echo 2 > a/pids.max; echo $$ > a/cgroup.procs; cat /proc/self/cgroup; cat a/pids.current;"
                    + " (sleep 1 & sleep 1) 2> /dev/null; cat a/pids.events; rmdir a 2> /dev/null || echo busy;"
                    + " echo $$ > cgroup.procs; rmdir a && cat /proc/self/cgroup").run().run();
            r.exits(0);
            assertEquals("0::/a\n2\nmax 1\nbusy\n0::/\n", r.out());
        }
    }

    @OnEachPlatform
    void maskedAndReadOnlyPathsHold() throws Exception {
        try (Bundle b = Bundle.busybox(on)) {
            b.mount("/dev", "tmpfs", "tmpfs")
                    .linux("\"maskedPaths\": [\"/proc/cpuinfo\", \"/proc/sysvipc\", \"/none\"], \"readonlyPaths\": [\"/proc/sys\"]");
            Command.Result r = b.program("/bin/sh", "-c", "cat /proc/cpuinfo; ls /proc/sysvipc; cat /proc/sys/kernel/ostype;"
                    + " echo x 2> /dev/null > /proc/sys/kernel/hostname || echo refused").run().run();
            assertEquals("Linux\nrefused\n", r.out());
        }
    }
}
