/**
 * Signals: queues, masks, dispositions, delivery by frame, restart of interrupted calls.
 *
 * <p>Lock order: a thread group's signal lock guards the group's queue, all its tasks' queues and masks' changes by
 * others, dispositions and stop state. It is inside the task-set lock and outside wait queues.
 */
package sentry.core.signal;
