package sentry.core.kernel;

import sentry.core.abi.Signal;
import sentry.core.signal.SignalInfo;
import sentry.core.task.PidNamespace;
import sentry.core.task.Task;
import sentry.core.task.ThreadGroup;
import sentry.core.task.WaitStatus;

/** A process that was started from outside, loaded and ready, and its terminal if it has one of its own. */
public final class ContainerProcess {
    private final Task task;
    /** Null without a terminal. */
    private final Console console;

    ContainerProcess(Task task, Console console) {
        this.task = task;
        this.console = console;
    }

    public Task task() {
        return task;
    }

    /** Its id, as the container sees it. */
    public int pid() {
        PidNamespace pids = task.kernel().tasks().rootPids();
        return task.group().pid(pids);
    }

    /** Lets it make its first instruction. */
    public void start() {
        task.start();
    }

    /** Waits for its end. */
    public WaitStatus awaitExit() throws InterruptedException {
        WaitStatus status = task.group().awaitExit();
        if (console != null) {
            console.finish();
        }
        return status;
    }

    public void signal(int signo) {
        ThreadGroup group = task.group();
        group.signals().sendFromOutside(SignalInfo.user(signo, 0, 0));
    }

    /**
     * A signal from the keyboard, or about the terminal: for the foreground process group. Without a terminal the process
     * itself gets it.
     */
    public void signalForeground(int signo) {
        if (console == null) {
            signal(signo);
        } else if (signo == Signal.SIGWINCH) {
            console.resized();
        } else {
            console.signal(signo);
        }
    }
}
