/**
 * epoll(7).
 *
 * <p>Lock order (outer first): an epoll's monitor (its interests; an outer epoll's before an inner one's), locks of the
 * files it watches, wait queues, an epoll's ready list. A notification takes only the last two, of one epoll after the
 * other.
 */
package sentry.core.fs.epoll;
