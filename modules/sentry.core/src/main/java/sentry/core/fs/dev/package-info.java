/**
 * The devices that every container has: null, zero, full, random, urandom; and what the OCI runtime puts into /dev.
 *
 * <p>Devices are known by number in {@link sentry.core.vfs.DeviceRegistry}, so a node made with mknod(2) on any
 * filesystem opens them; devtmpfs is a tmpfs that has the nodes already. No locks.
 */
package sentry.core.fs.dev;
