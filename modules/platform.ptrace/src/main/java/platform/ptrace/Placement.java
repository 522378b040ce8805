package platform.ptrace;

import host.linux.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;

/**
 * Decides which CPU a task runs on: its thread and its stub, of which only one runs at a time.
 *
 * <p>Why: a wake-up of a thread on an idle CPU costs ten times one on the waker's own CPU (50 against 4 us on the
 * machines this was measured on), and the host's scheduler prefers the idle one. So the host is told.
 *
 * <ul>
 *   <li><b>Together.</b> Thread and stub of a task are bound to one CPU. A new task starts on the CPU of the task that
 *       made it, so tasks that talk to each other share one as well. The first task of all starts where the host has
 *       put its thread.
 *   <li><b>Apart.</b> A balancer thread looks every {@value #TICK_MS} ms, while more than one task is active, at the
 *       time for which each was not asleep. When one CPU is asked for clearly more than it has, for two looks
 *       in a row, one task moves to the CPU that is least used. Tasks that sleep and wake often are spared, since they
 *       most likely wait for each other, unless there are too many of them.
 *   <li><b>Loose.</b> A stub that runs on without calling is left to the host's scheduler, until it makes calls at a
 *       rate again.
 *   <li><b>Together again.</b> Tasks on different CPUs that sleep and wake often, and that one CPU can carry, are
 *       brought together.
 *   <li><b>Away.</b> What is bound, the host cannot move when others crowd the CPU: other sandboxes bind too. So when
 *       /proc/stat says that ours had no idle time and another was mostly idle, one task moves there. When
 *       that leaves the old CPU idle, we had been alone on it, and the next try comes later each time.
 * </ul>
 *
 * <p>With one CPU to choose from, nothing is done. JVM threads that are no task's are never bound; but a Java thread
 * that a task's thread starts inherits its CPU from the host, so helpers should be started elsewhere, and
 * {@code Runtime.availableProcessors} says 1 in a bound thread. An idle thread is set free after a while.
 *
 * <p>The monitor guards the lists. It is the innermost lock.
 */
final class Placement {
    private static final int NR_GETTID = 186;

    static final int TICK_MS = 4;
    private static final int SLOW_TICK_MS = 50;
    private static final long HURRY_NANOS = 100_000_000;
    private static final long LOOK_NANOS = 50_000_000;
    private static final long MIN_ESCAPE_NANOS = 100_000_000;
    private static final long MAX_ESCAPE_NANOS = 3_200_000_000L;

    /** A task counts as active from this part of a period on. */
    private static final double ACTIVE = 0.02;
    /** One CPU has more to do than it can from here on. */
    private static final double OVERFULL = 1.15;
    /**
     * One CPU has more to do than it can from here on, with tasks that wait for each other. Of two of them each may be
     * awake all the time, as the woken one runs before the waker has come to sleep.
     */
    private static final double CROWDED = 2.5;
    /** Tasks that talk are brought to one CPU up to here. */
    private static final double FITS = 1.5;
    /** Sleeps in one short period that make a task talkative, and below which it is not any more. */
    private static final double TALKATIVE = 3;

    private static final double SILENT = 1;
    /** Switches with which a loose stub shows that it is no longer computing. */
    private static final int TIGHTEN = 4;

    /** A Java thread that has served a task, and where it is bound. */
    private static final class Chair {
        final int tid = (int) Syscall.call(NR_GETTID);
        final MemorySegment scratch = Arena.ofAuto().allocate(8, 8);
        /** -1 when it may run anywhere. */
        int cpu = -1;

        /** Contexts of the thread that have a seat. */
        int contexts;

        int idlePeriods;
    }

    private final Cpus cpus = new Cpus();
    private final ThreadLocal<Chair> chairs = new ThreadLocal<>();

    // Guarded by this.
    private final ArrayList<Seat> seats = new ArrayList<>();
    private final ArrayList<Chair> freeChairs = new ArrayList<>();
    private Thread balancer;
    private boolean closed;
    private long hurryUntil;

