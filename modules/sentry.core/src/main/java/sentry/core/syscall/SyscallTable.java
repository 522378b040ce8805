package sentry.core.syscall;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import sentry.core.abi.Errno;
import sentry.core.abi.SyscallNames;
import sentry.core.arch.Arch;
import sentry.core.kernel.Extensions;
import sentry.core.log.Log;

/** The system calls of one architecture. Immutable. */
public final class SyscallTable {
    /** One more than the highest number that a module may use. */
    public static final int LIMIT = 1024;

    /** What {@code runsc syscalls} tells about one call. */
    public record Entry(int nr, String name, Support support, String note, String module) {}

    private final SyscallHandler[] handlers;
    private final Entry[] entries;
    private final boolean logging;
    private final int[] steady;

    private SyscallTable(SyscallHandler[] handlers, Entry[] entries, boolean logging, int[] steady) {
        this.logging = logging;
        this.steady = steady;
        this.handlers = handlers;
        this.entries = entries;
    }

    /** The handler for {@code nr}; never null, any number is allowed. */
    public SyscallHandler handler(int nr) {
        return nr >= 0 && nr < LIMIT ? handlers[nr] : SyscallTable::missing;
    }

    /** Every call that has a name or a handler, by number. */
    public List<Entry> entries() {
        List<Entry> list = new ArrayList<>();
        for (Entry e : entries) {
            if (e != null) {
                list.add(e);
            }
        }
        return list;
    }

    /** Whether calls are logged, so that none may be answered on the way. */
    public boolean logging() {
        return logging;
    }

    /**
     * Numbers of calls without arguments whose result stays the same until the task's identity changes. A platform may
     * be told the results. Not to be changed by the caller.
     */
    public int[] steady() {
        return steady;
    }

    /** Puts a handler around another one. */
    @FunctionalInterface
    public interface Wrapper {
        /** @return the new handler, or {@code handler} itself */
        SyscallHandler wrap(int nr, SyscallHandler handler);
    }

    /** A table like this one in which handlers are wrapped, as tracing does. */
    public SyscallTable wrapped(Wrapper wrapper) {
        SyscallHandler[] wrapped = new SyscallHandler[LIMIT];
        for (int i = 0; i < LIMIT; i++) {
            wrapped[i] = wrapper.wrap(i, handlers[i]);
        }
        return new SyscallTable(wrapped, entries, true, steady);
    }

    /** Builds the table from the modules that the service loader finds. */
    public static SyscallTable load(Arch arch) {
        return of(arch, Extensions.syscallModules());
    }

    /** Builds the table from {@code modules}, applied in ascending order. */
    public static SyscallTable of(Arch arch, List<SyscallModule> modules) {
        List<SyscallModule> sorted = new ArrayList<>(modules);
        sorted.sort(Comparator.comparingInt(SyscallModule::order));
        Builder builder = new Builder(arch);
        for (SyscallModule m : sorted) {
            builder.module = m.name();
            m.install(arch, builder);
        }
        return builder.build();
    }

    private static long missing(sentry.core.task.Task task, SyscallArgs args) throws sentry.core.abi.ErrnoException {
        if (Log.enabled()) {
            Log.warn("task " + task.tid() + ": system call " + SyscallNames.name(args.nr) + " is not implemented");
        }
        throw Errno.ENOSYS.error();
    }

    /** Collects handlers while modules are applied. */
    public static final class Builder {
        private final Arch arch;
        private final SyscallHandler[] handlers = new SyscallHandler[LIMIT];
        private final Entry[] entries = new Entry[LIMIT];
        private final BitSet steady = new BitSet();
        private String module = "";

        private Builder(Arch arch) {
            this.arch = arch;
            for (int i = 0; i < LIMIT; i++) {
                handlers[i] = SyscallTable::missing;
                String name = SyscallNames.nameOrNull(i);
                if (name != null) {
                    entries[i] = new Entry(i, name, Support.MISSING, "", "");
                }
            }
        }

        public Arch arch() {
            return arch;
        }

        /** Sets a fully supported handler, in place of any earlier one. */
        public Builder full(int nr, SyscallHandler handler) {
            return set(nr, Support.FULL, "", handler);
        }

        /** Sets a handler that does a part; {@code note} says what is missing. */
        public Builder partial(int nr, String note, SyscallHandler handler) {
            return set(nr, Support.PARTIAL, note, handler);
        }

        /** Answers the call with an error always; {@code note} says why. */
        public Builder error(int nr, Errno errno, String note) {
            return set(nr, Support.ERROR, errno + ": " + note, (task, args) -> {
                throw errno.error();
            });
        }

        public Builder set(int nr, Support support, String note, SyscallHandler handler) {
            if (nr < 0 || nr >= LIMIT) {
                throw new IllegalArgumentException("system call number " + nr);
            }
            handlers[nr] = handler;
            steady.clear(nr);
            entries[nr] = new Entry(nr, SyscallNames.name(nr), support, note, module);
            return this;
        }

        /** Puts a handler around the one that is there now. */
        public Builder wrap(int nr, UnaryOperator<SyscallHandler> wrapper) {
            handlers[nr] = wrapper.apply(handlers[nr]);
            steady.clear(nr);
            return this;
        }

        /**
         * Says that a call that is set already takes no arguments, does nothing, and returns the same until the task's
         * identity changes: then it may not come to its handler each time.
         */
        public Builder steady(int nr) {
            steady.set(nr);
            return this;
        }

        private SyscallTable build() {
            return new SyscallTable(handlers.clone(), entries.clone(), false, steady.stream().toArray());
        }
    }
}
