package sentry.core.fs.dev;

import sentry.core.vfs.DeviceRegistry;

/** Makes the memory devices known. */
public final class MemoryDevices {
    private MemoryDevices() {}

    public static void register(DeviceRegistry registry) {
        int major = MemoryDevice.MAJOR;
        registry.character(major, NullDevice.MINOR, (path, flags, task) -> new NullDevice(path, flags));
        registry.character(major, ZeroDevice.MINOR, (path, flags, task) -> new ZeroDevice(path, flags, false));
        registry.character(major, ZeroDevice.FULL_MINOR, (path, flags, task) -> new ZeroDevice(path, flags, true));
        registry.character(
                major, RandomDevice.RANDOM_MINOR, (path, flags, task) -> new RandomDevice(path, flags, true));
        registry.character(
                major, RandomDevice.URANDOM_MINOR, (path, flags, task) -> new RandomDevice(path, flags, false));
    }
}
