package gofer.p9.client;

/** Numbers for fids: the one given back last is given out next. */
final class FidNumbers {
    private int[] free = new int[16];
    private int freeCount;
    private int next = 1;

    synchronized int take() {
        return freeCount > 0 ? free[--freeCount] : next++;
    }

    synchronized void give(int number) {
        if (freeCount == free.length) {
            free = java.util.Arrays.copyOf(free, freeCount * 2);
        }
        free[freeCount++] = number;
    }
}
