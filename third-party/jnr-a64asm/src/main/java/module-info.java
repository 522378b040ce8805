/** An assembler for AArch64; jnr-ffi makes call stubs with it. */
module jnr.a64asm {
    exports jnr.a64asm;
}
