/** The kernel's log: off unless asked for, and then slf4j. */
package sentry.core.log;
