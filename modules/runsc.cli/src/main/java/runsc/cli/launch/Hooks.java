package runsc.cli.launch;

import host.linux.FileIo;
import host.linux.Files;
import host.linux.HostException;
import host.linux.UnixSockets;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import runsc.cli.Invocation;
import runsc.cli.RunscException;
import runsc.cli.UserLog;
import runsc.cli.control.Channel;
import runsc.cli.io.ByteString;
import runsc.cli.oci.CapabilityNames;
import runsc.cli.oci.Hook;
import runsc.cli.oci.ProcessSpec;
import runsc.cli.state.ContainerState;
import runsc.cli.state.StateRoot;
import runsc.cli.state.Status;

/** Runs the hooks of a container (OCI runtime specification, "POSIX-platform Hooks"). */
public final class Hooks {
    private static final int LONGEST_COMPLAINT = 2000;

    private Hooks() {}

    /** Runs those of {@code kind} on the host, one after the other; the first that fails is an error. */
    public static void run(ContainerState state, Status shown, Hook.Kind kind) throws RunscException {
        for (Hook hook : Hook.of(state.hooks(), kind)) {
            run(hook, state.oci(shown));
        }
    }

    /** The same for hooks whose failure changes nothing any more: all are run, and what fails is logged. */
    public static void runAll(Invocation invocation, ContainerState state, Status shown, Hook.Kind kind) {
        for (Hook hook : Hook.of(state.hooks(), kind)) {
            try {
                run(hook, state.oci(shown));
            } catch (RunscException e) {
                UserLog.warn(invocation.options(), e.getMessage());
            }
        }
    }

    private static void run(Hook hook, String state) throws RunscException {
        String what = hook.kind().text() + " hook " + ByteString.toText(hook.path());
        List<String> command = new ArrayList<>();
        command.add(ByteString.toText(hook.path()));
        for (String argument : hook.args().subList(Math.min(1, hook.args().size()), hook.args().size())) {
            command.add(ByteString.toText(argument));
        }
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.clear();
        for (String variable : hook.env()) {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                environment.put(
                        ByteString.toText(variable.substring(0, equals)),
                        ByteString.toText(variable.substring(equals + 1)));
            }
        }
        try {
            Process process = builder.start();
            try {
                StringBuffer said = new StringBuffer();
                Thread listener = Thread.ofPlatform().daemon().start(() -> listen(process.getInputStream(), said));
                try (OutputStream stdin = process.getOutputStream()) {
                    stdin.write(state.getBytes(StandardCharsets.UTF_8));
                } catch (IOException e) {
                    // It does not read its input, and need not.
                }
                boolean ended = hook.timeout() == 0 || process.waitFor(hook.timeout(), TimeUnit.SECONDS);
                if (!ended) {
                    throw new RunscException(what + ": took longer than its timeout of " + hook.timeout() + " s");
                }
                int code = process.waitFor();
                if (code != 0) {
                    listener.join(1000);
                    throw new RunscException(what + ": ended with code " + code + ": " + said.toString().strip());
                }
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            throw new RunscException(what + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunscException(what + ": interrupted");
        }
    }

    private static void listen(InputStream output, StringBuffer said) {
        byte[] piece = new byte[512];
        try {
            for (int n; (n = output.read(piece)) > 0; ) {
                if (said.length() < LONGEST_COMPLAINT) {
                    said.append(new String(piece, 0, n, StandardCharsets.UTF_8));
                }
            }
        } catch (IOException e) {
            // said all that it could
        }
    }

    /** Runs the startContainer hooks, which are programs of the container. */
    public static void runInside(StateRoot root, ContainerState state) throws RunscException {
        for (Hook hook : Hook.of(state.hooks(), Hook.Kind.START_CONTAINER)) {
            String what = "startContainer hook " + ByteString.toText(hook.path());
            List<String> args = new ArrayList<>(hook.args().isEmpty() ? List.of(hook.path()) : hook.args());
            args.set(0, hook.path());
            long all = CapabilityNames.ALL;
            ProcessSpec spec = new ProcessSpec(
                    false, 0, 0, new ProcessSpec.User(0, 0, new int[0], -1), args, hook.env(), "/",
                    new ProcessSpec.Capabilities(all, all, 0, all, 0), List.of(), false);
            int[] pair = null;
            Channel channel = root.connect(state.id());
            if (channel == null) {
                throw new RunscException("the sandbox of " + state.id() + " does not answer");
            }
            try {
                pair = UnixSockets.pair();
                FileIo.write(pair[0], state.oci(Status.CREATED).getBytes(StandardCharsets.UTF_8));
                Files.close(pair[0]);
                pair[0] = -1;
                Exec exec = Exec.start(channel, spec, new int[] {pair[1], 1, 2});
                int code = exec.watch();
                if (code != 0) {
                    throw new RunscException(what + ": ended with code " + code);
                }
            } catch (HostException e) {
                throw new RunscException(what + ": " + e.getMessage());
            } finally {
                channel.close();
                for (int i = 0; pair != null && i < 2; i++) {
                    if (pair[i] >= 0) {
                        Files.close(pair[i]);
                    }
                }
            }
        }
    }
}
