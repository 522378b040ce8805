/** The cost of crossing between program and kernel. */
package benchmarks.platform;
