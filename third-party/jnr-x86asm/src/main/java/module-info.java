/** An assembler for x86; jnr-ffi makes call stubs with it. */
module jnr.x86asm {
    exports com.kenai.jnr.x86asm;
    exports jnr.x86asm;
}
