package sentry.core.tty;

import java.util.BitSet;

/**
 * What happens between the two sides of a terminal (N_TTY; termios(3)): line editing, echo, signal characters, flow
 * control, output processing. Guarded by the terminal's lock.
 */
final class LineDiscipline {
    /** What input characters ask the terminal to do besides storing them. */
    interface Effects {
        /** Signal the foreground process group. */
        void signal(int signo);

        /** Output was stopped or goes on. */
        void flowChanged(boolean stopped);

        /** Input and output were thrown away, by a signal character. */
        void flushed();
    }

    /** Linux's N_TTY_BUF_SIZE; a line has at most one byte less. */
    static final int CAPACITY = 4096;
    /** How much the other side may lag behind (Linux: the limit of a pty's buffer). */
    static final int OUTPUT_CAPACITY = 8192;
    /** Room beyond that for echo, which cannot wait. */
    private static final int ECHO_RESERVE = 2048;

    private static final int SIGINT = 2;
    private static final int SIGQUIT = 3;
    private static final int SIGTSTP = 20;

    private final Termios termios;
    private final Effects effects;

    /** Input: a ring; positions only grow, a position's byte is at its remainder by CAPACITY. */
    private final byte[] input = new byte[CAPACITY];
    /** Which bytes of the ring end a line. */
    private final BitSet lineEnds = new BitSet(CAPACITY);
    /** Which of these is an end-of-file character, that readers do not get. */
    private final BitSet fileEnds = new BitSet(CAPACITY);

    private long head;
    private long tail;
    /** The end of the last complete line. */
    private long lineHead;

    private final ByteQueue output = new ByteQueue(2 * OUTPUT_CAPACITY + 2 * ECHO_RESERVE);
    private boolean literalNext;
    private boolean erasing;
    private boolean stopped;
    /** Stopped by tcflow(3). */
    private boolean heldBack;

    private int column;
    /** The column where the line that is being typed begins. */
    private int lineColumn;

    LineDiscipline(Termios termios, Effects effects) {
        this.termios = termios;
        this.effects = effects;
    }

    // Input: from the master.

    /** Whether {@link #receive} takes another byte now. */
    boolean receives() {
        // A line that is too long goes on being edited and echoed; what does not fit is dropped.
        return room() > 0 || termios.local(Termios.ICANON) && lineHead == tail;
    }

    /** How many bytes fit, one being kept for the end of a line; with PARMRK one byte may become three. */
    private int room() {
        int room = CAPACITY - (int) (head - tail);
        return (termios.input(Termios.PARMRK) ? (room + 2) / 3 : room) - 1;
    }

    /** Takes a byte of input; {@link #receives} was asked before. */
    void receive(byte raw) {
        if (head - tail >= CAPACITY) {
            head--; // the last byte of a line that is too long makes way
        }
        byte c = raw;
        if (termios.input(Termios.ISTRIP)) {
            c &= 0x7f;
        }
        if (termios.input(Termios.IUCLC) && termios.local(Termios.IEXTEN)) {
            c = lower(c);
        }
        if (termios.local(Termios.EXTPROC)) {
            store(c);
            return;
        }
        if (literalNext) {
            literalNext = false;
            ordinary(c);
            return;
        }
        if (flowControl(c) || signal(c)) {
            return;
        }
        if (c == '\r') {
            if (termios.input(Termios.IGNCR)) {
                return;
            }
            if (termios.input(Termios.ICRNL)) {
                c = '\n';
            }
        } else if (c == '\n' && termios.input(Termios.INLCR)) {
            c = '\r';
        }
        if (termios.local(Termios.ICANON) && edit(c)) {
            return;
        }
        ordinary(c);
    }

    private boolean flowControl(byte c) {
        if (!termios.input(Termios.IXON)) {
            return false;
        }
        if (termios.is(Termios.VSTART, c)) {
            start();
            return true;
        }
        if (termios.is(Termios.VSTOP, c)) {
            setStopped(true);
            return true;
        }
        if (termios.input(Termios.IXANY)) {
            start();
        }
        return false;
    }

