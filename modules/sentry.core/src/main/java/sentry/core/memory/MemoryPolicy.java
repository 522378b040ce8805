package sentry.core.memory;

import sentry.core.abi.Errno;
import sentry.core.abi.ErrnoException;

/**
 * On which nodes memory is to lie (set_mempolicy(2)). There is one node, so that a policy is kept and told, and nothing
 * else depends on it. "No policy" is null.
 *
 * @param mode MPOL_ number without flags
 * @param flags MPOL_F_STATIC_NODES and the like
 * @param nodes bits of the nodes that get_mempolicy(2) tells: those in use, or with a flag of a kind of numbering those given
 */
public record MemoryPolicy(int mode, int flags, long nodes) {
    public static final int DEFAULT = 0;
    public static final int PREFERRED = 1;
    public static final int BIND = 2;
    public static final int INTERLEAVE = 3;
    public static final int LOCAL = 4;
    public static final int PREFERRED_MANY = 5;
    public static final int WEIGHTED_INTERLEAVE = 6;

    public static final int F_STATIC_NODES = 1 << 15;
    public static final int F_RELATIVE_NODES = 1 << 14;
    public static final int F_NUMA_BALANCING = 1 << 13;
    private static final int FLAGS = F_STATIC_NODES | F_RELATIVE_NODES | F_NUMA_BALANCING;

    /** EINVAL for a mode, or flags in it, that there are not. */
    public static void checkMode(int mode) throws ErrnoException {
        int flags = mode & FLAGS;
        int plain = mode & ~FLAGS;
        if (plain < 0
                || plain > WEIGHTED_INTERLEAVE
                || (flags & F_STATIC_NODES) != 0 && (flags & F_RELATIVE_NODES) != 0
                || (flags & F_NUMA_BALANCING) != 0 && plain != BIND) {
            throw Errno.EINVAL.error();
        }
    }

    /**
     * The policy that a program describes; null for MPOL_DEFAULT.
     *
     * @param mode with flags; {@link #checkMode} has passed
     * @param any whether any node is given
     * @param given bits of the first 64 nodes given
     */
    public static MemoryPolicy of(int mode, boolean any, long given) throws ErrnoException {
        int flags = mode & FLAGS;
        int plain = mode & ~FLAGS;
        boolean relative = (flags & (F_STATIC_NODES | F_RELATIVE_NODES)) != 0;
        if (plain == DEFAULT) {
            if (any) {
                throw Errno.EINVAL.error();
            }
            return null;
        }
        if (plain == PREFERRED && !any) {
            if (relative) {
                throw Errno.EINVAL.error();
            }
            return new MemoryPolicy(LOCAL, flags, 0);
        }
        if (plain == LOCAL) {
            if (any || relative) {
                throw Errno.EINVAL.error();
            }
            return new MemoryPolicy(LOCAL, flags, 0);
        }
        // Relative nodes wrap around the nodes there are: all of them mean node 0.
        boolean usable = (given & 1) != 0 || any && (flags & F_RELATIVE_NODES) != 0;
        if (!usable) {
            throw Errno.EINVAL.error();
        }
        return new MemoryPolicy(plain, flags, relative ? given : 1);
    }
}