    /** The balancer waits until it is roused. Set by the balancer with the monitor held. */
    private volatile boolean dozing;
    /** The balancer's period is the long one. */
    private volatile boolean slow;

    // The balancer's own.
    private final double[] load = new double[cpus.limit()];
    private final double[] talk = new double[cpus.limit()];
    private long lastTick;
    private long lastLook;
    private long escapeAfter = MIN_ESCAPE_NANOS;
    private long lastEscape;
    private int escapedFrom = -1;
    private int overfullPeriods;
    private int scatteredPeriods;

    boolean active() {
        return cpus.count() > 1;
    }

    /**
     * A seat for the calling thread's context.
     *
     * @param near the CPU of the task that made this one, -1 when there is none
     */
    Seat sit(int near, int stub) {
        Chair chair = chairs.get();
        if (chair == null) {
            chair = new Chair();
            chairs.set(chair);
        }
        synchronized (this) {
            chair.contexts++;
            freeChairs.remove(chair);
        }
        int cpu = near;
        if (!cpus.has(cpu)) {
            cpu = chair.cpu >= 0 ? chair.cpu : cpus.current(chair.scratch.address());
            if (!cpus.has(cpu)) {
                cpu = anyCpu();
            }
        }
        if (chair.cpu != cpu) {
            cpus.pin(0, cpu);
            chair.cpu = cpu;
        }
        Seat seat = new Seat(chair.tid, cpu);
        seat.since = System.nanoTime();
        restub(seat, stub);
        synchronized (this) {
            seats.add(seat);
            if (balancer == null && !closed) {
                Runnable work = new Runnable() { // not a lambda: those cost a millisecond at start
                    @Override
                    public void run() {
                        balance();
                    }
                };
                balancer = new Thread(null, work, "ptrace-placement", 256 * 1024);
                balancer.setDaemon(true);
                balancer.start();
            }
            if (seats.size() > 1 && (dozing || slow)) {
                hurry();
            }
        }
        return seat;
    }

    /** The context at {@code seat} now has another stub thread. Called while that stands still. */
    void restub(Seat seat, int stub) {
        seat.stub = stub;
        seat.loose = false;
        seat.looseSwitches = 0;
        cpus.pin(stub, seat.cpu);
    }

    /** The calling thread's context has ended. */
    void leave(Seat seat) {
        Chair chair = chairs.get();
        synchronized (this) {
            seats.remove(seat);
            if (chair != null && --chair.contexts == 0) {
                chair.idlePeriods = 0;
                freeChairs.add(chair);
            }
        }
    }

    private int anyCpu() {
        int cpu = 0;
        while (!cpus.has(cpu)) {
            cpu++;
        }
        return cpu;
    }

    /** Before each switch of a seat that is to move, or is loose; by the task's thread, its stub standing still. */
    void adjust(Seat seat) {
        if (seat.loose && ++seat.looseSwitches >= TIGHTEN) {
            seat.loose = false;
            cpus.pin(seat.stub, seat.cpu);
        }
        int target = seat.target;
        if (target != seat.cpu) {
            seat.cpu = target;
            if (!seat.loose) {
                cpus.pin(seat.stub, target);
            }
            cpus.pin(0, target);
            Chair chair = chairs.get();
            chair.cpu = target;
        }
    }

    void sleeping(Seat seat) {
        seat.busy += System.nanoTime() - seat.since;
        seat.sleeps++;
        seat.asleep = true;
    }

    void waking(Seat seat) {
        seat.since = System.nanoTime();
        seat.asleep = false;
        if (dozing) {
            synchronized (this) {
                if (dozing) {
                    hurry();
                }
            }
        }
    }

    private void hurry() {
        hurryUntil = System.nanoTime() + HURRY_NANOS;
        dozing = false;
        slow = false;
        notifyAll();
    }

