package platform.kvm;

import static platform.kvm.GuestLayout.ANSWERS;
import static platform.kvm.GuestLayout.ANSWER_KNOWN;
import static platform.kvm.GuestLayout.ANSWER_NUMBERS;
import static platform.kvm.GuestLayout.ANSWER_VALUES;
import static platform.kvm.GuestLayout.MAILBOX;
import static platform.kvm.GuestLayout.PAGE;

import host.linux.Memory;

/** The system calls of one context that the entry code answers by itself. For the context's thread. */
final class Answers {
    private static final int[] NONE = {};

    /** Never changed once set: a processor's page may refer to it. */
    private int[] numbers = NONE;

    private long[] values = {};
    private boolean changed;

    void set(int[] newNumbers, long[] newValues, int count) {
        int n = 0;
        int[] kept = new int[count];
        long[] keptValues = new long[count];
        for (int i = 0; i < count; i++) {
            if (newNumbers[i] >= 0 && newNumbers[i] < ANSWER_NUMBERS) {
                kept[n] = newNumbers[i];
                keptValues[n++] = newValues[i];
            }
        }
        numbers = n == count ? kept : java.util.Arrays.copyOf(kept, n);
        values = keptValues;
        changed = true;
    }

    boolean changed() {
        return changed;
    }

    /** Writes them where the entry code of {@code v}, which is taken and out of the guest, looks. */
    void show(Vcpu v) {
        if (v.answers != this) {
            // Another program's registers may be there, or whatever it left.
            Memory.fill(v.pages + MAILBOX, PAGE, (byte) 0);
        }
        long page = v.pages + ANSWERS;
        for (int nr : v.answered) {
            Memory.putByte(page + ANSWER_KNOWN + nr, (byte) 0);
        }
        for (int i = 0; i < numbers.length; i++) {
            Memory.putLong(page + ANSWER_VALUES + 8L * numbers[i], values[i]);
            Memory.putByte(page + ANSWER_KNOWN + numbers[i], (byte) 1);
        }
        v.answered = numbers;
        v.answers = this;
        changed = false;
    }
}
