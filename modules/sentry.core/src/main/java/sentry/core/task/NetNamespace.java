package sentry.core.task;

/** A network of its own (network_namespaces(7)). */
public final class NetNamespace extends Namespace {
    public NetNamespace(UserNamespace owner) {
        super(owner);
    }

    @Override
    public Kind kind() {
        return Kind.NET;
    }
}