    private void balance() {
        lastTick = System.nanoTime();
        synchronized (this) {
            int period = TICK_MS;
            while (!closed) {
                try {
                    if (period == 0) {
                        while (dozing && !closed) {
                            wait();
                        }
                        lastTick = System.nanoTime();
                        measure(1);
                        period = TICK_MS;
                    }
                    wait(period);
                } catch (InterruptedException e) {
                    // Nobody interrupts us; look again.
                }
                if (closed) {
                    return;
                }
                period = tick();
            }
        }
    }

    /** One look. Returns the time to the next in ms, 0 for when somebody rouses us. */
    private int tick() {
        long now = System.nanoTime();
        long period = Math.max(1, now - lastTick);
        lastTick = now;
        int active = measure(period);
        setChairsFree();
        loosen();
        if (!spread(active)) {
            gather(active);
        }
        if (active > 0 && now - lastLook >= LOOK_NANOS) {
            boolean told = cpus.look(now);
            if (told && now - lastLook < 2 * LOOK_NANOS) {
                escape(now);
            }
            lastLook = now;
        }
        slow = active < 2 && now > hurryUntil;
        dozing = slow && active == 0 && freeChairs.isEmpty();
        return dozing ? 0 : slow ? SLOW_TICK_MS : TICK_MS;
    }

    /** Works out what each seat did in the last {@code period} ns; returns how many were active. */
    private int measure(long period) {
        Arrays.fill(load, 0);
        int active = 0;
        for (int i = 0; i < seats.size(); i++) {
            Seat seat = seats.get(i);
            long busy = seat.busy;
            if (!seat.asleep) {
                busy += Math.max(0, lastTick - seat.since);
            }
            // A seat that fell asleep between the two reads counts twice, for one period.
            seat.use = Math.max(0, Math.min(1, (double) (busy - seat.seenBusy) / period));
            seat.seenBusy = busy;
            int switches = seat.switches;
            seat.newSwitches = switches - seat.seenSwitches;
            seat.seenSwitches = switches;
            int sleeps = seat.sleeps;
            double rate = (sleeps - seat.seenSleeps) * (TICK_MS * 1e6 / period);
            seat.seenSleeps = sleeps;
            seat.sleepRate += (rate - seat.sleepRate) / 4;
            seat.talkative = seat.sleepRate >= (seat.talkative ? SILENT : TALKATIVE);
            seat.looseSwitches = 0;
            if (seat.use > ACTIVE) {
                active++;
            }
            if (!seat.loose) {
                load[seat.target] += seat.use;
            }
        }
        return active;
    }

    private void setChairsFree() {
        for (int i = freeChairs.size() - 1; i >= 0; i--) {
            Chair chair = freeChairs.get(i);
            if (++chair.idlePeriods * (slow ? SLOW_TICK_MS : TICK_MS) >= 2 * SLOW_TICK_MS) {
                freeChairs.remove(i);
                if (chair.cpu >= 0) {
                    chair.cpu = -1;
                    cpus.unpin(chair.tid);
                }
            }
        }
    }

    private void loosen() {
        for (int i = 0; i < seats.size(); i++) {
            Seat seat = seats.get(i);
            if (seat.newSwitches > 0 || seat.asleep) {
                seat.computing = 0;
            } else if (!seat.loose && ++seat.computing >= 2 && seat.stub != 0) {
                seat.computing = 0;
                seat.loose = true;
                load[seat.target] -= seat.use;
                cpus.unpin(seat.stub);
            }
        }
    }

