/**
 * What every {@link sentry.core.platform.Platform} must do, as tests: a platform's own tests extend
 * {@link sentry.core.conformance.PlatformConformance}. The programs they run are machine code made by
 * {@link sentry.core.conformance.MachineCode}.
 */
package sentry.core.conformance;