    private boolean signal(byte c) {
        if (!termios.local(Termios.ISIG)) {
            return false;
        }
        int signo;
        if (termios.is(Termios.VINTR, c)) {
            signo = SIGINT;
        } else if (termios.is(Termios.VQUIT, c)) {
            signo = SIGQUIT;
        } else if (termios.is(Termios.VSUSP, c)) {
            signo = SIGTSTP;
        } else {
            return false;
        }
        if (!termios.local(Termios.NOFLSH)) {
            flushInput();
            output.clear();
            effects.flushed();
        }
        if (termios.input(Termios.IXON)) {
            start();
        }
        if (termios.local(Termios.ECHO)) {
            echo(c);
        }
        effects.signal(signo);
        return true;
    }

    /** Line editing. Returns whether {@code c} is dealt with. */
    private boolean edit(byte c) {
        boolean extended = termios.local(Termios.IEXTEN);
        if (termios.is(Termios.VERASE, c)) {
            erase(Termios.VERASE, c);
            return true;
        }
        if (termios.is(Termios.VKILL, c)) {
            erase(Termios.VKILL, c);
            return true;
        }
        if (extended && termios.is(Termios.VWERASE, c)) {
            erase(Termios.VWERASE, c);
            return true;
        }
        if (extended && termios.is(Termios.VLNEXT, c)) {
            literalNext = true;
            if (termios.local(Termios.ECHO)) {
                finishErasing();
                if (termios.local(Termios.ECHOCTL)) {
                    echoRaw((byte) '^');
                    echoRaw((byte) '\b');
                }
            }
            return true;
        }
        if (extended && termios.local(Termios.ECHO) && termios.is(Termios.VREPRINT, c)) {
            reprint(c);
            return true;
        }
        if (c == '\n') {
            if (termios.local(Termios.ECHO) || termios.local(Termios.ECHONL)) {
                finishErasing();
                echoRaw(c);
            }
            endLine(c, false);
            return true;
        }
        if (termios.is(Termios.VEOF, c)) {
            endLine((byte) 0, true);
            return true;
        }
        if (termios.is(Termios.VEOL, c) || extended && termios.is(Termios.VEOL2, c)) {
            if (termios.local(Termios.ECHO)) {
                echo(c);
            }
            if (termios.input(Termios.PARMRK) && c == (byte) 0xff) {
                store(c);
            }
            endLine(c, false);
            return true;
        }
        return false;
    }

    private void ordinary(byte c) {
        if (termios.local(Termios.ECHO)) {
            finishErasing();
            if (head == lineHead) {
                lineColumn = column;
            }
            echo(c);
        }
        if (termios.input(Termios.PARMRK) && c == (byte) 0xff) {
            store(c);
        }
        store(c);
    }

    private void store(byte c) {
        if (head - tail >= CAPACITY) {
            return;
        }
        int at = index(head);
        input[at] = c;
        lineEnds.clear(at);
        fileEnds.clear(at);
        head++;
    }

    private void endLine(byte c, boolean endOfFile) {
        if (head - tail >= CAPACITY) {
            return;
        }
        store(c);
        int at = index(head - 1);
        lineEnds.set(at);
        fileEnds.set(at, endOfFile);
        lineHead = head;
    }

    private void reprint(byte c) {
        finishErasing();
        echo(c);
        echoRaw((byte) '\n');
        for (long p = lineHead; p < head; p++) {
            echo(input[index(p)]);
        }
    }

    private void erase(int kind, byte c) {
        if (head == lineHead) {
            return;
        }
        boolean echo = termios.local(Termios.ECHO);
        if (kind == Termios.VKILL) {
            if (!echo) {
                head = lineHead;
                return;
            }
            if (!termios.local(Termios.ECHOK) || !termios.local(Termios.ECHOKE) || !termios.local(Termios.ECHOE)) {
                head = lineHead;
                finishErasing();
                echo(c);
                if (termios.local(Termios.ECHOK)) {
                    echoRaw((byte) '\n');
                }
                return;
            }
        }
        boolean inWord = false;
        while (head > lineHead) {
            long start = head - 1;
            if (termios.input(Termios.IUTF8)) {
                while (start > lineHead && continuation(input[index(start)])) {
                    start--;
                }
            }
            byte first = input[index(start)];
            if (termios.input(Termios.IUTF8) && continuation(first)) {
                break; // half a character stays
            }
            if (kind == Termios.VWERASE) {
                if (wordCharacter(first)) {
                    inWord = true;
                } else if (inWord) {
                    break;
                }
            }
            head = start;
            if (echo) {
                echoErased(kind, c, first);
            }
            if (kind == Termios.VERASE) {
                break;
            }
        }
        if (head == lineHead && echo) {
            finishErasing();
        }
    }

