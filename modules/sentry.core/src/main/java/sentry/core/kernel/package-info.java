/** The kernel as a whole: what one Sentry consists of, how it is started and how it ends. */
package sentry.core.kernel;
