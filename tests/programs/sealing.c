/* mseal(2): what a sealed mapping refuses. */
#include "t.h"
#include <setjmp.h>
#define P 4096
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#define MADV_GUARD_REMOVE 103
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

static sigjmp_buf env;
static int lastcode, lastsig;

static void faulted(int s, siginfo_t *i, void *u) {
    lastsig = s;
    lastcode = i->si_code;
    siglongjmp(env, 1);
}

/* What becomes of an access: "ok", or the signal and its code. */
static const char *touch(volatile char *p, int w) {
    static char b[8][32];
    static int n;
    char *to = b[n++ & 7];
    if (sigsetjmp(env, 1)) {
        sprintf(to, "%s %d", sigabbrev_np(lastsig), lastcode);
        return to;
    }
    if (w)
        *p = 1;
    else
        (void)*p;
    return "ok";
}

#define mseal(a, l, f) syscall(462, a, l, f)

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct sigaction sa = {.sa_sigaction = faulted, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &sa, 0);
    sigaction(SIGBUS, &sa, 0);
    int f = memfd_create("x", 0);
    pid_t c;
    ftruncate(f, 2 * P);
    printf("--mseal\n");
    char*s=mmap(0,8*P,3,MAP_PRIVATE|MAP_ANONYMOUS,-1,0);
    CALL(mseal(s+1,P,0));
    CALL(mseal(s,P,1));
    CALL(mseal(s,0,0));
    CALL(mseal(s,-1,0));
    CALL(mseal(s,-P,0));
    CALL(mseal((void*)P,P,0));
    munmap(s+4*P,P);
    CALL(mseal(s+3*P,2*P,0));
    CALL(mseal(s+2*P,4*P,0));
    CALL(mseal(s+P,1,0));
    CALL(mseal(s+P,P,0));
    CALL(mseal(0,0,0));
    CALL(mseal(0,0,1));
    CALL(mseal(1,0,1));
    CALL(munmap(s+P,P));
    CALL(munmap(s,4*P));
    CALL(mprotect(s+P,P,1));
    CALL(mprotect(s,4*P,1));
    printf("%s\n",touch(s,1));
    CALL(mremap(s+P,P,2*P,1));
    CALL(mremap(s+P,P,P,MREMAP_MAYMOVE|MREMAP_FIXED,s+6*P));
    CALL(mremap(s+6*P,P,P,MREMAP_MAYMOVE|MREMAP_FIXED,s+P));
    CALL(mremap(s+P,P,P,0));
    CALL(mmap(s+P,P,3,MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED,-1,0)==MAP_FAILED?-1:0);
    CALL(madvise(s+P,P,MADV_DONTNEED));
    CALL(madvise(s+P,P,MADV_FREE));
    CALL(madvise(s+P,P,MADV_DONTFORK));
    CALL(madvise(s+P,P,MADV_DONTFORK));
    CALL(madvise(s+P,P,MADV_WIPEONFORK));
    CALL(madvise(s+P,P,MADV_COLD));
    CALL(madvise(s+P,P,MADV_DONTNEED_LOCKED));
    CALL(madvise(s+P,P,MADV_GUARD_INSTALL));
    CALL(mlock(s+P,P));
    CALL(madvise(s+P,P,MADV_REMOVE));
    CALL(munlock(s+P,P));
    char*rs=mmap(0,P,1,MAP_PRIVATE|MAP_ANONYMOUS,-1,0);
    mseal(rs,P,0);
    CALL(madvise(rs,P,MADV_DONTNEED));
    CALL(madvise(rs,P,MADV_FREE));
    CALL(madvise(rs,P,MADV_DONTFORK));
    CALL(madvise(rs,P,MADV_WIPEONFORK));
    CALL(madvise(rs,P,MADV_GUARD_INSTALL));
    CALL(madvise(rs,P,MADV_DONTNEED_LOCKED));
    char*fs2=mmap(0,P,1,MAP_PRIVATE,f,0);
    mseal(fs2,P,0);
    CALL(madvise(fs2,P,MADV_DONTNEED));
    char*ss=mmap(0,P,1,MAP_SHARED,f,0);
    mseal(ss,P,0);
    CALL(madvise(ss,P,MADV_DONTNEED));
    void*cur=sbrk(0);
    sbrk(4*P);
    CALL(mseal((void*)(((long)cur+P-1)&-P),P,0));
    CALL(brk(cur));
    CALL(syscall(SYS_pkey_mprotect,s+P,P,1,-1));
    CALL(syscall(SYS_remap_file_pages,ss,P,0,0,0));
    c=t_fork();
    if(!c){ CALL(munmap(s+P,P)); fflush(0); _exit(0);} t_reap("child",c);
    return 0;
}