    private void echoErased(int kind, byte eraser, byte erased) {
        if (termios.local(Termios.ECHOPRT)) {
            if (!erasing) {
                echoRaw((byte) '\\');
                erasing = true;
            }
            echo(erased);
        } else if (kind == Termios.VERASE && !termios.local(Termios.ECHOE)) {
            echo(eraser);
        } else if (erased == '\t') {
            for (int i = 8 - (columnsBeforeTab() & 7); i > 0; i--) {
                echoRaw((byte) '\b');
            }
        } else if (!control(erased) || termios.local(Termios.ECHOCTL)) {
            if (control(erased)) {
                rubOut();
            }
            rubOut();
        }
    }

    /** The columns of what is before an erased tab, counted from the tab before it or else from the line's first column. */
    private int columnsBeforeTab() {
        int columns = 0;
        for (long p = head; p > lineHead; ) {
            byte c = input[index(--p)];
            if (c == '\t') {
                return columns;
            }
            if (control(c)) {
                columns += termios.local(Termios.ECHOCTL) ? 2 : 0;
            } else if (!termios.input(Termios.IUTF8) || !continuation(c)) {
                columns++;
            }
        }
        return columns + lineColumn;
    }

    private void rubOut() {
        echoRaw((byte) '\b');
        echoRaw((byte) ' ');
        echoRaw((byte) '\b');
    }

    private void finishErasing() {
        if (erasing) {
            echoRaw((byte) '/');
            erasing = false;
        }
    }

    private void echo(byte c) {
        if (termios.local(Termios.ECHOCTL) && control(c) && c != '\t') {
            echoRaw((byte) '^');
            echoRaw((byte) (c ^ 0100));
        } else {
            echoRaw(c);
        }
    }

    private void echoRaw(byte c) {
        if (output.size() < OUTPUT_CAPACITY + ECHO_RESERVE) {
            process(c);
        }
    }

    // Reading: by the program.

    /**
     * Whether a read would get something.
     *
     * @param atLeast bytes that must be there in raw mode
     */
    boolean readable(int atLeast) {
        if (lines()) {
            return lineHead != tail;
        }
        return head - tail >= Math.max(1, atLeast);
    }

    /** Whether input is read by lines. With EXTPROC the other side makes them. */
    private boolean lines() {
        return termios.local(Termios.ICANON) && !termios.local(Termios.EXTPROC);
    }

    /** Bytes for FIONREAD. */
    int available() {
        if (!lines()) {
            return (int) (head - tail);
        }
        int n = 0;
        for (long p = tail; p < lineHead; p++) {
            if (!fileEnds.get(index(p))) {
                n++;
            }
        }
        return n;
    }

    /** Takes up to a line, or in raw mode up to {@code length} bytes; call when {@link #readable}. */
    int read(byte[] target, int offset, int length) {
        boolean lines = lines();
        long end = lines ? lineHead : head;
        int n = 0;
        while (tail < end) {
            int at = index(tail);
            if (lines && fileEnds.get(at)) {
                // An end of file behind a line that was read in full is not an end of its own.
                tail++;
                return n;
            }
            if (n == length) {
                return n;
            }
            target[offset + n++] = input[at];
            tail++;
            if (lines && lineEnds.get(at)) {
                return n;
            }
        }
        return n;
    }

    void flushInput() {
        tail = head;
        lineHead = head;
        literalNext = false;
        erasing = false;
    }

    /** The settings changed: what was typed in one mode is read in the other. */
    void settingsChanged(Termios old) {
        if (((old.lflag ^ termios.lflag) & (Termios.ICANON | Termios.EXTPROC)) != 0) {
            lineEnds.clear();
            fileEnds.clear();
            if (head == tail) {
                lineHead = tail;
            } else {
                lineEnds.set(index(head - 1));
                lineHead = head;
            }
        }
        if (!termios.local(Termios.ICANON)) {
            literalNext = false;
            erasing = false;
        }
        if (old.input(Termios.IXON) && !termios.input(Termios.IXON)) {
            start();
        }
    }

