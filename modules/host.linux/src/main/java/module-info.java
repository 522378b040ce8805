/** The host's own system calls and memory through the foreign function API. Nothing else in the product calls the host. */
module host.linux {
    exports host.linux;
}
