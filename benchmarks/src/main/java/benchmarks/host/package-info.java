/** The cost of calling the host. */
package benchmarks.host;
