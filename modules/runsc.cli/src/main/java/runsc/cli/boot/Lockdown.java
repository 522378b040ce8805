package runsc.cli.boot;

import host.linux.HostException;
import host.linux.Processes;
import host.linux.Seccomp;
import java.util.List;
import runsc.cli.GlobalOptions.SeccompAction;
import runsc.cli.ProcessEnd;
import runsc.cli.boot.seccomp.BpfAssembler;
import runsc.cli.boot.seccomp.Filter;
import runsc.cli.boot.seccomp.GoferRules;
import runsc.cli.boot.seccomp.Rule;
import runsc.cli.boot.seccomp.SentryRules;
import sentry.core.log.Log;
import sentry.core.platform.HostCall;

/**
 * Gives up what the Sentry does not need any more. Capabilities and the way back to them are gone since before execve, the
 * file system was taken away by the command; here all further host calls are cut off, for every thread at once.
 */
public final class Lockdown {
    private Lockdown() {}

    /** The Sentry's filter, which is made while the file system is taken away; null for none. */
    static byte[] filter(SeccompAction action, HostCall[] platform) {
        return assemble(action, SentryRules.of(Processes.pid(), platform));
    }

    /** Cuts a gofer off, after it has opened what it serves. */
    public static void enterGofer(SeccompAction action) throws HostException {
        enter(assemble(action, GoferRules.of(Processes.pid())));
    }

    private static byte[] assemble(SeccompAction action, List<Rule> rules) {
        int otherwise = action == SeccompAction.LOG ? Filter.RET_LOG : Filter.RET_KILL_PROCESS;
        byte[] program = Filter.assemble(rules, otherwise);
        if (ProcessEnd.training()) {
            return Filter.allowAll();
        }
        if (action == SeccompAction.OFF) {
            return null;
        }
        if (!ProcessEnd.fromImage()) {
            System.err.println("no seccomp filter: not run from an image, so classes are still to be read from files");
            return null;
        }
        return program;
    }

    static void enter(byte[] program) throws HostException {
        if (program == null) {
            return;
        }
        if (Log.enabled()) {
            Log.info("from here on a filter of " + program.length / BpfAssembler.SIZE + " instructions holds");
        }
        Processes.noNewPrivileges();
        Seccomp.filterAllThreads(program);
    }
}
