package sentry.core.net;

import java.nio.charset.StandardCharsets;
import sentry.core.abi.Bytes;
import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Sockets;
import sentry.core.socket.Socket;
import sentry.core.task.Task;

/** The ioctls of interfaces that any socket answers (netdevice(7)). */
public final class DeviceControl {
    private static final int SIOCADDRT = 0x890b;
    private static final int SIOCDELRT = 0x890c;
    private static final int SIOCGIFNAME = 0x8910;
    private static final int SIOCGIFCONF = 0x8912;
    private static final int SIOCGIFFLAGS = 0x8913;
    private static final int SIOCSIFFLAGS = 0x8914;
    private static final int SIOCGIFADDR = 0x8915;
    private static final int SIOCSIFADDR = 0x8916;
    private static final int SIOCGIFDSTADDR = 0x8917;
    private static final int SIOCGIFBRDADDR = 0x8919;
    private static final int SIOCGIFNETMASK = 0x891b;
    private static final int SIOCGIFMETRIC = 0x891d;
    private static final int SIOCGIFMTU = 0x8921;
    private static final int SIOCSIFMTU = 0x8922;
    private static final int SIOCGIFHWADDR = 0x8927;
    private static final int SIOCGIFINDEX = 0x8933;
    private static final int SIOCGIFTXQLEN = 0x8942;
    private static final int SIOCSIFTXQLEN = 0x8943;
    private static final int SIOCETHTOOL = 0x8946;
    private static final int SIOCGIFMAP = 0x8970;
    private static final int SIOCGSTAMP = 0x8906;
    private static final int SIOCGSTAMPNS = 0x8907;
    private static final int ARPHRD_LOOPBACK = 772;
    /** struct ifreq: the name 16, a union 24. */
    private static final int IFREQ = 40;

    private static final int IFNAMSIZ = 16;

    private DeviceControl() {}

    /** ENOTTY for what is none of these. */
    public static long ioctl(Task task, Socket socket, int command, long argument) throws ErrnoException {
        NetStack stack = socket.net().stack();
        if (command == SIOCGIFCONF) {
            return list(task, stack, argument);
        }
        if (command == SIOCADDRT || command == SIOCDELRT) {
            requireAdmin(task, socket);
            throw Errno.EOPNOTSUPP.error();
        }
        if (command == SIOCGSTAMP || command == SIOCGSTAMPNS) {
            throw Errno.ENOENT.error();
        }
        if (command < SIOCGIFNAME || command > 0x89ff) {
            throw Errno.ENOTTY.error();
        }
        byte[] b = new byte[IFREQ];
        task.memory().read(argument, b, 0, b.length);
        if (command == SIOCGIFNAME) {
            NetDevice d = stack.device(Bytes.getInt(b, IFNAMSIZ));
            if (d == null) {
                throw Errno.ENODEV.error();
            }
            putName(b, d);
            task.memory().write(argument, b, 0, b.length);
            return 0;
        }
        if (!known(command)) {
            throw Errno.ENOTTY.error();
        }
        boolean inet = socket.domain() == Sockets.AF_INET || socket.domain() == Sockets.AF_INET6;
        boolean address = command >= SIOCGIFADDR && command <= SIOCGIFNETMASK;
        if (address && socket.domain() != Sockets.AF_INET) {
            throw (inet ? Errno.EINVAL : Errno.ENOTTY).error();
        }
        NetDevice d = stack.device(name(b));
        if (d == null) {
            throw Errno.ENODEV.error();
        }
        switch (command) {
            case SIOCGIFFLAGS -> Bytes.putShort(b, IFNAMSIZ, d.flags());
            case SIOCGIFINDEX -> Bytes.putInt(b, IFNAMSIZ, d.index());
            case SIOCGIFMTU -> Bytes.putInt(b, IFNAMSIZ, d.mtu());
            case SIOCGIFMETRIC -> Bytes.putInt(b, IFNAMSIZ, 0);
            case SIOCGIFTXQLEN -> Bytes.putInt(b, IFNAMSIZ, d.queueLength());
            case SIOCGIFMAP -> java.util.Arrays.fill(b, IFNAMSIZ, IFREQ, (byte) 0);
            case SIOCGIFHWADDR -> {
                java.util.Arrays.fill(b, IFNAMSIZ, IFNAMSIZ + 16, (byte) 0);
                Bytes.putShort(b, IFNAMSIZ, ARPHRD_LOOPBACK);
            }
            case SIOCGIFADDR, SIOCGIFDSTADDR, SIOCGIFBRDADDR, SIOCGIFNETMASK -> address(b, d, command);
            case SIOCSIFFLAGS -> {
                requireAdmin(task, socket);
                d.setUp((Bytes.getShort(b, IFNAMSIZ) & NetDevice.IFF_UP) != 0);
                return 0;
            }
            case SIOCSIFMTU -> {
                requireAdmin(task, socket);
                int mtu = Bytes.getInt(b, IFNAMSIZ);
                if (mtu < 0) {
                    throw Errno.EINVAL.error();
                }
                d.setMtu(mtu);
                return 0;
            }
            case SIOCSIFTXQLEN -> {
                requireAdmin(task, socket);
                int length = Bytes.getInt(b, IFNAMSIZ);
                if (length < 0) {
                    throw Errno.EINVAL.error();
                }
                d.setQueueLength(length);
                return 0;
            }
            case SIOCSIFADDR -> {
                requireAdmin(task, socket);
                d.add(new NetDevice.Address(0, Ip.ofV4(Bytes.getNetInt(b, IFNAMSIZ + 4)), 8));
                return 0;
            }
            case SIOCETHTOOL -> throw Errno.EOPNOTSUPP.error();
            default -> throw Errno.ENOTTY.error();
        }
        task.memory().write(argument, b, 0, b.length);
        return 0;
    }

