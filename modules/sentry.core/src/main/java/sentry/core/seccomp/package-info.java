/**
 * seccomp(2) for programs: classic BPF filters that judge system calls, and listeners that answer them for another program.
 *
 * <p>A filter is checked once when it comes, as Linux does, and then run by a small interpreter over arrays. What a filter
 * says about a call number whatever the arguments are is remembered, so that most calls cost one array load.
 *
 * <p>Lock order: installing a filter takes the task-set lock; a listener's own lock is a leaf but for wait queues.
 */
package sentry.core.seccomp;
