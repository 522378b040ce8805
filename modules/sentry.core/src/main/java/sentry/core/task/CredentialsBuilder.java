package sentry.core.task;

/** Makes changed {@link Credentials}. */
public final class CredentialsBuilder {
    public int uid;
    public int euid;
    public int suid;
    public int fsuid;
    public int gid;
    public int egid;
    public int sgid;
    public int fsgid;
    public int[] groups;
    public long permitted;
    public long effective;
    public long inheritable;
    public long bounding;
    public long ambient;
    public int securebits;
    private final UserNamespace userNamespace;

    public CredentialsBuilder(Credentials c) {
        uid = c.uid();
        euid = c.euid();
        suid = c.suid();
        fsuid = c.fsuid();
        gid = c.gid();
        egid = c.egid();
        sgid = c.sgid();
        fsgid = c.fsgid();
        groups = c.groups();
        permitted = c.permitted();
        effective = c.effective();
        inheritable = c.inheritable();
        bounding = c.bounding();
        ambient = c.ambient();
        securebits = c.securebits();
        userNamespace = c.userNamespace();
    }

    public Credentials build() {
        return new Credentials(
                uid, euid, suid, fsuid, gid, egid, sgid, fsgid, groups, permitted, effective, inheritable, bounding,
                ambient, securebits, userNamespace);
    }
}
