package runsc.cli.boot;

import java.util.List;
import runsc.cli.RunscException;
import runsc.cli.oci.ProcessSpec;
import sentry.core.kernel.Container;
import sentry.core.kernel.ProcessInfo;
import sentry.core.kernel.StartException;

/** A container in the kernel. */
final class KernelGuest implements Guest {
    private final Container container;
    private final ProcessConfigs configs;

    KernelGuest(Container container, ProcessConfigs configs) {
        this.container = container;
        this.configs = configs;
    }

    @Override
    public GuestProcess init() {
        return new GuestProcess(container.init());
    }

    @Override
    public GuestProcess join(ProcessSpec spec, int[] stdio) throws RunscException {
        try {
            return new GuestProcess(container.join(configs.of(spec, stdio)));
        } catch (StartException e) {
            throw new RunscException(e.getMessage());
        }
    }

    @Override
    public void signalAll(int signal) {
        container.signalAll(signal);
    }

    @Override
    public boolean pause() throws InterruptedException {
        return container.pause();
    }

    @Override
    public void resume() {
        container.resume();
    }

    @Override
    public List<ProcessInfo> processes() {
        return container.processes();
    }
}
