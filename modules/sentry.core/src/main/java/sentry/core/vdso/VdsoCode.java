package sentry.core.vdso;

/**
 * The machine code of the vDSO. It stands at {@link VdsoImage#TEXT} in its page; the page before has the parameters
 * ({@link VdsoClock}): seq at 0, enabled at 4, number of CPUs at 8, counter base at 16, from 64 on for each clock its
 * base in nanoseconds and its rate in 2^-64 nanoseconds a count.
 *
 * <p>Clocks 0, 1, 4, 5, 6, 7 and 11 (mask 0x8f3) are read here, all others by the system call. Division by 10^9 is a
 * multiplication: (n >> 9) * 0x44b82fa09b5a53 >> 75.
 */
final class VdsoCode {
    static final int CLOCK_GETTIME = 0;
    static final int GETTIMEOFDAY = 0x4c;
    static final int TIME = 0xa3;
    static final int GETCPU = 0xd5;
    static final int CLOCK_GETRES = 0x10f;
    static final int END = 0x196;

    private static final String CODE = ""
            // clock_gettime:
            + "83ff0b" // cmp edi, 0xb
            + "773f" // ja clock_gettime+0x44
            + "b8f3080000" // mov eax, 0x8f3
            + "0fa3f8" // bt eax, edi
            + "7335" // jae clock_gettime+0x44
            + "89f9" // mov ecx, edi
            + "e836010000" // call read
            + "722c" // jb clock_gettime+0x44
            + "4989d2" // mov r10, rdx
            + "48c1ea09" // shr rdx, 0x9
            + "48b8535a9ba02fb84400" // movabs rax, 0x44b82fa09b5a53
            + "48f7e2" // mul rdx
            + "48c1ea0b" // shr rdx, 0xb
            + "488916" // mov [rsi], rdx
            + "4869d200ca9a3b" // imul rdx, rdx, 0x3b9aca00
            + "4929d2" // sub r10, rdx
            + "4c895608" // mov [rsi+0x8], r10
            + "31c0" // xor eax, eax
            + "c3" // ret
            + "b8e4000000" // mov eax, 0xe4
            + "0f05" // syscall
            + "c3" // ret
            // gettimeofday:
            + "4885ff" // test rdi, rdi
            + "743d" // je gettimeofday+0x42
            + "31c9" // xor ecx, ecx
            + "e8f4000000" // call read
            + "7241" // jb gettimeofday+0x4f
            + "4989d2" // mov r10, rdx
            + "48c1ea09" // shr rdx, 0x9
            + "48b8535a9ba02fb84400" // movabs rax, 0x44b82fa09b5a53
            + "48f7e2" // mul rdx
            + "48c1ea0b" // shr rdx, 0xb
            + "488917" // mov [rdi], rdx
            + "4869d200ca9a3b" // imul rdx, rdx, 0x3b9aca00
            + "4929d2" // sub r10, rdx
            + "4969c2d34d6210" // imul rax, r10, 0x10624dd3
            + "48c1e826" // shr rax, 0x26
            + "48894708" // mov [rdi+0x8], rax
            + "4885f6" // test rsi, rsi
            + "7405" // je gettimeofday+0x4c
            + "31c0" // xor eax, eax
            + "488906" // mov [rsi], rax
            + "31c0" // xor eax, eax
            + "c3" // ret
            + "b860000000" // mov eax, 0x60
            + "0f05" // syscall
            + "c3" // ret
            // time:
            + "31c9" // xor ecx, ecx
            + "e8a2000000" // call read
            + "7221" // jb time+0x2a
            + "48c1ea09" // shr rdx, 0x9
            + "48b8535a9ba02fb84400" // movabs rax, 0x44b82fa09b5a53
            + "48f7e2" // mul rdx
            + "48c1ea0b" // shr rdx, 0xb
            + "4889d0" // mov rax, rdx
            + "4885ff" // test rdi, rdi
            + "7403" // je time+0x29
            + "488907" // mov [rdi], rax
            + "c3" // ret
            + "b8c9000000" // mov eax, 0xc9
            + "0f05" // syscall
            + "c3" // ret
            // getcpu:
            + "b87b000000" // mov eax, 0x7b
            + "0f03c0" // lsl eax, eax
            + "7528" // jne getcpu+0x32
            + "89c1" // mov ecx, eax
            + "c1e90c" // shr ecx, 0xc
            + "25ff0f0000" // and eax, 0xfff
            + "4c8d0510ebffff" // lea r8, [parameters]
            + "413b4008" // cmp eax, dword [r8+0x8]
            + "7311" // jae getcpu+0x32
            + "4885ff" // test rdi, rdi
            + "7402" // je getcpu+0x28
            + "8907" // mov dword [rdi], eax
            + "4885f6" // test rsi, rsi
            + "7402" // je getcpu+0x2f
            + "890e" // mov dword [rsi], ecx
            + "31c0" // xor eax, eax
            + "c3" // ret
            + "b835010000" // mov eax, 0x135
            + "0f05" // syscall
            + "c3" // ret
            // clock_getres:
            + "83ff0b" // cmp edi, 0xb
            + "7730" // ja clock_getres+0x35
            + "b8f3080000" // mov eax, 0x8f3
            + "0fa3f8" // bt eax, edi
            + "7326" // jae clock_getres+0x35
            + "4885f6" // test rsi, rsi
            + "741e" // je clock_getres+0x32
            + "b901000000" // mov ecx, 0x1
            + "b800093d00" // mov eax, 0x3d0900
            + "ba60000000" // mov edx, 0x60
            + "0fa3fa" // bt edx, edi
            + "0f42c8" // cmovb ecx, eax
            + "31c0" // xor eax, eax
            + "488906" // mov [rsi], rax
            + "48894e08" // mov [rsi+0x8], rcx
            + "31c0" // xor eax, eax
            + "c3" // ret
            + "b8e5000000" // mov eax, 0xe5
            + "0f05" // syscall
            + "c3" // ret
            // read:
            + "4c8d05adeaffff" // lea r8, [parameters]
            + "c1e104" // shl ecx, 0x4
            + "458b08" // mov r9d, dword [r8]
            + "41f7c101000000" // test r9d, 0x1
            + "752e" // jne read+0x44
            + "4183780400" // cmp dword [r8+0x4], 0x0
            + "742b" // je read+0x48
            + "0faee8" // lfence
            + "0f31" // rdtsc
            + "48c1e220" // shl rdx, 0x20
            + "4809d0" // or rax, rdx
            + "31d2" // xor edx, edx
            + "492b4010" // sub rax, [r8+0x10]
            + "480f42c2" // cmovb rax, rdx
            + "49f7640848" // mul [r8+rcx*1+0x48]
            + "4903540840" // add rdx, [r8+rcx*1+0x40]
            + "453b08" // cmp r9d, dword [r8]
            + "75c8" // jne read+0xa
            + "f8" // clc
            + "c3" // ret
            + "f390" // pause
            + "ebc2" // jmp read+0xa
            + "f9" // stc
            + "c3" // ret
            ;

    private VdsoCode() {}

    static byte[] bytes() {
        byte[] code = new byte[CODE.length() / 2];
        for (int i = 0; i < code.length; i++) {
            code[i] = (byte) (Character.digit(CODE.charAt(2 * i), 16) << 4 | Character.digit(CODE.charAt(2 * i + 1), 16));
        }
        return code;
    }
}
