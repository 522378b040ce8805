package sentry.core.platform;

/**
 * What a platform gets from the kernel when it starts.
 *
 * @param memoryFd the memory file that backs all program memory; the kernel owns it
 * @param memoryBase where the kernel has the whole memory file mapped in the host process
 * @param memorySize how many bytes of it are mapped there
 */
public record PlatformConfig(int memoryFd, long memoryBase, long memorySize) {}
