/**
 * The ptrace platform.
 *
 * <p>The program runs in stub processes: children of the Sentry that show nothing but the program's memory and, at the
 * top, a page of {@linkplain platform.ptrace.StubCode our code}. A task's thread traces one stub thread, lets it run with
 * PTRACE_SYSEMU until it stops, and never lets one of its calls through. Mappings are made by calls that are injected
 * into the stub, which shares the Sentry's descriptors.
 *
 * <ul>
 *   <li>{@link platform.ptrace.MasterStub} makes the first stub out of the JVM, {@link platform.ptrace.PtracePlatform}
 *       knows all of them;
 *   <li>{@link platform.ptrace.StubProcess} is a process of the host, {@link platform.ptrace.Tracee} one thread of it
 *       with a tracer;
 *   <li>{@link platform.ptrace.Placement} decides on which CPU a task runs;
 *   <li>{@link platform.ptrace.PtraceAddressSpace} and {@link platform.ptrace.PtraceContext} are what the kernel sees;
 *       both may be without a stub at times;
 *   <li>{@link platform.ptrace.Breakpoints} are a program's breakpoints of the processor, which the host keeps for its
 *       stub thread.
 * </ul>
 *
 * <p>Ends: a stub with a tracer dies with the thread that traces it (PTRACE_O_EXITKILL), one without by its
 * parent-death signal, both also when the Sentry is killed.
 *
 * <p>Lock order: PtraceAddressSpace, then MasterStub, then one of StubProcess, PtracePlatform, StubFiles,
 * Placement. The first is
 * held while a stub makes calls for us; no lock is held while a program runs.
 */
package platform.ptrace;
