/** What depends on the processor: register file, floating-point state, signal frame. amd64 now; a seam for others. */
package sentry.core.arch;
