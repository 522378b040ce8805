package sentry.core.tty;

/** Terminal settings (termios(3)) in the kernel's layout: struct termios and termios2 of asm-generic/termbits.h. */
final class Termios {
    static final int NCCS = 19;
    /** sizeof(struct termios). */
    static final int SIZE = 36;
    /** Control characters of struct termio. */
    static final int NCC = 8;
    /** sizeof(struct termio). */
    static final int OLD_SIZE = 18;
    /** sizeof(struct termios2). */
    static final int SIZE2 = 44;

    // c_iflag
    static final int BRKINT = 0x2;
    static final int PARMRK = 0x8;
    static final int ISTRIP = 0x20;
    static final int INLCR = 0x40;
    static final int IGNCR = 0x80;
    static final int ICRNL = 0x100;
    static final int IUCLC = 0x200;
    static final int IXON = 0x400;
    static final int IXANY = 0x800;
    static final int IXOFF = 0x1000;
    static final int IMAXBEL = 0x2000;
    static final int IUTF8 = 0x4000;

    // c_oflag
    static final int OPOST = 0x1;
    static final int OLCUC = 0x2;
    static final int ONLCR = 0x4;
    static final int OCRNL = 0x8;
    static final int ONOCR = 0x10;
    static final int ONLRET = 0x20;
    static final int TABDLY = 0x1800;
    static final int XTABS = 0x1800;

    // c_cflag
    static final int CSIZE = 0x30;
    static final int CS8 = 0x30;
    static final int CREAD = 0x80;
    static final int CLOCAL = 0x800;
    static final int ADDRB = 0x20000000;
    /** The input speed's place in c_cflag. */
    static final int IBSHIFT = 16;
    static final int PARENB = 0x100;
    static final int CBAUD = 0x100f;
    static final int BOTHER = 0x1000;
    static final int B38400 = 0xf;

    // c_lflag
    static final int ISIG = 0x1;
    static final int ICANON = 0x2;
    static final int ECHO = 0x8;
    static final int ECHOE = 0x10;
    static final int ECHOK = 0x20;
    static final int ECHONL = 0x40;
    static final int NOFLSH = 0x80;
    static final int TOSTOP = 0x100;
    static final int ECHOCTL = 0x200;
    static final int ECHOPRT = 0x400;
    static final int ECHOKE = 0x800;
    static final int IEXTEN = 0x8000;
    static final int EXTPROC = 0x10000;

    // c_cc
    static final int VINTR = 0;
    static final int VQUIT = 1;
    static final int VERASE = 2;
    static final int VKILL = 3;
    static final int VEOF = 4;
    static final int VTIME = 5;
    static final int VMIN = 6;
    static final int VSTART = 8;
    static final int VSTOP = 9;
    static final int VSUSP = 10;
    static final int VEOL = 11;
    static final int VREPRINT = 12;
    static final int VWERASE = 14;
    static final int VLNEXT = 15;
    static final int VEOL2 = 16;

    /** Speeds by the number in CBAUD: B0 to B38400, then, with CBAUDEX, B57600 on. */
    private static final int[] SPEEDS = {
        0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400
    };

    private static final int[] FAST_SPEEDS = {
        0, 57600, 115200, 230400, 460800, 500000, 576000, 921600, 1000000, 1152000, 1500000, 2000000, 2500000, 3000000,
        3500000, 4000000
    };

    int iflag;
    int oflag;
    int cflag;
    int lflag;
    int line;
    final byte[] cc = new byte[NCCS];
    int inputSpeed;
    int outputSpeed;

    /** What a new terminal starts with (Linux: tty_std_termios, as pty changes it). */
    static Termios standard() {
        Termios t = new Termios();
        t.iflag = ICRNL | IXON;
        t.oflag = OPOST | ONLCR;
        t.cflag = B38400 | CS8 | CREAD;
        t.lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN;
        byte[] cc = {3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0};
        System.arraycopy(cc, 0, t.cc, 0, NCCS);
        t.inputSpeed = 38400;
        t.outputSpeed = 38400;
        return t;
    }

    /** The master's own, which say nothing about the terminal. */
    static Termios master() {
        Termios t = standard();
        t.iflag = 0;
        t.oflag = 0;
        t.lflag = 0;
        return t;
    }

    Termios copy() {
        Termios t = new Termios();
        t.set(this);
        return t;
    }

    void set(Termios other) {
        iflag = other.iflag;
        oflag = other.oflag;
        cflag = other.cflag;
        lflag = other.lflag;
        line = other.line;
        System.arraycopy(other.cc, 0, cc, 0, NCCS);
        inputSpeed = other.inputSpeed;
        outputSpeed = other.outputSpeed;
    }

