package sentry.core.fs.proc;

import sentry.core.fs.pseudo.GeneratedFile;
import sentry.core.fs.pseudo.PseudoDirectory;
import sentry.core.fs.pseudo.Text;
import sentry.core.ipc.IpcNamespace;
import sentry.core.ipc.IpcObject;
import sentry.core.ipc.MessageQueue;
import sentry.core.ipc.SemaphoreSet;
import sentry.core.ipc.ShmSegment;
import sentry.core.task.Pid;
import sentry.core.task.PidNamespace;
import sentry.core.task.Task;

/** The files of /proc/sysvipc: the System V objects of the reader's IPC namespace, a line for each. */
final class SysvFile extends GeneratedFile {
    private enum Kind {
        SHM,
        SEM,
        MSG
    }

    private final Kind kind;

    private SysvFile(ProcFileSystem fs, Kind kind) {
        super(fs, 0444);
        this.kind = kind;
    }

    static void addTo(ProcFileSystem fs, PseudoDirectory root) {
        PseudoDirectory directory = root.directory("sysvipc");
        directory.add("shm", new SysvFile(fs, Kind.SHM));
        directory.add("sem", new SysvFile(fs, Kind.SEM));
        directory.add("msg", new SysvFile(fs, Kind.MSG));
    }

    @Override
    protected void generate(Task reader, Text out) {
        IpcNamespace ns = reader == null ? null : reader.namespaces().ipc();
        switch (kind) {
            case SHM -> {
                out.add("       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid ");
                out.add("     atime      dtime      ctime                   rss                  swap\n");
                if (ns != null) {
                    ns.shm().list().forEach(s -> shm(s, reader.namespaces().pid(), out));
                }
            }
            case SEM -> {
                out.add("       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n");
                if (ns != null) {
                    ns.semaphores().list().forEach(s -> sem(s, out));
                }
            }
            case MSG -> {
                out.add("       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid ");
                out.add("     stime      rtime      ctime\n");
                if (ns != null) {
                    ns.messages().list().forEach(q -> msg(q, reader.namespaces().pid(), out));
                }
            }
        }
    }

    private static void shm(ShmSegment s, PidNamespace pids, Text out) {
        head(s, out);
        out.addRight(Long.toUnsignedString(s.bytes()), 21).add(' ');
        pid(s.creator(), pids, out);
        pid(s.last(), pids, out);
        out.add(' ').addRight(s.attached(), 5).add(' ');
        owners(s, out);
        out.addRight(s.attachTime(), 10).add(' ').addRight(s.detachTime(), 10).add(' ').addRight(s.changeTime(), 10);
        out.add(' ').addRight(s.resident(), 21).add(' ').addRight(0, 21).line();
    }

    private static void sem(SemaphoreSet s, Text out) {
        head(s, out);
        out.addRight(s.count(), 10).add(' ');
        owners(s, out);
        out.addRight(s.operationTime(), 10).add(' ').addRight(s.changeTime(), 10).line();
    }

    private static void msg(MessageQueue q, PidNamespace pids, Text out) {
        MessageQueue.State s = q.state();
        head(q, out);
        out.add(' ').addRight(s.bytes(), 10).add(' ').addRight(s.messages(), 10).add(' ');
        pid(s.lastSender(), pids, out);
        pid(s.lastReceiver(), pids, out);
        owners(q, out);
        out.addRight(s.sendTime(), 10).add(' ').addRight(s.receiveTime(), 10).add(' ').addRight(q.changeTime(), 10).line();
    }

    private static void head(IpcObject o, Text out) {
        out.addRight(o.key(), 10).add(' ').addRight(o.id(), 10).add("  ");
        out.addRight(Integer.toOctalString(o.mode()), 4).add(' ');
    }

    private static void owners(IpcObject o, Text out) {
        out.addRight(o.uid() & 0xffffffffL, 5).add(' ').addRight(o.gid() & 0xffffffffL, 5).add(' ');
        out.addRight(o.creatorUid() & 0xffffffffL, 5).add(' ').addRight(o.creatorGid() & 0xffffffffL, 5).add(' ');
    }

    private static void pid(Pid pid, PidNamespace pids, Text out) {
        out.addRight(pid == null ? 0 : pid.in(pids), 5).add(' ');
    }
}
