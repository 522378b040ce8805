/**
 * The cgroup filesystems: version 2 ("cgroup2") and version 1 ("cgroup", with its controllers as options). All mounts of
 * a hierarchy show the same instance. Files are for what {@link sentry.core.cgroup} knows or does; others are not there.
 *
 * <p>Lock order: none of its own; a hierarchy's monitor is taken inside.
 */
package sentry.core.fs.cgroup;
