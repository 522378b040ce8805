/** jnr-ffi: native libraries as Java interfaces. An interface given to it must be in a package opened to it. */
module org.jnrproject.ffi {
    requires java.logging;
    requires jnr.a64asm;
    requires jnr.x86asm;
    requires org.objectweb.asm;
    requires transitive org.jnrproject.jffi;

    exports jnr.ffi;
    exports jnr.ffi.annotations;
    exports jnr.ffi.byref;
    exports jnr.ffi.mapper;
    exports jnr.ffi.provider;
    exports jnr.ffi.provider.converters;
    exports jnr.ffi.provider.jffi;
    exports jnr.ffi.types;
    exports jnr.ffi.util;
}
