/** Files that stand for namespaces (namespaces(7), ioctl_ns(2)): what the links of /proc/PID/ns lead to. */
package sentry.core.fs.nsfs;