    private static boolean known(int command) {
        return switch (command) {
            case SIOCGIFFLAGS, SIOCSIFFLAGS, SIOCGIFADDR, SIOCSIFADDR, SIOCGIFDSTADDR, SIOCGIFBRDADDR, SIOCGIFNETMASK,
                    SIOCGIFMETRIC, SIOCGIFMTU, SIOCSIFMTU, SIOCGIFHWADDR, SIOCGIFINDEX, SIOCGIFTXQLEN, SIOCSIFTXQLEN,
                    SIOCETHTOOL, SIOCGIFMAP -> true;
            default -> false;
        };
    }

    private static void requireAdmin(Task task, Socket socket) throws ErrnoException {
        if (!task.credentials().capableIn(socket.net().owner(), Capability.NET_ADMIN)) {
            throw Errno.EPERM.error();
        }
    }

    /** The name, without what an alias has behind its colon. */
    private static String name(byte[] b) {
        int n = 0;
        while (n < IFNAMSIZ - 1 && b[n] != 0 && b[n] != ':') {
            n++;
        }
        return new String(b, 0, n, StandardCharsets.ISO_8859_1);
    }

    private static void putName(byte[] b, NetDevice d) {
        java.util.Arrays.fill(b, 0, IFNAMSIZ, (byte) 0);
        byte[] name = d.name().getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(name, 0, b, 0, name.length);
    }

    private static NetDevice.Address first(NetDevice d) {
        for (NetDevice.Address a : d.addresses()) {
            if (a.isV4()) {
                return a;
            }
        }
        return null;
    }

    private static void address(byte[] b, NetDevice d, int command) throws ErrnoException {
        NetDevice.Address a = first(d);
        if (a == null) {
            throw Errno.EADDRNOTAVAIL.error();
        }
        long shown = switch (command) {
            case SIOCGIFBRDADDR -> 0;
            case SIOCGIFNETMASK -> a.bits() == 0 ? 0 : -1L << 32 - a.bits();
            default -> a.low();
        };
        java.util.Arrays.fill(b, IFNAMSIZ, IFNAMSIZ + 16, (byte) 0);
        Bytes.putShort(b, IFNAMSIZ, Sockets.AF_INET);
        Ip.putV4(b, IFNAMSIZ + 4, shown);
    }

    /** struct ifconf: the interfaces that have an address of IPv4. */
    private static long list(Task task, NetStack stack, long argument) throws ErrnoException {
        int room = task.memory().getInt(argument);
        long to = task.memory().getLong(argument + 8);
        int done = 0;
        for (NetDevice d : stack.devices()) {
            NetDevice.Address a = first(d);
            if (a == null) {
                continue;
            }
            if (to != 0) {
                if (room - done < IFREQ) {
                    break;
                }
                byte[] b = new byte[IFREQ];
                putName(b, d);
                Bytes.putShort(b, IFNAMSIZ, Sockets.AF_INET);
                Ip.putV4(b, IFNAMSIZ + 4, a.low());
                task.memory().write(to + done, b, 0, IFREQ);
            }
            done += IFREQ;
        }
        task.memory().putInt(argument, done);
        return 0;
    }
}
