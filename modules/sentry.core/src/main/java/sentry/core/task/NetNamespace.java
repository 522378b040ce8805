package sentry.core.task;

import sentry.core.net.NetStack;

/** A network of its own (network_namespaces(7)): interfaces, addresses, ports, names of the abstract namespace. */
public final class NetNamespace extends Namespace {
    private final NetStack stack = new NetStack();

    public NetNamespace(UserNamespace owner) {
        super(owner);
    }

    @Override
    public Kind kind() {
        return Kind.NET;
    }

    public NetStack stack() {
        return stack;
    }
}
