package sentry.core.net;

import sentry.core.abi.Bytes;
import sentry.core.abi.Capability;
import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;
import sentry.core.abi.Sockets;
import sentry.core.socket.Socket;
import sentry.core.task.Task;

/** What sockets of IP have in common: addresses, ports, options of levels IP and IPv6. */
abstract class InetSocket extends Socket {
    private final boolean v6;
    private final NetStack stack;
    final IpOptions ip;
    private volatile boolean v6Only;
    private volatile Endpoint local;
    private volatile Endpoint remote;
    /** Guarded by the monitor for writing. */
    volatile Binding binding;
    /** The address and the port were chosen by bind(2). */
    private volatile boolean addressByHand;

    private volatile boolean portByHand;

    InetSocket(Task task, boolean v6, int type, int protocol, int flags) {
        this(
                task.namespaces().net(),
                v6,
                type,
                protocol,
                flags,
                task.credentials().fsuid(),
                task.credentials().fsgid());
    }

    InetSocket(sentry.core.task.NetNamespace net, boolean v6, int type, int protocol, int flags, int uid, int gid) {
        super(net, v6 ? Sockets.AF_INET6 : Sockets.AF_INET, type, protocol, flags, uid, gid);
        this.v6 = v6;
        this.stack = net.stack();
        this.ip = new IpOptions(this);
        this.v6Only = v6 && stack.settings().v6OnlyByDefault;
        this.local = unnamed();
    }

    final boolean v6() {
        return v6;
    }

    final NetStack stack() {
        return stack;
    }

    final boolean v6Only() {
        return v6Only;
    }

    final void setV6Only(boolean on) throws ErrnoException {
        if (binding != null) {
            throw Errno.EINVAL.error();
        }
        v6Only = on;
    }

    final Endpoint local() {
        return local;
    }

    /** Null when not connected. */
    final Endpoint remote() {
        return remote;
    }

    final void setLocal(Endpoint value) {
        local = value;
    }

    final void setRemote(Endpoint value) {
        remote = value;
    }

    final boolean boundByHand() {
        return portByHand;
    }

    final boolean addressByHand() {
        return addressByHand;
    }

    /** The address of a socket without one. */
    final Endpoint unnamed() {
        return v6 ? Endpoint.ANY_6 : Endpoint.ANY_4;
    }

    /** The ports of the protocol; null when it has none. */
    abstract PortTable ports();

    /** Whether bind(2) comes too late. */
    abstract boolean bindsNoMore();

    @Override
    public void bind(Task task, byte[] b, int length) throws ErrnoException {
        Endpoint at;
        if (!v6 && length >= sentry.core.abi.Inet.ADDRESS_4 && Bytes.getShort(b, 0) == Sockets.AF_UNSPEC) {
            at = Endpoint.parse(b, length, false); // old programs leave the family out
            if (!at.isAny()) {
                throw Errno.EAFNOSUPPORT.error();
            }
        } else {
            at = Endpoint.read(b, length, v6);
        }
        checkAddress(at);
        int port = at.port();
        if (port != 0
                && ports() != null
                && port < stack.settings().unprivilegedPortStart
                && !task.credentials().capableIn(net().owner(), Capability.NET_BIND_SERVICE)) {
            throw Errno.EACCES.error();
        }
        synchronized (this) {
            if (bindsNoMore() || binding != null) {
                throw Errno.EINVAL.error();
            }
            if (ports() == null) {
                local = at.withPort(0);
                addressByHand = !at.isAny();
                return;
            }
            if (port == 0 && ip.bindsAddressOnly()) {
                local = at;
                addressByHand = !at.isAny();
                return;
            }
            binding = ports().bind(this, at);
            local = binding.local;
            addressByHand = !at.isAny();
            portByHand = port != 0;
        }
    }

    /** Whether a socket may be bound to an address: EINVAL, EADDRNOTAVAIL. */
    private void checkAddress(Endpoint at) throws ErrnoException {
        if (v6) {
            if (at.isMulticast() && !at.isV4() && type() == Sockets.SOCK_STREAM) {
                throw Errno.EINVAL.error();
            }
            if (at.isV4() && v6Only) {
                throw Errno.EINVAL.error();
            }
            if (Ip.isLinkLocal6(at.high()) && !at.isV4() && at.scope() == 0 && options().device() == 0) {
                throw Errno.EINVAL.error();
            }
        }
        if (at.isAny() || ip.bindsAnything() || stack.settings().nonlocalBind) {
            return;
        }
        if (at.isMulticast() || Ip.isLimitedBroadcast(at.high(), at.low())) {
            return;
        }
        switch (stack.reach(at.high(), at.low(), 0)) {
            case LOCAL, BROADCAST -> {}
            default -> throw Errno.EADDRNOTAVAIL.error();
        }
    }

    /** Takes any free port, when there is none yet. With the monitor held. */
    final void autobind() throws ErrnoException {
        if (binding == null && ports() != null) {
            binding = ports().bind(this, local.withPort(0));
            local = binding.local;
        }
    }

    /** Where {@code to} really is: an unspecified address is the loopback. */
    final Endpoint destination(Endpoint to) {
        if (!to.isAny()) {
            return to;
        }
        return to.isV4() || local.isV4() && v6
                ? new Endpoint(0, Ip.LOOPBACK_4, to.port())
                : new Endpoint(0, 1, to.port());
    }

    @Override
    public int name(byte[] out, boolean ofPeer) throws ErrnoException {
        Endpoint e = local;
        if (ofPeer) {
            e = peer();
            if (e == null) {
                throw Errno.ENOTCONN.error();
            }
        }
        return e.write(out, v6);
    }

    /** The other end as getpeername(2) has it, or null. */
    Endpoint peer() {
        return remote;
    }

    @Override
    protected boolean supports(int option) {
        return switch (option) {
            case Sockets.SO_PASSCRED, Sockets.SO_PASSSEC -> false;
            default -> true;
        };
    }

    @Override
    public void setOption(Task task, int level, int option, long address, int length) throws ErrnoException {
        if (!ip.set(task, level, option, address, length)) {
            throw Errno.ENOPROTOOPT.error();
        }
    }

    @Override
    public int getOption(Task task, int level, int option, byte[] out, int room) throws ErrnoException {
        return ip.get(task, level, option, out, room);
    }

    @Override
    public long ioctl(Task task, int command, long argument) throws ErrnoException {
        return DeviceControl.ioctl(task, this, command, argument);
    }
}
