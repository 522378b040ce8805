package runsc.cli.boot;

import runsc.cli.control.SignalTarget;
import sentry.core.kernel.Container;

/** A container in the kernel. */
final class KernelGuest implements Guest {
    private final Container container;

    KernelGuest(Container container) {
        this.container = container;
    }

    @Override
    public void start() {
        container.start();
    }

    @Override
    public int signal(int signal, SignalTarget target) {
        if (target == SignalTarget.FOREGROUND) {
            container.signalForeground(signal);
        } else {
            container.signal(signal, target == SignalTarget.ALL);
        }
        return 0;
    }

    @Override
    public int awaitExit() throws InterruptedException {
        return container.awaitExit().shellCode();
    }
}
