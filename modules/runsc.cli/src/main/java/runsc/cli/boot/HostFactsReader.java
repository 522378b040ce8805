package runsc.cli.boot;

import host.linux.FileIo;
import host.linux.Files;
import java.nio.charset.StandardCharsets;
import sentry.core.kernel.KernelConfig.HostFacts;

/** Reads what the kernel wants to know of the host, while that is still possible. */
final class HostFactsReader {
    /** The release whose system calls we offer. */
    static final String RELEASE = "6.1.0-runsc";

    private static final long FALLBACK_MEMORY = 2L << 30;

    private HostFactsReader() {}

    /** @param memoryLimit bytes that the programs may use, or 0 for no limit */
    static HostFacts read(long memoryLimit) {
        long memory = memory();
        boolean limited = memoryLimit > 0 && memoryLimit < memory;
        return new HostFacts(
                Runtime.getRuntime().availableProcessors(),
                file("/proc/cpuinfo"),
                limited ? memoryLimit : memory,
                limited,
                RELEASE);
    }

    private static String file(String path) {
        byte[] content = FileIo.read(Files.AT_FDCWD, path.getBytes(StandardCharsets.US_ASCII));
        return content == null ? "" : new String(content, StandardCharsets.ISO_8859_1);
    }

    /** MemTotal of /proc/meminfo, which is in KiB. */
    private static long memory() {
        String text = file("/proc/meminfo");
        int at = text.indexOf("MemTotal:");
        long kibibytes = 0;
        if (at >= 0) {
            at += 9;
            while (at < text.length() && text.charAt(at) == ' ') {
                at++;
            }
            while (at < text.length() && Character.isDigit(text.charAt(at))) {
                kibibytes = kibibytes * 10 + text.charAt(at++) - '0';
            }
        }
        return kibibytes == 0 ? FALLBACK_MEMORY : kibibytes << 10;
    }
}
