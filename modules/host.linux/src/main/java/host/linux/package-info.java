/**
 * The host kernel as seen from the Sentry, the gofer and the CLI.
 *
 * <p>All native access of the product lives in this package. Calls are made through one call shape, seven longs to a
 * long ({@link host.linux.Syscall}, {@link host.linux.CodePage#call}): every further shape would cost about ten
 * milliseconds at start, and this one is set up past java's foreign linker, which is cheaper still (DirectLink). Results
 * follow the kernel's own convention: a value in [-4095, -1] is a negated errno. Arrays are copied as
 * {@code MemorySegment.ofArray}: the first copy that takes an array itself costs milliseconds.
 *
 * <p>Classes are named after the Linux header or object that they wrap. Nothing in this package takes a Java lock, so
 * it may be called under any lock of its users.
 */
package host.linux;
