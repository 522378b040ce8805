/**
 * The OCI runtime specification's config.json (github.com/opencontainers/runtime-spec, 1.0.2) as records, its parser,
 * and what of it we cannot do. Strings that the kernel will see are byte strings. No locks.
 */
package runsc.cli.oci;
