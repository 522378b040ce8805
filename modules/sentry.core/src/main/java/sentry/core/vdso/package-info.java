/**
 * The vDSO: code that every program finds in its address space, with which it reads clocks without a system call
 * (vdso(7)).
 *
 * <p>An ELF shared object, made here, stands in a page behind a page of parameters: for each clock a base and a rate,
 * against the processor's time stamp counter. The Sentry keeps the parameters in step with the host's clocks; programs
 * may only read them. Nothing here depends on the host's own vDSO being visible to programs.
 *
 * <p>Lock: the monitor of {@link sentry.core.vdso.VdsoClock}, innermost.
 */
package sentry.core.vdso;
