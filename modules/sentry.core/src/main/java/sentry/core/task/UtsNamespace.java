package sentry.core.task;

/** Host name and domain name (uts_namespaces(7)). */
public final class UtsNamespace extends Namespace {
    private volatile String hostname;
    private volatile String domainname;

    public UtsNamespace(String hostname, String domainname) {
        this(hostname, domainname, UserNamespace.INITIAL);
    }

    public UtsNamespace(String hostname, String domainname, UserNamespace owner) {
        super(owner);
        this.hostname = hostname;
        this.domainname = domainname;
    }

    @Override
    public Kind kind() {
        return Kind.UTS;
    }

    public String hostname() {
        return hostname;
    }

    public void setHostname(String value) {
        hostname = value;
    }

    public String domainname() {
        return domainname;
    }

    public void setDomainname(String value) {
        domainname = value;
    }
}
