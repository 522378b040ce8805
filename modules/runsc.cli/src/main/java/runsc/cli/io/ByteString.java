package runsc.cli.io;

import java.nio.charset.StandardCharsets;

/**
 * Byte strings: bytes carried in a {@link String}, one char in [0, 255] each. Linux's paths, arguments and environments
 * are bytes in no known character set; decoding them by the locale would lose some. JSON and messages are text.
 */
public final class ByteString {
    private ByteString() {}

    public static String of(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    public static byte[] bytes(String byteString) {
        return byteString.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The byte string that holds {@code text} in UTF-8. */
    public static String fromText(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return of(text.getBytes(StandardCharsets.UTF_8));
            }
        }
        return text;
    }

    /** Decodes UTF-8; bytes that are none become U+FFFD. */
    public static String toText(String byteString) {
        for (int i = 0; i < byteString.length(); i++) {
            if (byteString.charAt(i) >= 0x80) {
                return new String(bytes(byteString), StandardCharsets.UTF_8);
            }
        }
        return byteString;
    }
}
