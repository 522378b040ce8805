package sentry.core.abi;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Fields of structures in byte arrays: little-endian as the machine has them, and big-endian as networks do. */
public final class Bytes {
    private static final VarHandle SHORT =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle NET_SHORT =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle NET_INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle NET_LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Bytes() {}

    public static void putShort(byte[] b, int at, int value) {
        SHORT.set(b, at, (short) value);
    }

    public static void putInt(byte[] b, int at, int value) {
        INT.set(b, at, value);
    }

    public static void putLong(byte[] b, int at, long value) {
        LONG.set(b, at, value);
    }

    /** Unsigned. */
    public static int getShort(byte[] b, int at) {
        return (short) SHORT.get(b, at) & 0xffff;
    }

    public static int getInt(byte[] b, int at) {
        return (int) INT.get(b, at);
    }

    public static long getLong(byte[] b, int at) {
        return (long) LONG.get(b, at);
    }

    public static void putNetShort(byte[] b, int at, int value) {
        NET_SHORT.set(b, at, (short) value);
    }

    public static void putNetInt(byte[] b, int at, int value) {
        NET_INT.set(b, at, value);
    }

    public static void putNetLong(byte[] b, int at, long value) {
        NET_LONG.set(b, at, value);
    }

    /** Unsigned. */
    public static int getNetShort(byte[] b, int at) {
        return (short) NET_SHORT.get(b, at) & 0xffff;
    }

    public static int getNetInt(byte[] b, int at) {
        return (int) NET_INT.get(b, at);
    }

    public static long getNetLong(byte[] b, int at) {
        return (long) NET_LONG.get(b, at);
    }
}
