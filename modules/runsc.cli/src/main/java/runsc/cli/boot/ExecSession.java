package runsc.cli.boot;

import host.linux.Files;
import java.io.IOException;
import runsc.cli.RunscException;
import runsc.cli.control.Channel;
import runsc.cli.control.ControlServer;
import runsc.cli.control.Frame;
import runsc.cli.control.MessageType;
import runsc.cli.control.SignalTarget;
import runsc.cli.io.WireReader;
import runsc.cli.io.WireWriter;
import runsc.cli.launch.ProcessWire;
import runsc.cli.oci.ProcessSpec;

/**
 * A process that a connection to the control socket has asked for, on a thread of its own: reading its program may take
 * the gofer's time.
 */
final class ExecSession implements ControlServer.Session, Runnable {
    private static final int SIGKILL = 9;
    private static final int ESRCH = 3;

    private final Guest guest;
    private final Channel channel;
    private final Frame frame;
    /** Guarded by this, as {@link #unwanted}. */
    private GuestProcess process;

    private boolean unwanted;

    ExecSession(Guest guest, Channel channel, Frame frame) {
        this.guest = guest;
        this.channel = channel;
        this.frame = frame;
    }

    void begin() {
        Thread.ofPlatform().name("exec").daemon().start(this);
    }

    @Override
    public void run() {
        try {
            int code = execute();
            if (code >= 0) {
                channel.send(MessageType.EXITED, new WireWriter().u32(code));
            }
        } catch (IOException e) {
            // Nobody waits for it any more; gone() has seen to the process.
        } catch (InterruptedException | RuntimeException | Error e) {
            e.printStackTrace();
            gone();
        }
    }

    /** The exit code, or -1 when there was no process. */
    private int execute() throws IOException, InterruptedException {
        boolean owned = false;
        GuestProcess p;
        try {
            WireReader reader = frame.reader();
            ProcessSpec spec = ProcessWire.decode(reader);
            int[] stdio = descriptors(reader);
            reader.end();
            p = guest.join(spec, stdio);
            owned = true;
        } catch (RunscException | IOException e) {
            return fail(e.getMessage());
        } finally {
            if (!owned) {
                for (int fd : frame.descriptors()) {
                    Files.close(fd);
                }
            }
        }
        synchronized (this) {
            process = p;
            if (unwanted) {
                p.signal(SIGKILL, SignalTarget.INIT);
            }
        }
        int pid = p.pid();
        p.start();
        channel.send(MessageType.STARTED, new WireWriter().u32(pid));
        return p.awaitExit();
    }

    /** What the process gets as its 0, 1 and so on: all that came along. */
    private int[] descriptors(WireReader reader) throws IOException {
        int[] stdio = new int[reader.count(1)];
        int at = 0;
        for (int fd = 0; fd < stdio.length; fd++) {
            boolean there = reader.truth();
            if (there && at == frame.descriptors().length) {
                break;
            }
            stdio[fd] = there ? frame.descriptors()[at++] : -1;
            if (fd + 1 == stdio.length && at == frame.descriptors().length) {
                return stdio;
            }
        }
        throw new IOException("malformed message: " + frame.descriptors().length + " descriptors");
    }

    private int fail(String why) throws IOException {
        channel.send(MessageType.FAILED, new WireWriter().string(why));
        return -1;
    }

    @Override
    public int signal(int signal, SignalTarget target) {
        GuestProcess p;
        synchronized (this) {
            p = process;
        }
        if (p == null) {
            return ESRCH;
        }
        p.signal(signal, target);
        return 0;
    }

    @Override
    public void gone() {
        synchronized (this) {
            unwanted = true;
            if (process != null) {
                process.signal(SIGKILL, SignalTarget.INIT);
            }
        }
    }
}
