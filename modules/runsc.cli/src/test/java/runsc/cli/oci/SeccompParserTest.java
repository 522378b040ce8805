package runsc.cli.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import runsc.cli.RunscException;
import runsc.cli.boot.seccomp.BpfInterpreter;
import runsc.cli.io.ByteString;

class SeccompParserTest {
    private static final int ARCH = 0xc000003e;
    private static final int ALLOW = 0x7fff0000;
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int SOCKET = 41;
    private static final int CLONE = 56;
    private static final int PERSONALITY = 135;

    private static String filter(String json) throws RunscException {
        String all = "{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"r\"},\"linux\":{\"seccomp\":" + json + "}}";
        return SpecParser.parse("config.json", all.getBytes(StandardCharsets.UTF_8))
                .linux()
                .seccomp();
    }

    private static int verdict(String filter, int nr, long... arguments) {
        return BpfInterpreter.run(ByteString.bytes(filter), nr, ARCH, arguments);
    }

    @Test
    void namesGetTheirActionAndOthersTheDefault() throws RunscException {
        String f = filter("""
                {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "architectures": ["SCMP_ARCH_X86_64"],
                 "syscalls": [{"names": ["read", "no_such_call", "socket"], "action": "SCMP_ACT_ALLOW"},
                              {"names": ["write"], "action": "SCMP_ACT_ERRNO", "errnoRet": 5},
                              {"names": ["clone"], "action": "SCMP_ACT_KILL_PROCESS"},
                              {"names": ["personality"], "action": "SCMP_ACT_LOG"}]}""");
        assertEquals(ALLOW, verdict(f, READ));
        assertEquals(ALLOW, verdict(f, SOCKET));
        assertEquals(0x50005, verdict(f, WRITE));
        assertEquals(0x80000000, verdict(f, CLONE));
        assertEquals(0x7ffc0000, verdict(f, PERSONALITY));
        assertEquals(0x50026, verdict(f, 2));
        assertEquals(0, BpfInterpreter.run(ByteString.bytes(f), READ, 0x40000003));
    }

    @Test
    void callsNewerThanTheProfileAreNotThere() throws RunscException {
        String f = filter("""
                {"defaultAction": "SCMP_ACT_ERRNO",
                 "syscalls": [{"names": ["read", "personality"], "action": "SCMP_ACT_ALLOW"}]}""");
        assertEquals(0x50001, verdict(f, PERSONALITY - 1));
        assertEquals(0x50026, verdict(f, PERSONALITY + 1));
        assertEquals(0x50026, verdict(f, -1));
    }

    private static boolean met(String operator, long value, long second, long argument) throws RunscException {
        String f = filter("{\"defaultAction\": \"SCMP_ACT_KILL\", \"syscalls\": [{\"names\": [\"clone\"],"
                + "\"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 2, \"value\": " + Long.toUnsignedString(value)
                + ", \"valueTwo\": " + Long.toUnsignedString(second) + ", \"op\": \"SCMP_CMP_" + operator + "\"}]}]}");
        return verdict(f, CLONE, 9, 9, argument) == ALLOW;
    }

    @Test
    void conditionsCompareAllSixtyFourBitsUnsigned() throws RunscException {
        long[] values = {0, 1, 5, 0xffffffffL, 1L << 32, (1L << 32) + 5, -1L, Long.MIN_VALUE};
        for (long v : values) {
            for (long a : values) {
                int order = Long.compareUnsigned(a, v);
                assertEquals(order == 0, met("EQ", v, 0, a));
                assertEquals(order != 0, met("NE", v, 0, a));
                assertEquals(order < 0, met("LT", v, 0, a));
                assertEquals(order <= 0, met("LE", v, 0, a));
                assertEquals(order > 0, met("GT", v, 0, a));
                assertEquals(order >= 0, met("GE", v, 0, a));
                assertEquals((a & v) == 0, met("MASKED_EQ", v, 0, a));
                assertEquals((a & v) == v, met("MASKED_EQ", v, v, a));
            }
        }
    }

    @Test
    void conditionsOnOneArgumentAreAlternativesAndOnSeveralTheyAddUp() throws RunscException {
        String f = filter("""
                {"defaultAction": "SCMP_ACT_TRAP", "syscalls": [
                  {"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [
                    {"index": 0, "value": 0, "op": "SCMP_CMP_EQ"}, {"index": 0, "value": 8, "op": "SCMP_CMP_EQ"}]},
                  {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [
                    {"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}, {"index": 1, "value": 2, "op": "SCMP_CMP_EQ"}]},
                  {"names": ["clone"], "action": "SCMP_ACT_ALLOW"},
                  {"names": ["clone"], "action": "SCMP_ACT_ERRNO", "args": [
                    {"index": 0, "value": 7, "op": "SCMP_CMP_EQ"}]}]}""");
        assertEquals(ALLOW, verdict(f, PERSONALITY, 0));
        assertEquals(ALLOW, verdict(f, PERSONALITY, 8));
        assertEquals(0x30000, verdict(f, PERSONALITY, 4));
        assertEquals(ALLOW, verdict(f, SOCKET, 1, 2));
        assertEquals(0x30000, verdict(f, SOCKET, 1, 3));
        assertEquals(0x50001, verdict(f, CLONE, 7));
        assertEquals(ALLOW, verdict(f, CLONE, 8));
    }

    @Test
    void nothingToFilterIsNoFilterAndWhatIsNotThereIsAnError() throws RunscException {
        assertNull(filter("{\"defaultAction\": \"SCMP_ACT_ALLOW\"}"));
        assertTrue(assertThrows(RunscException.class, () -> filter("{}")).getMessage().contains("defaultAction"));
        assertThrows(RunscException.class, () -> filter("{\"defaultAction\": \"SCMP_ACT_NOTIFY\"}"));
        assertThrows(RunscException.class, () -> filter("{\"defaultAction\": \"NONE\"}"));
    }
}