    // Output: from the program.

    /** How many bytes of the program can be written now, whatever they become. */
    int writeRoom() {
        int room = stopped ? 0 : OUTPUT_CAPACITY - output.size();
        if (room <= 0) {
            return 0;
        }
        if (!termios.output(Termios.OPOST)) {
            return room;
        }
        return (termios.oflag & Termios.TABDLY) == Termios.XTABS ? room / 8 : room / 2;
    }

    /** Writes one byte of the program; {@link #writeRoom} was asked before. */
    void write(byte c) {
        process(c);
    }

    boolean writable() {
        return !stopped && output.size() < OUTPUT_CAPACITY - 256;
    }

    private void process(byte c) {
        if (!termios.output(Termios.OPOST)) {
            put(c);
            return;
        }
        switch (c) {
            case '\n' -> {
                if (termios.output(Termios.ONLRET)) {
                    column = 0;
                }
                if (termios.output(Termios.ONLCR)) {
                    column = 0;
                    put((byte) '\r');
                }
                lineColumn = column;
                put(c);
            }
            case '\r' -> {
                if (termios.output(Termios.ONOCR) && column == 0) {
                    return;
                }
                if (termios.output(Termios.OCRNL)) {
                    if (termios.output(Termios.ONLRET)) {
                        column = 0;
                        lineColumn = 0;
                    }
                    put((byte) '\n');
                    return;
                }
                column = 0;
                lineColumn = 0;
                put(c);
            }
            case '\t' -> {
                int spaces = 8 - (column & 7);
                column += spaces;
                if ((termios.oflag & Termios.TABDLY) == Termios.XTABS) {
                    for (int i = 0; i < spaces; i++) {
                        put((byte) ' ');
                    }
                } else {
                    put(c);
                }
            }
            case '\b' -> {
                if (column > 0) {
                    column--;
                }
                put(c);
            }
            default -> {
                byte out = c;
                if (!control(c)) {
                    if (termios.output(Termios.OLCUC)) {
                        out = upper(c);
                    }
                    if (!termios.input(Termios.IUTF8) || !continuation(c)) {
                        column++;
                    }
                }
                put(out);
            }
        }
    }

    private void put(byte c) {
        output.add(c);
    }

    // Output: to the master.

    /** Bytes for the master; none while output is stopped. */
    int outputSize() {
        return stopped ? 0 : output.size();
    }

    int drain(byte[] target, int offset, int length) {
        return stopped ? 0 : output.remove(target, offset, length);
    }

    /** Sends {@code c} to the master as it is. */
    void raw(byte c) {
        if (output.size() < OUTPUT_CAPACITY + ECHO_RESERVE) {
            put(c);
        }
    }

    void flushOutput() {
        output.clear();
    }

    /** Input lets output go on, unless tcflow(3) stopped it. */
    private void start() {
        if (!heldBack) {
            setStopped(false);
        }
    }

    /** TCOOFF and TCOON, the latter of which only undoes the former. */
    void holdBack(boolean value) {
        if (heldBack != value) {
            heldBack = value;
            setStopped(value);
        }
    }

    private void setStopped(boolean value) {
        if (stopped != value) {
            stopped = value;
            effects.flowChanged(value);
        }
    }

    private static int index(long position) {
        return (int) (position & CAPACITY - 1);
    }

    private static boolean control(byte c) {
        return c >= 0 && c < 0x20 || c == 0x7f;
    }

    private static boolean continuation(byte c) {
        return (c & 0xc0) == 0x80;
    }

    // Characters are those of ISO 8859-1, whatever the program's are.

    private static boolean wordCharacter(byte c) {
        return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '_' || accented(c);
    }

    private static boolean accented(byte c) {
        int u = c & 0xff;
        return u >= 0xc0 && u != 0xd7 && u != 0xf7;
    }

    private static byte lower(byte c) {
        int u = c & 0xff;
        boolean capital = u >= 'A' && u <= 'Z' || accented(c) && u < 0xdf;
        return capital ? (byte) (u + 0x20) : c;
    }

    private static byte upper(byte c) {
        int u = c & 0xff;
        boolean small = u >= 'a' && u <= 'z' || accented(c) && u >= 0xe0 && u != 0xff;
        return small ? (byte) (u - 0x20) : c;
    }
}
