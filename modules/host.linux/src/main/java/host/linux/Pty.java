package host.linux;

/**
 * A pseudo-terminal of the host (pty(7)), both ends open, close-on-exec and nobody's controlling terminal.
 *
 * @param name of the slave, "/dev/pts/N"
 */
public record Pty(int master, int slave, String name) {
    private static final int SYS_IOCTL = 16;
    private static final int O_NOCTTY = 0x100;
    private static final int TIOCSPTLCK = 0x40045431;
    private static final int TIOCGPTN = 0x80045430;
    private static final int TIOCGPTPEER = 0x5441;
    private static final int TIOCSCTTY = 0x540e;

    public static Pty open() throws HostException {
        byte[] multiplexer = {'/', 'd', 'e', 'v', '/', 'p', 't', 'm', 'x'};
        int flags = Files.O_RDWR | O_NOCTTY | Files.O_CLOEXEC;
        int master = (int) HostException.check("open /dev/ptmx", FileIo.open(Files.AT_FDCWD, multiplexer, flags, 0));
        try (NativeArea area = NativeArea.allocate(8)) {
            Memory.putInt(area.address(), 0);
            HostException.check("TIOCSPTLCK", Syscall.call(SYS_IOCTL, master, TIOCSPTLCK, area.address()));
            HostException.check("TIOCGPTN", Syscall.call(SYS_IOCTL, master, TIOCGPTN, area.address()));
            String name = "/dev/pts/" + Memory.getInt(area.address());
            long slave = HostException.check("TIOCGPTPEER", Syscall.call(SYS_IOCTL, master, TIOCGPTPEER, flags));
            return new Pty(master, (int) slave, name);
        } catch (HostException e) {
            Files.close(master);
            throw e;
        }
    }

    /** Makes a terminal ours, if we lead a session that has none, and it is nobody's. Returns whether it is. */
    public static boolean control(int terminal) {
        return Syscall.call(SYS_IOCTL, terminal, TIOCSCTTY, 0) == 0;
    }
}