    /** Moves one task off a CPU that has too much to do. */
    private boolean spread(int active) {
        if (active < 2) {
            overfullPeriods = 0;
            return false;
        }
        int most = anyCpu();
        int least = most;
        for (int cpu = 0; cpu < load.length; cpu++) {
            if (cpus.has(cpu)) {
                most = load[cpu] > load[most] ? cpu : most;
                least = load[cpu] < load[least] ? cpu : least;
            }
        }
        if (load[most] < OVERFULL) {
            overfullPeriods = 0;
            return false;
        }
        if (++overfullPeriods < 2) {
            return true;
        }
        boolean crowded = load[most] >= CROWDED;
        Seat best = null;
        for (int i = 0; i < seats.size(); i++) {
            Seat seat = seats.get(i);
            if (seat.target == most
                    && !seat.loose
                    && seat.use > ACTIVE
                    && (crowded || !seat.talkative)
                    && load[least] + seat.use < load[most]
                    && (best == null || seat.sleepRate < best.sleepRate)) {
                best = seat;
            }
        }
        if (best != null) {
            move(best, least);
            overfullPeriods = 0;
        }
        return true;
    }

    private void move(Seat seat, int cpu) {
        load[seat.target] -= seat.use;
        load[cpu] += seat.use;
        seat.target = cpu;
    }

    /** Brings tasks that talk to each other back to one CPU when that is enough for them. */
    private void gather(int active) {
        double sum = 0;
        int best = -1;
        boolean scattered = false;
        Arrays.fill(talk, 0);
        for (int i = 0; i < seats.size(); i++) {
            Seat seat = seats.get(i);
            if (seat.talkative && seat.use > ACTIVE && !seat.loose) {
                sum += seat.use;
                talk[seat.target] += seat.use;
                scattered |= best >= 0 && seat.target != best;
                best = seat.target;
            }
        }
        if (active < 2 || !scattered || sum > FITS) {
            scatteredPeriods = 0;
            return;
        }
        if (++scatteredPeriods < 2) {
            return;
        }
        scatteredPeriods = 0;
        // Where they are already for the most part, and little else is.
        for (int cpu = 0; cpu < load.length; cpu++) {
            if (cpus.has(cpu) && load[cpu] - 2 * talk[cpu] < load[best] - 2 * talk[best]) {
                best = cpu;
            }
        }
        for (int i = 0; i < seats.size(); i++) {
            Seat seat = seats.get(i);
            if (seat.talkative && !seat.loose && seat.target != best) {
                move(seat, best);
            }
        }
    }

    /** Leaves a CPU that others crowd. */
    private void escape(long now) {
        if (escapedFrom >= 0) {
            boolean alone = cpus.idle(escapedFrom) > 0.5;
            escapeAfter = alone ? Math.min(2 * escapeAfter, MAX_ESCAPE_NANOS) : MIN_ESCAPE_NANOS;
            escapedFrom = -1;
        }
        if (now - lastEscape < escapeAfter) {
            return;
        }
        int idlest = -1;
        for (int cpu = 0; cpu < load.length; cpu++) {
            if (cpus.has(cpu) && load[cpu] < ACTIVE && (idlest < 0 || cpus.idle(cpu) > cpus.idle(idlest))) {
                idlest = cpu;
            }
        }
        if (idlest < 0 || cpus.idle(idlest) < 0.7) {
            return;
        }
        for (int cpu = 0; cpu < load.length; cpu++) {
            if (cpus.has(cpu) && load[cpu] > 0.5 && cpus.idle(cpu) < 0.1) {
                for (int i = 0; i < seats.size(); i++) {
                    Seat seat = seats.get(i);
                    if (seat.target == cpu && !seat.loose) {
                        move(seat, idlest);
                    }
                }
                escapedFrom = cpu;
                lastEscape = now;
                return;
            }
        }
    }

    /** Ends the balancer and sets all threads free. */
    void close() {
        Thread thread;
        synchronized (this) {
            closed = true;
            thread = balancer;
            for (Chair chair : freeChairs) {
                cpus.unpin(chair.tid);
            }
            for (Seat seat : seats) {
                cpus.unpin(seat.thread);
            }
            notifyAll();
        }
        boolean interrupted = false;
        while (thread != null && thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        cpus.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
