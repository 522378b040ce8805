package gofer.p9.server;

/** The errno values that the server itself answers with (asm-generic/errno.h). */
final class Errors {
    static final int EPERM = 1;
    static final int EIO = 5;
    static final int ENXIO = 6;
    static final int EBADF = 9;
    static final int ENOMEM = 12;
    static final int EEXIST = 17;
    static final int EISDIR = 21;
    static final int ENOTDIR = 20;
    static final int EINVAL = 22;
    static final int ENFILE = 23;
    static final int EROFS = 30;
    static final int ERANGE = 34;
    static final int ENOSYS = 38;
    static final int ELOOP = 40;
    static final int ENODATA = 61;
    static final int EPROTO = 71;
    static final int EMSGSIZE = 90;
    static final int EOPNOTSUPP = 95;
    static final int ESTALE = 116;

    private Errors() {}
}
