/** The numbers of POSIX on each platform. */
module org.jnrproject.constants {
    exports jnr.constants;
    exports jnr.constants.platform;
}
