package sentry.core.fs.proc;

import sentry.core.abi.ErrnoException;
import sentry.core.fs.pseudo.GeneratedFile;
import sentry.core.fs.pseudo.Text;
import sentry.core.net.NetReport;
import sentry.core.net.NetStack;
import sentry.core.task.Task;
import sentry.core.vfs.DirectorySink;
import sentry.core.vfs.Inode;

/** /proc/PID/net: the network that the process is in (proc(5)). */
final class NetDirectory extends OwnedDirectory {
    /** The files. Those that are only a heading are of things that a network without wires has none of. */
    private enum Table {
        ARP("arp"),
        DEV("dev"),
        ICMP("icmp"),
        ICMP6("icmp6"),
        IF_INET6("if_inet6"),
        IPV6_ROUTE("ipv6_route"),
        NETLINK("netlink"),
        PACKET("packet"),
        RAW("raw"),
        RAW6("raw6"),
        ROUTE("route"),
        SOCKSTAT("sockstat"),
        TCP("tcp"),
        TCP6("tcp6"),
        UDP("udp"),
        UDP6("udp6"),
        UNIX("unix");

        private final String fileName;

        Table(String fileName) {
            this.fileName = fileName;
        }
    }

    private static final Table[] TABLES = Table.values();
    private static final int DT_REG = 8;

    NetDirectory(Subject subject, long ino) {
        super(subject.fs(), subject, ino, 0555);
    }

    private long inoOf(Table t) {
        return ino() + (1L + t.ordinal() << 21);
    }

    @Override
    public Inode lookup(String name) throws ErrnoException {
        for (Table t : TABLES) {
            if (t.fileName.equals(name)) {
                return new TableFile(subject(), inoOf(t), t);
            }
        }
        return null;
    }

    @Override
    protected boolean list(Task reader, long from, DirectorySink sink) throws ErrnoException {
        for (Table t : TABLES) {
            long at = FIRST + t.ordinal();
            if (at >= from && !sink.entry(t.fileName, inoOf(t), DT_REG, at + 1)) {
                return false;
            }
        }
        return true;
    }

    private static final class TableFile extends GeneratedFile {
        private final Subject subject;
        private final Table table;

        TableFile(Subject subject, long ino, Table table) {
            super(subject.fs(), ino, 0444);
            this.subject = subject;
            this.table = table;
        }

        @Override
        protected void generate(Task reader, Text out) throws ErrnoException {
            NetStack stack = subject.task().namespaces().net().stack();
            switch (table) {
                case ARP -> out.add("IP address       HW type     Flags       HW address            Mask     Device\n");
                case DEV -> NetReport.devices(stack, out);
                case ICMP -> NetReport.raw(stack, false, true, out);
                case ICMP6 -> NetReport.raw(stack, true, true, out);
                case IF_INET6 -> NetReport.addresses6(stack, out);
                case IPV6_ROUTE -> NetReport.routes6(stack, out);
                case NETLINK -> out.add("sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    "
                        + "Inode\n");
                case PACKET -> out.add("sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n");
                case RAW -> NetReport.raw(stack, false, false, out);
                case RAW6 -> NetReport.raw(stack, true, false, out);
                case ROUTE -> out.add("Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT"
                        + "                                                       \n");
                case SOCKSTAT -> NetReport.counts(stack, out);
                case TCP -> NetReport.tcp(stack, false, out);
                case TCP6 -> NetReport.tcp(stack, true, out);
                case UDP -> NetReport.udp(stack, false, out);
                case UDP6 -> NetReport.udp(stack, true, out);
                case UNIX -> NetReport.unix(stack, out);
            }
        }
    }
}
