package runsc.cli.io;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import runsc.cli.RunscException;

/**
 * Reads JSON strictly and says where something is wrong: file, line, column and the field's path. A field whose value
 * is null counts as absent.
 */
public final class JsonSource {
    private final String file;
    private final JsonReader reader;

    /** @param file name for messages, as text */
    public JsonSource(String file, byte[] content) throws RunscException {
        this.file = file;
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
        } catch (CharacterCodingException e) {
            throw new RunscException(file + ": broken JSON: not UTF-8");
        }
        reader = new JsonReader(new StringReader(text));
        reader.setStrictness(Strictness.STRICT);
    }

    public void beginObject() throws RunscException {
        expect(JsonToken.BEGIN_OBJECT, "an object");
        try {
            reader.beginObject();
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /** The name of the object's next field that is not null, or null after the last one, whose brace is read too. */
    public String nextField() throws RunscException {
        try {
            while (reader.hasNext()) {
                String name = reader.nextName();
                if (reader.peek() != JsonToken.NULL) {
                    return name;
                }
                reader.nextNull();
            }
            reader.endObject();
            return null;
        } catch (IOException e) {
            throw broken(e);
        }
    }

    public void beginArray() throws RunscException {
        expect(JsonToken.BEGIN_ARRAY, "an array");
        try {
            reader.beginArray();
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /** Whether another element follows; reads the closing bracket otherwise. */
    public boolean nextElement() throws RunscException {
        try {
            if (reader.hasNext()) {
                return true;
            }
            reader.endArray();
            return false;
        } catch (IOException e) {
            throw broken(e);
        }
    }

    public String string() throws RunscException {
        expect(JsonToken.STRING, "a string");
        try {
            return reader.nextString();
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /** A string for the kernel: its UTF-8 as a byte string, which cannot hold a NUL. */
    public String bytes() throws RunscException {
        String where = path();
        String s = string();
        if (s.indexOf('\0') >= 0) {
            throw wrong(where, "a NUL character is not possible here");
        }
        return ByteString.fromText(s);
    }

    public boolean truth() throws RunscException {
        expect(JsonToken.BOOLEAN, "true or false");
        try {
            return reader.nextBoolean();
        } catch (IOException e) {
            throw broken(e);
        }
    }

    public int integer(int least, int most) throws RunscException {
        String where = path();
        long n = signed();
        if (n < least || n > most) {
            throw wrong(where, n + " is not between " + least + " and " + most);
        }
        return (int) n;
    }

    /** A number in [0, 2^32): a user or group id. */
    public int id() throws RunscException {
        String where = path();
        long n = signed();
        if (n < 0 || n > 0xffffffffL) {
            throw wrong(where, n + " is not an id");
        }
        return (int) n;
    }

    public long signed() throws RunscException {
        String where = path();
        String n = number();
        try {
            return Long.parseLong(n);
        } catch (NumberFormatException e) {
            throw wrong(where, n + " is not a whole number");
        }
    }

    /** A number in [0, 2^64), as the bits of a long. */
    public long unsigned() throws RunscException {
        String where = path();
        String n = number();
        try {
            return Long.parseUnsignedLong(n);
        } catch (NumberFormatException e) {
            throw wrong(where, n + " is not a whole number in [0, 2^64)");
        }
    }

    private String number() throws RunscException {
        expect(JsonToken.NUMBER, "a number");
        try {
            return reader.nextString();
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /** An array of byte strings. */
    public List<String> byteStrings() throws RunscException {
        List<String> list = new ArrayList<>();
        beginArray();
        while (nextElement()) {
            list.add(bytes());
        }
        return list;
    }

    /** An object whose values are strings, as text. */
    public Map<String, String> strings() throws RunscException {
        Map<String, String> map = new LinkedHashMap<>();
        beginObject();
        for (String name; (name = nextField()) != null; ) {
            map.put(name, string());
        }
        return map;
    }

    public void skip() throws RunscException {
        try {
            reader.skipValue();
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /** Nothing but white space may follow the document. */
    public void end() throws RunscException {
        expect(JsonToken.END_DOCUMENT, "the end of the file");
    }

    /** Where we are, without the leading "$.": {@code process.args[0]}. */
    public String path() {
        String path = reader.getPath();
        return path.equals("$") ? "the document" : path.startsWith("$.") ? path.substring(2) : path;
    }

    /** An error in the value of the field at {@code path}. */
    public RunscException wrong(String path, String what) {
        return new RunscException(place(reader.toString()) + ": " + path + ": " + what);
    }

    private void expect(JsonToken token, String what) throws RunscException {
        JsonToken found;
        try {
            found = reader.peek();
        } catch (IOException e) {
            throw broken(e);
        }
        if (found != token) {
            throw wrong(path(), what + " is expected, found " + nameOf(found));
        }
    }

    private static String nameOf(JsonToken token) {
        return switch (token) {
            case BEGIN_ARRAY -> "an array";
            case BEGIN_OBJECT -> "an object";
            case BOOLEAN -> "true or false";
            case NUMBER -> "a number";
            case STRING -> "a string";
            case NULL -> "null";
            case END_ARRAY, END_OBJECT, END_DOCUMENT -> "the end";
            case NAME -> "a field";
        };
    }

    private RunscException broken(IOException e) {
        String message = String.valueOf(e.getMessage());
        int line = message.indexOf('\n');
        message = line < 0 ? message : message.substring(0, line);
        int at = message.indexOf(" at line ");
        String what = at < 0 ? message : message.substring(0, at);
        return new RunscException(place(message) + ": broken JSON at " + path() + ": " + what);
    }

    /** "file:line:column" out of the "... at line L column C path P" that gson appends to what it says. */
    private String place(String message) {
        int line = message.indexOf(" at line ");
        int column = message.indexOf(" column ", line + 1);
        int path = message.indexOf(" path ", column + 1);
        if (line < 0 || column < 0 || path < 0) {
            return file;
        }
        return file + ":" + message.substring(line + 9, column) + ":" + message.substring(column + 8, path);
    }
}
