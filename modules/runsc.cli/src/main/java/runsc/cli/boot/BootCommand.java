package runsc.cli.boot;

import host.linux.FileIo;
import host.linux.Poll;
import host.linux.Pty;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import runsc.cli.Command;
import runsc.cli.Invocation;
import runsc.cli.ProcessEnd;
import runsc.cli.RunscException;
import runsc.cli.Trace;
import runsc.cli.control.Channel;
import runsc.cli.control.ControlServer;
import runsc.cli.control.Frame;
import runsc.cli.control.MessageType;
import runsc.cli.control.SignalTarget;
import runsc.cli.flags.Flag;
import runsc.cli.io.ByteString;
import runsc.cli.io.WireWriter;
import runsc.cli.launch.SandboxConfig;
import sentry.core.log.Log;
import sentry.core.kernel.ProcessInfo;

/** {@code runsc boot}: the Sentry. Started by the other commands, with a socket as descriptor 3; not for users. */
public final class BootCommand implements Command {
    private static final int PARENT = 3;
    private static final int SIGKILL = 9;
    private static final int MEMORY_FILE = 4;

    private final Channel parent = new Channel(PARENT);
    private final CountDownLatch startWanted = new CountDownLatch(1);
    private volatile Guest guest;
    private volatile boolean attached;
    private volatile boolean waits;
    /** Exit code of a container that was killed before it was started, else 0. */
    private volatile int killedBy;
    /** The program has ended, and its exit code is on its way. */
    private volatile boolean ended;

    private int lifeline = -1;

    @Override
    public Help help() {
        return new Help("boot", "", "Be a Sentry (internal).", "Started by the other commands; not for users.");
    }

    @Override
    public Flag[] flags() {
        return new Flag[] {
            Flag.toggle(SandboxConfig.MEMORY_FILE_FLAG, "Descriptor 4 is an empty file for the memory of programs.")
        };
    }

    @Override
    public int run(Invocation invocation) throws RunscException {
        Trace.role("boot");
        Trace.mark("main");
        int code;
        try {
            UserModules.load(invocation.options());
            boolean given = invocation.flags().isSet(SandboxConfig.MEMORY_FILE_FLAG);
            code = boot(invocation.options().platform(), given ? MEMORY_FILE : -1);
        } catch (RunscException e) {
            code = fail(e.getMessage());
        } catch (IOException e) {
            code = fail("the sandbox cannot start: " + ByteString.fromText(String.valueOf(e.getMessage())));
        } catch (InterruptedException | RuntimeException | Error e) {
            e.printStackTrace();
            code = fail("internal error of the sandbox: " + ByteString.fromText(String.valueOf(e)));
        }
        return code;
    }

    private int boot(String platform, int memoryFile) throws RunscException, IOException, InterruptedException {
        try (SentryBuilder builder = SentryBuilder.open(platform, memoryFile)) {
            LateClasses.prepare();
            Trace.mark("ready for configuration");
            Frame frame = parent.receive(Channel.LARGE);
            if (frame == null) {
                return RunscException.EXIT_CODE; // the command gave up
            }
            if (frame.type() != MessageType.CONFIGURE) {
                throw new IOException("unexpected message " + frame.type());
            }
            SandboxConfig config = SandboxConfig.decode(frame.reader());
            Descriptors descriptors = Descriptors.of(config, frame.descriptors());
            Trace.mark("configured");
            attached = config.attached();
            waits = config.waitForStart();
            lifeline = descriptors.lifeline();
            guest = builder.build(config, descriptors);
            if (config.process().terminal() && Pty.control(descriptors.stdio()[0])) {
                TerminalSignals.forward(guest.init());
            }
            Trace.mark("kernel built");
            byte[] filter = Lockdown.filter(config.seccomp(), builder.hostCalls());
            parent.send(MessageType.BUILT, null);
            Frame confined = parent.receive(Channel.SMALL);
            if (confined == null) {
                return RunscException.EXIT_CODE;
            }
            if (confined.type() != MessageType.CONFINED) {
                throw new IOException("unexpected message " + confined.type());
            }
            Trace.mark("confined");
            ControlServer server =
                    new ControlServer(new Target(), parent, attached, descriptors.listener(), lifeline);
            Thread.ofPlatform().name("control").daemon().start(() -> serve(server));
            Lockdown.enter(filter);
            Trace.mark("locked down");
            parent.send(MessageType.CREATED, null);
            if (waits) {
                startWanted.await();
            }
            int code = killedBy;
            if (code == 0) {
                GuestProcess init = guest.init();
                init.start();
                Trace.mark("started");
                code = init.awaitExit();
            }
            Trace.mark("program ended");
            Log.info("the program ended: exit code " + code);
            if (goferDied()) {
                // What the program made of failing files says nothing; the reason is told instead.
                return fail("the gofer died");
            }
            writeExitCode(descriptors.exitFile(), code);
            ended = true;
            server.exited(code);
            return code;
        } finally {
            Trace.mark("closed");
        }
    }

