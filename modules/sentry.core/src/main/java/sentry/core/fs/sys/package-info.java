/**
 * sysfs, as far as programs ask for it: the CPUs (sysfs-devices-system-cpu of Linux's ABI documentation). There are no
 * devices behind a bus. No locks.
 */
package sentry.core.fs.sys;
