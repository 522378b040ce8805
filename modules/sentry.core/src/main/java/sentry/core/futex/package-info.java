/**
 * Futexes (futex(2)): waiting in the kernel on words of program memory.
 *
 * <p>Lock order: a bucket's lock is outside a memory manager's lock, because the word is read, and faulted in if need
 * be, under it. Two buckets are locked in the order of their index. Wake-ups happen under the bucket's lock.
 */
package sentry.core.futex;
