package sentry.core.kernel;

/**
 * A process of a container, as ps(1) shows it.
 *
 * @param uid effective user
 * @param pid its id, as the container sees it
 * @param ppid its parent's, 0 for none inside
 * @param started milliseconds since 1970
 * @param cpuNanos CPU time of all its threads
 * @param name comm
 */
public record ProcessInfo(int uid, int pid, int ppid, long started, long cpuNanos, String name) {}
