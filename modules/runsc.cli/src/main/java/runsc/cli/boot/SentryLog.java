package runsc.cli.boot;

import runsc.cli.launch.SandboxConfig;
import sentry.core.log.Log;

/** Turns the Sentry's log on: lines on standard error, which the command has pointed at the right place. */
final class SentryLog {
    private SentryLog() {}

    /** To be called before the first line is logged; only when logging is wanted, for it loads a library. */
    static void enable(SandboxConfig config) {
        System.setProperty("tinylog.writer", "console");
        System.setProperty("tinylog.writer.stream", "err");
        System.setProperty("tinylog.writer.format", "{date: HH:mm:ss.SSS} {level|min-size=5} {thread}: {message}");
        System.setProperty("tinylog.autoshutdown", "false");
        Log.enable();
        Log.info("container " + config.id() + ": " + config.process().args() + " in " + config.process().cwd()
                + " as user " + Integer.toUnsignedString(config.process().user().uid()));
        for (SandboxConfig.Mount m : config.mounts()) {
            Log.info("mount " + m.type() + " " + m.source() + " at " + m.destination() + " " + m.options());
        }
    }
}
