/** jffi: calls of native functions over JNI; what jnr-ffi stands on. */
module org.jnrproject.jffi {
    requires java.logging;
    requires transitive jdk.unsupported;

    exports com.kenai.jffi;
}