    private void serve(ControlServer server) {
        try {
            server.run();
        } catch (RuntimeException | Error e) {
            // Without its control thread a sandbox could not be stopped any more.
            e.printStackTrace();
            ProcessEnd.exit(fail("internal error of the sandbox: " + ByteString.fromText(String.valueOf(e))));
        }
    }

    /** Whether the gofer's end of the lifeline is closed. */
    private boolean goferDied() {
        try (Poll poll = new Poll(1)) {
            poll.add(lifeline, Poll.IN);
            return poll.await(0) > 0;
        }
    }

    private static void writeExitCode(int file, int code) {
        if (file >= 0) {
            FileIo.write(file, Integer.toString(code).getBytes(StandardCharsets.US_ASCII));
        }
    }

    private int fail(String message) {
        try {
            parent.send(MessageType.FAILED, new WireWriter().string(message));
        } catch (IOException e) {
            System.err.println(message); // nobody to tell; the log may keep it
        }
        return RunscException.EXIT_CODE;
    }

    /** Whether a signal's default disposition is to end the process (signal(7)). */
    private static boolean ends(int signal) {
        return switch (signal) {
            case 0, 17, 18, 19, 20, 21, 22, 23, 28 -> false; // CHLD CONT STOP TSTP TTIN TTOU URG WINCH
            default -> true;
        };
    }

    /** What the control thread may ask for. */
    private final class Target implements ControlServer.Target {
        private boolean started;

        @Override
        public String start() {
            if (!waits || started) {
                return "the container was started already";
            }
            started = true;
            startWanted.countDown();
            return null;
        }

        @Override
        public int signal(int signal, SignalTarget target) {
            if (!waits || started) {
                if (target == SignalTarget.ALL) {
                    guest.signalAll(signal);
                } else {
                    guest.init().signal(signal, target);
                }
                if (signal == SIGKILL) {
                    guest.resume(); // what is held can be killed, as with Linux's freezer
                }
                return 0;
            }
            // The process that waits for its start has default dispositions for all signals.
            if (ends(signal)) {
                killedBy = RunscException.EXIT_CODE + signal;
                startWanted.countDown();
            }
            return 0;
        }

        @Override
        public String pause() {
            try {
                if (guest.pause()) {
                    return null;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            guest.resume();
            return "a process could not be stopped";
        }

        @Override
        public void resume() {
            guest.resume();
        }

        @Override
        public WireWriter processes() {
            List<ProcessInfo> list = guest.processes();
            WireWriter w = new WireWriter().u32(list.size());
            for (ProcessInfo p : list) {
                w.u32(p.uid()).u32(p.pid()).u32(p.ppid()).u64(p.started()).u64(p.cpuNanos()).string(p.name());
            }
            return w;
        }

        @Override
        public ControlServer.Session exec(Channel channel, Frame frame) {
            ExecSession session = new ExecSession(guest, channel, frame);
            session.begin();
            return session;
        }

        @Override
        public void parentGone() {
            if (attached && !ended) {
                ProcessEnd.exit(RunscException.EXIT_CODE);
            }
        }

        @Override
        public void goferGone() {
            if (ended) {
                return; // nobody needs it any more, and the main thread is about to end us
            }
            ProcessEnd.exit(fail("the gofer died"));
        }
    }
}
