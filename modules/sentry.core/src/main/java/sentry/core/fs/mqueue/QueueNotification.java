package sentry.core.fs.mqueue;

import sentry.core.task.Credentials;
import sentry.core.task.ThreadGroup;

/**
 * Who is to be told of a message in an empty queue (mq_notify(3)).
 *
 * @param owner the process that asked
 * @param credentials its own as it asked
 * @param kind SIGEV_SIGNAL or SIGEV_NONE
 * @param signo the signal
 * @param value what comes with it
 */
public record QueueNotification(ThreadGroup owner, Credentials credentials, int kind, int signo, long value) {}
