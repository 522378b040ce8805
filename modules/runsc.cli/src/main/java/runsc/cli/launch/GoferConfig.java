package runsc.cli.launch;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import runsc.cli.GlobalOptions.SeccompAction;
import runsc.cli.io.WireReader;
import runsc.cli.io.WireWriter;

/**
 * All that the gofer is told, in its one CONFIGURE message. Descriptors come along in this order: a socket whose other
 * end the Sentry holds; the directory of the containers' state; then for each export its tree's root and the 9P
 * connection to serve it on.
 *
 * @param id the container's id, the name of its directory of state
 * @param pid the gofer's own id, as the state has it: in a pid namespace it cannot know
 * @param attached whether the command stays: the gofer then ends with it, not only with the Sentry
 * @param seccomp what its filter does to a call that is not allowed
 * @param exports what to serve, whether read-only
 */
public record GoferConfig(String id, int pid, boolean attached, SeccompAction seccomp, List<Boolean> exports) {
    public WireWriter encode() {
        WireWriter w = new WireWriter().string(id).u32(pid).truth(attached).u8(seccomp.ordinal()).u32(exports.size());
        for (boolean readOnly : exports) {
            w.truth(readOnly);
        }
        return w;
    }

    public static GoferConfig decode(WireReader r) throws IOException {
        String id = r.string();
        int pid = r.u32();
        boolean attached = r.truth();
        SeccompAction[] actions = SeccompAction.values();
        int action = r.u8();
        if (action >= actions.length) {
            throw new IOException("malformed message: seccomp action " + action);
        }
        int count = r.count(1);
        List<Boolean> exports = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            exports.add(r.truth());
        }
        r.end();
        return new GoferConfig(id, pid, attached, actions[action], exports);
    }
}
