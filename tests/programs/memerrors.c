/* Errors of mmap(2) and its like, what lies past the end of a file, locks and limits, personality(2). */
#include "t.h"
#include <linux/mempolicy.h>
#include <setjmp.h>
#include <sys/personality.h>
#include <sys/shm.h>
#define P 4096L
#ifndef MFD_EXEC
#define MFD_NOEXEC_SEAL 8
#define MFD_EXEC 16
#endif
#define MAP_UNINITIALIZED 0x4000000

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

/* Whether an mmap(2) works. */
#define MM(...)                                                                \
    ({                                                                         \
        void *r_ = mmap(__VA_ARGS__);                                          \
        if (r_ == MAP_FAILED)                                                  \
            printf("mmap(%s) %s\n", #__VA_ARGS__, strerrorname_np(errno));     \
        else                                                                   \
            printf("mmap(%s) works\n", #__VA_ARGS__);                          \
        r_;                                                                    \
    })

static long field(const char *f, const char *k) {
    char b[8192];
    int fd = open(f, 0), n = read(fd, b, 8191);
    close(fd);
    b[n < 0 ? 0 : n] = 0;
    char *s = strstr(b, k);
    return s ? atol(s + strlen(k)) : -1;
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    alarm(30);
    static char alt[65536];
    stack_t ss = {alt, 0, sizeof alt};
    sigaltstack(&ss, 0);
    struct sigaction sa = {.sa_sigaction = faulted, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigaction(SIGSEGV, &sa, 0);
    sigaction(SIGBUS, &sa, 0);
    t_enter();
    int f = open("f", O_RDWR | O_CREAT, 0600);
    ftruncate(f, 3 * P);
    printf("--sync\n");
    MM(0,P,3,MAP_SHARED_VALIDATE|MAP_SYNC,f,0);
    MM(0,P,3,MAP_SHARED_VALIDATE|MAP_ANONYMOUS|MAP_SYNC,-1,0);
    MM(0,P,3,MAP_SHARED_VALIDATE|MAP_ANONYMOUS,-1,0);
    MM(0,P,3,MAP_SHARED_VALIDATE|(1<<25),f,0);
    MM(0,P,3,MAP_SHARED_VALIDATE|0x200000,f,0);
    MM(0,P,3,MAP_SHARED|0x200000,f,0);
    MM(0,P,3,MAP_PRIVATE|MAP_ANONYMOUS|MAP_UNINITIALIZED,-1,0);
    MM(0,P,3,0,f,0);
    MM(0,P,3,MAP_ANONYMOUS,-1,0);
    MM(0,P,3,MAP_ANONYMOUS|4,-1,0);
    MM(0,P,3,MAP_PRIVATE,-1,0);
    MM(0,P,3,0,-1,0);
    MM(0,0,3,0,-1,0);
    MM(0,0,3,0,f,0);
    MM(0,P,3,MAP_PRIVATE,f,1);
    MM(0,P,3,MAP_PRIVATE,f,-P);
    MM(0,P,3,MAP_PRIVATE,f,LONG_MAX&-P);
    MM(0,P,~0,MAP_PRIVATE|MAP_ANONYMOUS,-1,0);
    MM(0,-1,3,MAP_PRIVATE|MAP_ANONYMOUS,-1,0);
    MM(0,-P,3,MAP_PRIVATE|MAP_ANONYMOUS,-1,0);
    MM(0,1L<<47,3,MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE,-1,0);
    MM((void*)1,P,3,MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED,-1,0);
    MM((void*)(1L<<47),P,3,MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED,-1,0);
    MM((void*)((1L<<47)-P),P,3,MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED,-1,0);
    MM((void*)(-P),P,3,MAP_PRIVATE|MAP_ANONYMOUS,-1,0);
    int ro=open("f",O_RDONLY), wo=open("f",O_WRONLY), pa=open("f",O_PATH), ap=open("f",O_RDWR|O_APPEND), dir=open(".",0), nul=open("/dev/null",O_RDWR), zer=open("/dev/zero",O_RDWR), zro=open("/dev/zero",O_RDONLY), ful=open("/dev/full",O_RDWR), rnd=open("/dev/urandom",0);
    int pp[2];
    pipe(pp);
    MM(0,P,1,MAP_SHARED,wo,0);
    MM(0,P,1,MAP_PRIVATE,wo,0);
    MM(0,P,3,MAP_SHARED,ro,0);
    MM(0,P,3,MAP_PRIVATE,ro,0);
    MM(0,P,1,MAP_SHARED,pa,0);
    MM(0,P,3,MAP_SHARED,ap,0);
    MM(0,P,1,MAP_SHARED,dir,0);
    MM(0,P,1,MAP_SHARED,nul,0);
    MM(0,P,1,MAP_PRIVATE,nul,0);
    MM(0,P,3,MAP_SHARED,zer,0);
    MM(0,P,3,MAP_PRIVATE,zro,0);
    MM(0,P,3,MAP_SHARED,zro,0);
    MM(0,P,1,MAP_PRIVATE,ful,0);
    MM(0,P,1,MAP_PRIVATE,rnd,0);
    MM(0,P,1,MAP_PRIVATE,pp[0],0);
    MM(0,P,1,MAP_PRIVATE|MAP_GROWSDOWN,f,0);
    MM(0,P,1,MAP_SHARED|MAP_GROWSDOWN|MAP_ANONYMOUS,-1,0);
    MM(0,P,1,MAP_PRIVATE,open("/proc/self/maps",0),0);
    MM(0,P,1,MAP_PRIVATE,syscall(SYS_epoll_create1,0),0);
    MM(0,P,1,MAP_PRIVATE,syscall(SYS_eventfd2,0,0),0);
    MM(0,P,1,MAP_PRIVATE,open("/proc/self/mem",0),0);
    char*zs=mmap(0,2*P,3,MAP_SHARED,zer,0);
    pid_t c=t_fork();
    if(!c){zs[5]=9;_exit(0);} t_reap("zero",c);
    printf("shared zero %d\n",zs[5]);
    char*nrs=mmap(0,P,1,MAP_SHARED,ro,0);
    CALL(mprotect(nrs,P,3));
    char*n2=mmap(0,P,1,MAP_PRIVATE,ro,0);
    CALL(mprotect(n2,P,3));
    MM(nrs,P,3,MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE,-1,0);
    MM((void*)((long)nrs+1),P,3,MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE,-1,0);
    printf("--eof\n");
    int t=open("t",O_RDWR|O_CREAT|O_TRUNC,0600);
    ftruncate(t,P+10);
    char*tm=mmap(0,3*P,3,MAP_SHARED,t,0);
    printf("%s %s %s\n",touch(tm,1),touch(tm+P+20,1),"");
    printf("%s\n",touch(tm+2*P,1));
    ftruncate(t,10);
    printf("%s\n",touch(tm+P,0));
    ftruncate(t,2*P);
    printf("%d %d\n",tm[P+20],tm[P]);
    tm[20]=7;
    ftruncate(t,15);
    ftruncate(t,100);
    printf("zeroed %d\n",tm[20]);
    char*pm=mmap(0,2*P,3,MAP_PRIVATE,t,0);
    pm[0]=5;
    CALL(pwrite(t,"abc",3,0));
    printf("%d %d\n",pm[0],pm[1]==0);
    CALL(read(open("f",0),tm+P,10));
    CALL(write(pp[1],tm+P,10));
    CALL(write(t,pm+P,10));
    struct stat st1,st2;
    fstat(t,&st1);
    char *a = mmap(0, 8 * P, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(a, 1, 8 * P);
    printf("--mincore\n");
    unsigned char v[4];
    CALL(mincore(a,P,v));
    CALL(mincore(a+1,P,v));
    CALL(mincore(a,0,v));
    CALL(mincore(a,0,(void*)8));
    CALL(mincore(a,P,(void*)8));
    CALL(mincore((void*)P,P,v));
    CALL(mincore(a,-1,v));
    CALL(mincore((void*)-P,P,v));
    CALL(mincore((void*)-P,P,(void*)8));
    CALL(mincore((void*)P,P,(void*)-8));
    printf("--lock\n");
    struct rlimit rl={2*P,8*P};
    c=t_fork();
    if(!c){ setrlimit(RLIMIT_MEMLOCK,&rl); setresuid(1234,1234,1234); char*l=mmap(0,8*P,3,MAP_PRIVATE|MAP_ANONYMOUS,-1,0); CALL(mlock(l,2*P)); CALL(mlock(l+P,2*P)); CALL(mlock(l+P,P)); CALL(mlockall(MCL_CURRENT)); CALL(mlockall(MCL_FUTURE)); MM(0,P,3,MAP_PRIVATE|MAP_ANONYMOUS,-1,0); CALL(munlockall()); MM(0,3*P,3,MAP_PRIVATE|MAP_ANONYMOUS|MAP_LOCKED,-1,0); MM(0,2*P,3,MAP_PRIVATE|MAP_ANONYMOUS|MAP_LOCKED,-1,0); CALL(mlockall(0)); CALL(mlockall(8)); CALL(mlockall(MCL_ONFAULT)); CALL(mlock2(l,P,2)); CALL(syscall(SYS_mlock2,l,P,1)); CALL(mlock(l,0)); CALL(mlock(l,-1)); CALL(mlock((void*)P,P)); CALL(munlock((void*)P,P)); CALL(mlock(l+10,P)); int id=shmget(IPC_PRIVATE,P,0600|IPC_CREAT); CALL(shmctl(id,SHM_LOCK,0)); CALL(shmctl(id,SHM_UNLOCK,0)); CALL(shmctl(id,IPC_RMID,0)); rl.rlim_cur=0; setrlimit(RLIMIT_MEMLOCK,&rl); CALL(mlock(l,P)); CALL(mlockall(MCL_CURRENT)); CALL(munlock(l,P)); MM(0,P,3,MAP_PRIVATE|MAP_ANONYMOUS|MAP_LOCKED,-1,0); id=shmget(IPC_PRIVATE,P,0600|IPC_CREAT); CALL(shmctl(id,SHM_LOCK,0)); CALL(shmctl(id,IPC_RMID,0)); fflush(0); _exit(0);} t_reap("locks",c);
    printf("--limits\n");
    c=t_fork();
    if(!c){ struct rlimit d={0,RLIM_INFINITY}; long data=field("/proc/self/status","VmData:")*1024; d.rlim_cur=data+4*P; setrlimit(RLIMIT_DATA,&d); char*x=MM(0,4*P,3,MAP_PRIVATE|MAP_ANONYMOUS,-1,0); MM(0,P,3,MAP_PRIVATE|MAP_ANONYMOUS,-1,0); char*y=MM(0,P,1,MAP_PRIVATE|MAP_ANONYMOUS,-1,0); CALL(mprotect(y,P,3)); MM(0,P,3,MAP_SHARED|MAP_ANONYMOUS,-1,0); MM(0,P,3,MAP_PRIVATE,f,0); MM(0,P,3,MAP_PRIVATE|MAP_ANONYMOUS|MAP_GROWSDOWN,-1,0); munmap(x,2*P); CALL(mprotect(y,P,3)); CALL(mremap(y,P,3*P,1)==MAP_FAILED?-1:0); CALL(mremap(y,P,2*P,1)==MAP_FAILED?-1:0); void*b=sbrk(0); CALL(sbrk(P*40)==(void*)-1?-1:0); fflush(0); _exit(0);} t_reap("data",c);
    c=t_fork();
    if(!c){ struct rlimit d={0,RLIM_INFINITY}; long sz=field("/proc/self/statm","")*P; d.rlim_cur=sz+4*P; setrlimit(RLIMIT_AS,&d); char*x=MM(0,5*P,0,MAP_PRIVATE|MAP_ANONYMOUS,-1,0); x=MM(0,4*P,0,MAP_PRIVATE|MAP_ANONYMOUS,-1,0); MM(0,P,0,MAP_PRIVATE|MAP_ANONYMOUS,-1,0); MM(x,P,0,MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED,-1,0); CALL(mremap(x,P,2*P,1)==MAP_FAILED?-1:0); CALL(mremap(x,4*P,5*P,1)==MAP_FAILED?-1:0); CALL(mremap(x,4*P,4*P,MREMAP_MAYMOVE|MREMAP_DONTUNMAP)==MAP_FAILED?-1:0); munmap(x+P,P);  CALL(mprotect(x,P,3)); int id=shmget(IPC_PRIVATE,2*P,0600|IPC_CREAT); CALL(shmat(id,0,0)==(void*)-1?-1:0); shmctl(id,IPC_RMID,0); fflush(0); _exit(0);} t_reap("as",c);
    printf("--personality\n");
    CALL(personality(0xffffffff));
    c=t_fork();
    if(!c){ personality(READ_IMPLIES_EXEC); char*x=mmap(0,P,1,MAP_PRIVATE|MAP_ANONYMOUS,-1,0); FILE*m=fopen("/proc/self/maps","r"); char l[300],k[40]; sprintf(k,"%lx-",(long)x); while(fgets(l,300,m)) if(strstr(l,k)) printf("%.4s\n",strchr(l,' ')+1); mprotect(x,P,3);  rewind(m); while(fgets(l,300,m)) if(!strncmp(l,k,strlen(k))) printf("%.4s\n",strchr(l,' ')+1); fflush(0); _exit(0);} t_reap("rie",c);
    t_leave();
    return 0;
}