    boolean input(int flag) {
        return (iflag & flag) != 0;
    }

    boolean output(int flag) {
        return (oflag & flag) != 0;
    }

    boolean local(int flag) {
        return (lflag & flag) != 0;
    }

    /** Whether {@code c} is the control character {@code which}, and that is not switched off. */
    boolean is(int which, byte c) {
        return cc[which] == c && c != 0;
    }

    /**
     * @param two whether {@code in} is a termios2
     * @param old what a speed that {@code in} has no room for is taken from
     */
    static Termios parse(byte[] in, boolean two, Termios old) {
        Termios t = new Termios();
        t.iflag = int32(in, 0);
        t.oflag = int32(in, 4);
        t.cflag = int32(in, 8);
        t.lflag = int32(in, 12);
        t.line = in[16] & 0xff;
        System.arraycopy(in, 17, t.cc, 0, NCCS);
        t.speeds(two ? int32(in, 36) : old.inputSpeed, two ? int32(in, 40) : old.outputSpeed);
        return t;
    }

    /** struct termio, the old one: 16 bits of each word and eight characters; the rest stays as {@code old} has it. */
    static Termios parseOld(byte[] in, Termios old) {
        Termios t = old.copy();
        t.iflag = old.iflag & 0xffff0000 | int16(in, 0);
        t.oflag = old.oflag & 0xffff0000 | int16(in, 2);
        t.cflag = old.cflag & 0xffff0000 | int16(in, 4);
        t.lflag = old.lflag & 0xffff0000 | int16(in, 6);
        t.line = in[8] & 0xff;
        System.arraycopy(in, 9, t.cc, 0, NCC);
        t.speeds(old.inputSpeed, old.outputSpeed);
        return t;
    }

    byte[] oldBytes() {
        byte[] out = new byte[OLD_SIZE];
        put16(out, 0, iflag);
        put16(out, 2, oflag);
        put16(out, 4, cflag);
        put16(out, 6, lflag);
        out[8] = (byte) line;
        System.arraycopy(cc, 0, out, 9, NCC);
        return out;
    }

    /** Speeds follow from c_cflag, unless it says BOTHER; no input speed means that of output. */
    private void speeds(int givenInput, int givenOutput) {
        outputSpeed = (cflag & CBAUD) == BOTHER ? givenOutput : speed(cflag);
        int input = cflag >>> IBSHIFT & CBAUD;
        inputSpeed = input == 0 ? outputSpeed : input == BOTHER ? givenInput : speed(input);
    }

    /** Takes back from {@code old} what {@code lock} has bits for. */
    void keepLocked(Termios old, Termios lock) {
        iflag = iflag & ~lock.iflag | old.iflag & lock.iflag;
        oflag = oflag & ~lock.oflag | old.oflag & lock.oflag;
        cflag = cflag & ~lock.cflag | old.cflag & lock.cflag;
        lflag = lflag & ~lock.lflag | old.lflag & lock.lflag;
        line = lock.line != 0 ? old.line : line;
        for (int i = 0; i < NCCS; i++) {
            if (lock.cc[i] != 0) {
                cc[i] = old.cc[i];
            }
        }
    }

    byte[] bytes(boolean two) {
        byte[] out = new byte[two ? SIZE2 : SIZE];
        put(out, 0, iflag);
        put(out, 4, oflag);
        put(out, 8, cflag);
        put(out, 12, lflag);
        out[16] = (byte) line;
        System.arraycopy(cc, 0, out, 17, NCCS);
        if (two) {
            put(out, 36, inputSpeed);
            put(out, 40, outputSpeed);
        }
        return out;
    }

    private static int speed(int cflag) {
        int index = cflag & 0xf;
        return (cflag & BOTHER) == 0 ? SPEEDS[index] : FAST_SPEEDS[index];
    }

    private static int int16(byte[] in, int at) {
        return in[at] & 0xff | (in[at + 1] & 0xff) << 8;
    }

    private static void put16(byte[] out, int at, int value) {
        out[at] = (byte) value;
        out[at + 1] = (byte) (value >> 8);
    }

    private static int int32(byte[] in, int at) {
        return in[at] & 0xff | (in[at + 1] & 0xff) << 8 | (in[at + 2] & 0xff) << 16 | (in[at + 3] & 0xff) << 24;
    }

    private static void put(byte[] out, int at, int value) {
        out[at] = (byte) value;
        out[at + 1] = (byte) (value >> 8);
        out[at + 2] = (byte) (value >> 16);
        out[at + 3] = (byte) (value >> 24);
    }
}
