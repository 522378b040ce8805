package runsc.cli.boot;

import host.linux.HostException;
import host.linux.Processes;
import host.linux.Seccomp;
import runsc.cli.GlobalOptions.SeccompAction;
import runsc.cli.ProcessEnd;
import runsc.cli.boot.seccomp.BpfAssembler;
import runsc.cli.boot.seccomp.Filter;
import runsc.cli.boot.seccomp.SentryRules;
import sentry.core.log.Log;
import sentry.core.platform.HostCall;

/**
 * Gives up what the Sentry does not need any more. Capabilities and the way back to them are gone since before execve;
 * here all further host calls are cut off, for every thread at once.
 */
final class Lockdown {
    private Lockdown() {}

    static void enter(SeccompAction action, HostCall[] platform) throws HostException {
        int otherwise = action == SeccompAction.LOG ? Filter.RET_LOG : Filter.RET_KILL_PROCESS;
        byte[] program = Filter.assemble(SentryRules.of(Processes.pid(), platform), otherwise);
        if (action == SeccompAction.OFF || ProcessEnd.training()) {
            return;
        }
        Log.info("from here on a filter of " + program.length / BpfAssembler.SIZE + " instructions holds");
        if (System.getProperty("jdk.module.path") != null) {
            System.err.println("no seccomp filter: not run from an image, so classes are still to be read from files");
            return;
        }
        Processes.noNewPrivileges();
        Seccomp.filterAllThreads(program);
    }
}
