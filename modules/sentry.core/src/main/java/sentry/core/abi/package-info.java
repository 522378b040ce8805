/** Linux's numbers and layouts as programs see them: one class per header. */
package sentry.core.abi;
