package sentry.core.fs.proc;

import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Sockets;
import sentry.core.fs.pseudo.GeneratedFile;
import sentry.core.fs.pseudo.PseudoDirectory;
import sentry.core.fs.pseudo.Text;
import sentry.core.net.NetSettings;
import sentry.core.task.Task;

/** The settings below /proc/sys/net of the reader's network. */
final class NetSysctl extends GeneratedFile {
    private enum Setting {
        SOMAXCONN("core", "somaxconn", true),
        RMEM_DEFAULT("core", "rmem_default", false),
        RMEM_MAX("core", "rmem_max", false),
        WMEM_DEFAULT("core", "wmem_default", false),
        WMEM_MAX("core", "wmem_max", false),
        LOCAL_PORTS("ipv4", "ip_local_port_range", true),
        UNPRIVILEGED_PORTS("ipv4", "ip_unprivileged_port_start", true),
        TTL("ipv4", "ip_default_ttl", true),
        FORWARD("ipv4", "ip_forward", false),
        NONLOCAL_BIND("ipv4", "ip_nonlocal_bind", true),
        PING_GROUPS("ipv4", "ping_group_range", true),
        TCP_RMEM("ipv4", "tcp_rmem", false),
        TCP_WMEM("ipv4", "tcp_wmem", false),
        TCP_SYN_RETRIES("ipv4", "tcp_syn_retries", false),
        TCP_FIN_TIMEOUT("ipv4", "tcp_fin_timeout", false),
        TCP_KEEPALIVE_TIME("ipv4", "tcp_keepalive_time", false),
        TCP_KEEPALIVE_INTVL("ipv4", "tcp_keepalive_intvl", false),
        TCP_KEEPALIVE_PROBES("ipv4", "tcp_keepalive_probes", false),
        TCP_CONGESTION("ipv4", "tcp_congestion_control", false),
        TCP_CONGESTIONS("ipv4", "tcp_available_congestion_control", false),
        BINDV6ONLY("ipv6", "bindv6only", true),
        DATAGRAMS("unix", "max_dgram_qlen", false);

        private final String directory;
        private final String fileName;
        private final boolean writable;

        Setting(String directory, String fileName, boolean writable) {
            this.directory = directory;
            this.fileName = fileName;
            this.writable = writable;
        }
    }

    private final Setting setting;

    private NetSysctl(ProcFileSystem fs, Setting setting) {
        super(fs, setting.writable ? 0644 : 0444);
        this.setting = setting;
    }

    /** Fills /proc/sys/net. */
    static void fill(ProcFileSystem fs, PseudoDirectory net) {
        String last = null;
        PseudoDirectory in = null;
        for (Setting s : Setting.values()) {
            if (!s.directory.equals(last)) {
                last = s.directory;
                in = net.directory(last);
            }
            in.add(s.fileName, new NetSysctl(fs, s));
        }
    }

    @Override
    protected void checkOpen(Task task, int flags) throws ErrnoException {
        if ((flags & 3) != 0 && !setting.writable) {
            throw Errno.EACCES.error();
        }
    }

    @Override
    protected void generate(Task reader, Text out) {
        if (reader == null) {
            return;
        }
        NetSettings s = reader.namespaces().net().stack().settings();
        switch (setting) {
            case SOMAXCONN -> out.add(s.somaxconn);
            case RMEM_DEFAULT, WMEM_DEFAULT -> out.add(Sockets.BUFFER);
            case RMEM_MAX, WMEM_MAX -> out.add(Sockets.MOST_BUFFER);
            case LOCAL_PORTS -> out.add(s.portLow).add('\t').add(s.portHigh);
            case UNPRIVILEGED_PORTS -> out.add(s.unprivilegedPortStart);
            case TTL -> out.add(s.defaultTtl);
            case FORWARD -> out.add(0);
            case NONLOCAL_BIND -> out.add(s.nonlocalBind ? 1 : 0);
            case PING_GROUPS -> out.add(s.pingGroupLow).add('\t').add(s.pingGroupHigh);
            case TCP_RMEM -> out.add("4096\t131072\t33554432");
            case TCP_WMEM -> out.add("4096\t16384\t4194304");
            case TCP_SYN_RETRIES -> out.add(6);
            case TCP_FIN_TIMEOUT -> out.add(60);
            case TCP_KEEPALIVE_TIME -> out.add(7200);
            case TCP_KEEPALIVE_INTVL -> out.add(75);
            case TCP_KEEPALIVE_PROBES -> out.add(9);
            case TCP_CONGESTION -> out.add("cubic");
            case TCP_CONGESTIONS -> out.add("reno cubic");
            case BINDV6ONLY -> out.add(s.v6OnlyByDefault ? 1 : 0);
            case DATAGRAMS -> out.add(10);
        }
        out.line();
    }

    @Override
    protected void store(Task writer, byte[] data) throws ErrnoException {
        if (!writer.credentials().capableIn(writer.namespaces().net().owner(), Capability.NET_ADMIN)) {
            throw Errno.EPERM.error();
        }
        int[] values = numbers(data);
        NetSettings s = writer.namespaces().net().stack().settings();
        int first = values[0];
        boolean pair = setting == Setting.LOCAL_PORTS || setting == Setting.PING_GROUPS;
        if (pair && values.length < 2) {
            throw Errno.EINVAL.error();
        }
        switch (setting) {
            case SOMAXCONN -> s.somaxconn = within(first, 0, Integer.MAX_VALUE);
            case LOCAL_PORTS -> {
                int low = within(first, 1, 65535);
                int high = within(values[1], low, 65535);
                s.portLow = low;
                s.portHigh = high;
            }
            case UNPRIVILEGED_PORTS -> s.unprivilegedPortStart = within(first, 0, 65536);
            case TTL -> s.defaultTtl = within(first, 1, 255);
            case NONLOCAL_BIND -> s.nonlocalBind = within(first, 0, 1) != 0;
            case PING_GROUPS -> {
                s.pingGroupLow = within(first, 0, Integer.MAX_VALUE);
                s.pingGroupHigh = within(values[1], 0, Integer.MAX_VALUE);
            }
            case BINDV6ONLY -> s.v6OnlyByDefault = within(first, 0, 1) != 0;
            default -> throw Errno.EACCES.error();
        }
    }

    private static int within(int value, int low, int high) throws ErrnoException {
        if (value < low || value > high) {
            throw Errno.EINVAL.error();
        }
        return value;
    }

    /** Decimal numbers apart by white space; EINVAL when there is anything else, or none. */
    private static int[] numbers(byte[] data) throws ErrnoException {
        int[] found = new int[4];
        int count = 0;
        for (int i = 0; i < data.length; ) {
            byte c = data[i];
            if (c == ' ' || c == '\t' || c == '\n' || c == 0) {
                i++;
                continue;
            }
            long value = 0;
            int start = i;
            while (i < data.length && data[i] >= '0' && data[i] <= '9' && value <= Integer.MAX_VALUE) {
                value = 10 * value + data[i++] - '0';
            }
            if (i == start || value > Integer.MAX_VALUE || count == found.length) {
                throw Errno.EINVAL.error();
            }
            found[count++] = (int) value;
        }
        if (count == 0) {
            throw Errno.EINVAL.error();
        }
        return java.util.Arrays.copyOf(found, count);
    }
}
