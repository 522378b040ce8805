package runsc.cli.boot.seccomp;

import java.util.ArrayList;
import java.util.List;

/**
 * The host calls of a gofer that serves: what the virtual machine needs, and calls on files that begin at a descriptor or at
 * an open directory. Its root directory is empty, so an absolute path leads nowhere. No socket is made, no program executed,
 * nothing mapped from a file but by the virtual machine.
 */
public final class GoferRules {
    private static final int[] FILES = {
        0, // read
        1, // write: what goes wrong, to the log
        3, // close
        5, // fstat
        7, // poll
        8, // lseek
        17, // pread64
        18, // pwrite64
        46, // sendmsg
        47, // recvmsg
        73, // flock: the directory of the containers' state
        74, // fsync
        75, // fdatasync
        77, // ftruncate
        138, // fstatfs
        217, // getdents64
        257, // openat
        258, // mkdirat
        259, // mknodat: a filter does not see the type beside the mode's other bits; no capability for devices is there
        260, // fchownat
        263, // unlinkat
        265, // linkat
        266, // symlinkat
        267, // readlinkat
        268, // fchmodat
        271, // ppoll
        280, // utimensat
        285, // fallocate
        316, // renameat2
        332, // statx
        437, // openat2
        188, // setxattr
        191, // getxattr
        194, // listxattr
        195, // llistxattr
        197, // removexattr
    };

    private GoferRules() {}

    /** @param self our own pid: the only process that the virtual machine may signal */
    public static List<Rule> of(int self) {
        List<Rule> rules = new ArrayList<>();
        for (int nr : SentryRules.JVM) {
            rules.add(new Rule.Allow(nr));
        }
        for (int nr : FILES) {
            rules.add(new Rule.Allow(nr));
        }
        rules.add(new Rule.Masked(56, 0, SentryRules.CLONE_THREAD, SentryRules.CLONE_THREAD));
        rules.add(new Rule.Only(234, 0, self)); // tgkill
        rules.add(new Rule.Only(157, 0, 15, 0x53564d41)); // prctl: names of threads and of mappings
        rules.add(new Rule.Only(72, 1, 1, 3, 36, 37)); // fcntl: GETFD GETFL OFD_GETLK OFD_SETLK
        for (int nr : SentryRules.REFUSED) {
            rules.add(new Rule.Refuse(nr, nr == 435 ? SentryRules.ENOSYS : SentryRules.EPERM));
        }
        for (int nr : new int[] {16, 72, 157}) {
            rules.add(new Rule.Refuse(nr, SentryRules.EPERM));
        }
        return rules;
    }
}
