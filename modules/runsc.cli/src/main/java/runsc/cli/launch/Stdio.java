package runsc.cli.launch;

import host.linux.FileIo;
import host.linux.Files;
import host.linux.Syscall;
import runsc.cli.io.ByteString;

/** Standard input, output and error as our caller gave them to us. */
final class Stdio {
    private static final int FD_CLOEXEC = 1;
    private static final int F_GETFD = 1;

    private Stdio() {}

    /**
     * Whether our caller gave us descriptor {@code fd}. If not, the virtual machine may have opened a file of its own
     * under that number, which the program must not get.
     */
    static boolean given(int fd) {
        long flags = Syscall.call(72, fd, F_GETFD);
        if (Syscall.failed(flags) || (flags & FD_CLOEXEC) != 0) {
            return false;
        }
        byte[] target = FileIo.readLink(Files.AT_FDCWD, ByteString.bytes("/proc/self/fd/" + fd));
        String image = ByteString.fromText(System.getProperty("java.home")) + "/";
        return target == null || !ByteString.of(target).startsWith(image);
    }
}
