/* madvise(2) and process_madvise(2): guard regions, MADV_FREE, MADV_COLLAPSE, MADV_POPULATE_*, all errors. */
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

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct sigaction sa = {.sa_sigaction = faulted, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &sa, 0);
    sigaction(SIGBUS, &sa, 0);
    char *m = mmap(0, 16 * P, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(m, 7, 16 * P);
    printf("--guard\n");
    CALL(madvise(m+P,2*P,MADV_GUARD_INSTALL));
    printf("%s\n",touch(m,1));
    printf("%s\n",touch(m+P,0));
    printf("%s\n",touch(m+2*P,1));
    printf("%s %d\n",touch(m+3*P,0),m[3*P]);
    CALL(write(open("/dev/null",O_WRONLY),m+P,10));
    int pp[2];
    pipe(pp);
    CALL(write(pp[1],m+P,10));
    CALL(write(pp[1],m,P+10));
    CALL(madvise(m,4*P,MADV_DONTNEED));
    printf("%s\n",touch(m+P,0));
    CALL(madvise(m,4*P,MADV_FREE));
    printf("%s\n",touch(m+P,0));
    CALL(mprotect(m,4*P,PROT_READ));
    CALL(mprotect(m,4*P,3));
    printf("%s\n",touch(m+P,0));
    CALL(madvise(m+P,P,MADV_POPULATE_READ));
    CALL(madvise(m+P,P,MADV_POPULATE_WRITE));
    unsigned char v[16];
    CALL(mincore(m,4*P,v));
    printf("%d %d %d %d\n",v[0],v[1],v[2],v[3]);
    pid_t c=t_fork();
    if(!c){ printf("child %s\n",touch(m+P,0)); fflush(0); _exit(0);} t_reap("child",c);
    CALL(madvise(m,16*P,MADV_GUARD_REMOVE));
    printf("%s %d\n",touch(m+P,0),m[P]);
    CALL(madvise(m,0,MADV_GUARD_INSTALL));
    CALL(madvise(m+1,P,MADV_GUARD_INSTALL));
    CALL(madvise(m,P,MADV_GUARD_INSTALL));
    char*room=mmap(0,16*P,0,MAP_PRIVATE|MAP_ANONYMOUS,-1,0);
    char*n=mremap(m,16*P,16*P,MREMAP_MAYMOVE|MREMAP_FIXED,room);
    printf("moved %s %s\n",touch(n,0),touch(n+P,0));
    m=n;
    CALL(mlock(m+4*P,P));
    CALL(madvise(m+4*P,P,MADV_GUARD_INSTALL));
    CALL(madvise(m+4*P,P,MADV_GUARD_REMOVE));
    munlock(m+4*P,P);
    CALL(madvise(m,P,MADV_GUARD_INSTALL));
    CALL(mlock(m,2*P));
    munlock(m,2*P);
    char *ro=mmap(0,P,PROT_READ,MAP_PRIVATE|MAP_ANONYMOUS,-1,0);
    CALL(madvise(ro,P,MADV_GUARD_INSTALL));
    printf("%s\n",touch(ro,0));
    char *no=mmap(0,P,PROT_NONE,MAP_PRIVATE|MAP_ANONYMOUS,-1,0);
    CALL(madvise(no,P,MADV_GUARD_INSTALL));
    char *sh=mmap(0,2*P,3,MAP_SHARED|MAP_ANONYMOUS,-1,0);
    CALL(madvise(sh,P,MADV_GUARD_INSTALL));
    printf("%s\n",touch(sh,0));
    CALL(madvise(sh,P,MADV_GUARD_REMOVE));
    printf("%s\n",touch(sh,0));
    int f=memfd_create("x",0);
    ftruncate(f,2*P);
    char*fm=mmap(0,2*P,3,MAP_PRIVATE,f,0);
    CALL(madvise(fm,P,MADV_GUARD_INSTALL));
    printf("%s\n",touch(fm,0));
    char *fr=mmap(0,2*P,PROT_READ,MAP_SHARED,f,0);
    CALL(madvise(fr,P,MADV_GUARD_INSTALL));
    munmap(m+8*P,P);
    CALL(madvise(m+7*P,3*P,MADV_GUARD_INSTALL));
    printf("%s %s\n",touch(m+7*P,0),touch(m+9*P,0));
    CALL(madvise(m+7*P,3*P,MADV_GUARD_REMOVE));
    printf("--free\n");
    char*fmem=mmap(0,4*P,3,MAP_PRIVATE|MAP_ANONYMOUS,-1,0);
    memset(fmem,5,4*P);
    CALL(madvise(fmem,2*P,MADV_FREE));
    printf("%d %d\n",fmem[0],fmem[P]);
    fmem[0]=6;
    printf("%d\n",fmem[1]);
    CALL(madvise(sh,P,MADV_FREE));
    CALL(madvise(fm,P,MADV_FREE));
    CALL(madvise(ro,P,MADV_FREE));
    printf("--collapse\n");
    char*big=mmap(0,8<<20,3,MAP_PRIVATE|MAP_ANONYMOUS,-1,0);
    char*al=(char*)(((long)big+(2<<20)-1)&-(2L<<20));
    CALL(madvise(al,P,MADV_COLLAPSE));
    CALL(madvise(al,2<<20,MADV_COLLAPSE));
    memset(al,1,4<<20);
    CALL(madvise(al,2<<20,MADV_COLLAPSE));
    CALL(madvise(al+P,2<<20,MADV_COLLAPSE));
    CALL(madvise(al,0,MADV_COLLAPSE));
    CALL(madvise(al,4<<20,MADV_COLLAPSE));
    CALL(madvise(al+1,4<<20,MADV_COLLAPSE));
    CALL(madvise(fm,P,MADV_COLLAPSE));
    CALL(madvise((void*)P,P,MADV_COLLAPSE));
    madvise(al,2<<20,MADV_NOHUGEPAGE);
    CALL(madvise(al,2<<20,MADV_COLLAPSE));
    char*shb=mmap(0,8<<20,3,MAP_SHARED|MAP_ANONYMOUS,-1,0);
    char*sa2=(char*)(((long)shb+(2<<20)-1)&-(2L<<20));
    memset(sa2,1,2<<20);
    CALL(madvise(sa2,2<<20,MADV_COLLAPSE));
    printf("--unknown advice\n");
    for(int a=0;a<32;a++){ errno=0; int r=madvise(m+10*P,P,a); printf("%d: %d %s\n",a,r,r?strerrorname_np(errno):""); }
    for(int a=98;a<106;a++){ errno=0; int r=madvise(m+10*P,P,a); printf("%d: %d %s\n",a,r,r?strerrorname_np(errno):""); }
    CALL(madvise((void*)(0x7ffffffff000),P,0));
    CALL(madvise((void*)-P,P,4));
    CALL(madvise((void*)-P,2*P,4));
    CALL(madvise(m,-1,4));
    CALL(madvise(m,-P,4));
    CALL(madvise(0,0,4));
    CALL(madvise(0,0,99));
    CALL(madvise(0,P,4));
    CALL(madvise((void*)(1L<<47),P,4));
    CALL(madvise(0,1L<<47,MADV_POPULATE_READ));
    printf("--populate\n");
    CALL(madvise(ro,P,MADV_POPULATE_READ));
    CALL(madvise(ro,P,MADV_POPULATE_WRITE));
    CALL(madvise(no,P,MADV_POPULATE_READ));
    CALL(madvise(no,P,MADV_POPULATE_WRITE));
    CALL(madvise(fr,P,MADV_POPULATE_WRITE));
    int f2=memfd_create("y",0);
    ftruncate(f2,P);
    char*f2m=mmap(0,3*P,3,MAP_SHARED,f2,0);
    CALL(madvise(f2m,3*P,MADV_POPULATE_READ));
    CALL(madvise(f2m+P,P,MADV_POPULATE_WRITE));
    CALL(madvise(m+7*P,3*P,MADV_POPULATE_READ));
    char *wo=mmap(0,P,PROT_WRITE,MAP_PRIVATE|MAP_ANONYMOUS,-1,0);
    CALL(madvise(wo,P,MADV_POPULATE_READ));
    CALL(madvise(wo,P,MADV_POPULATE_WRITE));
    char *ex=mmap(0,P,PROT_EXEC,MAP_PRIVATE|MAP_ANONYMOUS,-1,0);
    CALL(madvise(ex,P,MADV_POPULATE_READ));
    printf("--process_madvise\n");
    int pf=syscall(SYS_pidfd_open,getpid(),0);
    struct iovec iv[2]={{m+10*P,P},{m+11*P,P}};
    for(int a=0;a<32;a++){ errno=0; long r=syscall(SYS_process_madvise,pf,iv,2,a,0); printf("%d: %ld %s\n",a,r,r<0?strerrorname_np(errno):""); }
    CALL(syscall(SYS_process_madvise,pf,iv,2,MADV_GUARD_INSTALL,0));
    CALL(syscall(SYS_process_madvise,pf,iv,2,MADV_GUARD_REMOVE,0));
    CALL(syscall(SYS_process_madvise,pf,iv,2,MADV_COLD,1));
    CALL(syscall(SYS_process_madvise,-1,iv,2,MADV_COLD,0));
    CALL(syscall(SYS_process_madvise,0,iv,2,MADV_COLD,0));
    CALL(syscall(SYS_process_madvise,f,iv,2,MADV_COLD,0));
    CALL(syscall(SYS_process_madvise,pf,(void*)8,2,MADV_COLD,0));
    CALL(syscall(SYS_process_madvise,pf,iv,1025,MADV_COLD,0));
    CALL(syscall(SYS_process_madvise,pf,iv,-1,MADV_COLD,0));
    CALL(syscall(SYS_process_madvise,pf,iv,0,MADV_COLD,0));
    CALL(syscall(SYS_process_madvise,-1,(void*)8,2,99,1));
    CALL(syscall(SYS_process_madvise,-1,(void*)8,2,99,0));
    CALL(syscall(SYS_process_madvise,-1,iv,2,99,0));
    iv[1].iov_base=m+8*P;
    CALL(syscall(SYS_process_madvise,pf,iv,2,MADV_COLD,0));
    CALL(syscall(SYS_process_madvise,pf,iv+1,1,MADV_COLD,0));
    iv[0].iov_len=-1;
    CALL(syscall(SYS_process_madvise,pf,iv,2,MADV_COLD,0));
    iv[0].iov_len=P;
    iv[0].iov_base=m+1;
    CALL(syscall(SYS_process_madvise,pf,iv,2,MADV_COLD,0));
    iv[0].iov_base=m+10*P;
    iv[1].iov_base=m+11*P;
    c=t_fork();
    if(!c){ pause(); } int cf=syscall(SYS_pidfd_open,c,0);
    for(int a=0;a<32;a++){ errno=0; long r=syscall(SYS_process_madvise,cf,iv,2,a,0); printf("%d: %ld %s\n",a,r,r<0?strerrorname_np(errno):""); }
    CALL(syscall(SYS_process_madvise,cf,iv,2,MADV_GUARD_INSTALL,0));
    kill(c,9);
    t_reap("c",c);
    CALL(syscall(SYS_process_madvise,cf,iv,2,MADV_COLD,0));
    return 0;
}
