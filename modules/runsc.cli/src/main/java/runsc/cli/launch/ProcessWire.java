package runsc.cli.launch;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import runsc.cli.io.WireReader;
import runsc.cli.io.WireWriter;
import runsc.cli.oci.ProcessSpec;

/** A {@link ProcessSpec} in a message. */
public final class ProcessWire {
    private ProcessWire() {}

    public static void encode(WireWriter w, ProcessSpec p) {
        w.truth(p.terminal()).u32(p.consoleHeight()).u32(p.consoleWidth());
        w.u32(p.user().uid()).u32(p.user().gid()).u32(p.user().umask());
        w.u32(p.user().groups().length);
        for (int group : p.user().groups()) {
            w.u32(group);
        }
        w.strings(p.args()).strings(p.env()).string(p.cwd());
        ProcessSpec.Capabilities c = p.capabilities();
        w.u64(c.bounding()).u64(c.effective()).u64(c.inheritable()).u64(c.permitted()).u64(c.ambient());
        w.u32(p.rlimits().size());
        for (ProcessSpec.Rlimit limit : p.rlimits()) {
            w.u32(limit.resource()).u64(limit.soft()).u64(limit.hard());
        }
        w.truth(p.noNewPrivileges());
    }

    public static ProcessSpec decode(WireReader r) throws IOException {
        boolean terminal = r.truth();
        int height = r.u32();
        int width = r.u32();
        int uid = r.u32();
        int gid = r.u32();
        int umask = r.u32();
        int[] groups = new int[r.count(4)];
        for (int i = 0; i < groups.length; i++) {
            groups[i] = r.u32();
        }
        List<String> args = r.strings();
        List<String> env = r.strings();
        String cwd = r.string();
        ProcessSpec.Capabilities capabilities =
                new ProcessSpec.Capabilities(r.u64(), r.u64(), r.u64(), r.u64(), r.u64());
        int count = r.count(20);
        List<ProcessSpec.Rlimit> rlimits = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            rlimits.add(new ProcessSpec.Rlimit(r.u32(), r.u64(), r.u64()));
        }
        return new ProcessSpec(
                terminal,
                height,
                width,
                new ProcessSpec.User(uid, gid, groups, umask),
                args,
                env,
                cwd,
                capabilities,
                rlimits,
                r.truth());
    }
}
