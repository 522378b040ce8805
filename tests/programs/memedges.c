/* Edges of memory calls: stacks that grow, coherence of mappings and files, System V segments, policies, seals. */
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
    printf("--growsdown\n");
    char*r=mmap(0,64<<20,0,MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE,-1,0);
    munmap(r,64<<20);
    char*g=mmap(r+(32<<20),2*P,3,MAP_PRIVATE|MAP_ANONYMOUS|MAP_GROWSDOWN|MAP_FIXED,-1,0);
    printf("%s %s %s\n",touch(g,1),"","");
    printf("%s\n",touch(g-P,1));
    printf("%s\n",touch(g-100*P,1));
    char*low=mmap(g-2000*P,P,3,MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED,-1,0);
    printf("gap %s %s %s\n",touch(g-1700*P,1),"","");
    printf("%s\n",touch(g-1999*P+256*P,1));
    printf("%s\n",touch(g-1999*P+255*P,1));
    printf("%s\n",touch(g-1999*P,1));
    mprotect(low,P,0);
    printf("none below %s\n",touch(g-1999*P+200*P,1));
    CALL(mprotect(g,P,PROT_READ|PROT_GROWSDOWN));
    CALL(mprotect(low,P,PROT_READ|PROT_GROWSDOWN));
    CALL(mprotect(g,P,PROT_READ|PROT_GROWSUP));
    CALL(mprotect(g,P,PROT_READ|PROT_GROWSUP|PROT_GROWSDOWN));
    printf("--stack\n");
    struct rlimit rl;
    pid_t c=t_fork();
    if(!c){ rl.rlim_cur=1<<20; rl.rlim_max=8<<20; setrlimit(RLIMIT_STACK,&rl); char*sp=(char*)__builtin_frame_address(0); printf("%s\n",touch(sp-(512<<10),1)); printf("%s\n",touch(sp-(2<<20),1)); rl.rlim_cur=4<<20; setrlimit(RLIMIT_STACK,&rl); printf("%s\n",touch(sp-(2<<20),1)); fflush(0); _exit(0);} t_reap("stack",c);
    printf("--coherence\n");
    int f=open("f",O_RDWR|O_CREAT,0600);
    ftruncate(f,3*P);
    char*s1=mmap(0,3*P,3,MAP_SHARED,f,0),*p1=mmap(0,3*P,3,MAP_PRIVATE,f,0),*s2=mmap(0,3*P,1,MAP_SHARED,f,0);
    pwrite(f,"A",1,0);
    printf("%c %c\n",s1[0],p1[0]);
    s1[1]='B';
    char b[4]="";
    pread(f,b,2,0);
    printf("%s %c\n",b,p1[1]);
    p1[2]='C';
    pread(f,b,3,0);
    printf("%d %d\n",b[2],s1[2]);
    pwrite(f,"D",1,3);
    printf("private sees own page only: %d\n",p1[3]=='D');
    CALL(fallocate(f,3,0,P));
    printf("%d %d\n",s1[0],p1[2]);
    CALL(msync(s1,3*P,MS_SYNC));
    CALL(msync(s1,3*P,MS_ASYNC|MS_SYNC));
    CALL(msync(s1,P,MS_INVALIDATE));
    CALL(msync(s1+1,P,MS_SYNC));
    CALL(msync(s1,P,8));
    CALL(msync(s1,0,MS_SYNC));
    CALL(msync((void*)P,P,MS_SYNC));
    CALL(msync(s1,-1,MS_SYNC));
    mlock(s1,P);
    CALL(msync(s1,P,MS_INVALIDATE));
    CALL(msync(s1,P,0));
    munlock(s1,P);
    int rw=open("f",O_RDWR|O_TRUNC);
    printf("%s %s\n",touch(s1,0),"");
    printf("%s\n",touch(p1,0));
    ftruncate(f,P);
    printf("%s %d\n",touch(s1,0),s1[1]);
    unlink("f");
    s1[5]=9;
    pread(f,b,1,5);
    printf("unlinked %d\n",b[0]);
    char *a = mmap(0, 8 * P, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(a, 1, 8 * P);
    printf("--vm\n");
    int id=shmget(0x1234,3*P,IPC_CREAT|0600);
    CALL(shmget(0x1234,4*P,0));
    CALL(shmget(0x1234,0,0)>=0?0:-1);
    CALL(shmget(0x1234,P,IPC_CREAT|IPC_EXCL));
    CALL(shmget(IPC_PRIVATE,0,IPC_CREAT));
    CALL(shmget(0x9999,P,0));
    CALL(shmget(IPC_PRIVATE,-1,IPC_CREAT));
    CALL(shmat(-1,0,0)==(void*)-1?-1:0);
    CALL(shmat(id,(void*)1,0)==(void*)-1?-1:0);
    CALL(shmat(id,0,SHM_REMAP)==(void*)-1?-1:0);
    CALL(shmat(id,0,SHM_EXEC)==(void*)-1?-1:0);
    char*at=shmat(id,0,0);
    CALL(shmat(id,at,0)==(void*)-1?-1:0);
    CALL(shmat(id,at+1,SHM_RND|SHM_REMAP)==(void*)-1?-1:0);
    CALL(shmdt(at+1));
    CALL(shmdt(at));
    CALL(shmdt(at));
    CALL(shmctl(id,99,0));
    CALL(shmctl(id,IPC_STAT,(void*)8));
    CALL(shmctl(-1,IPC_STAT,(void*)8));
    CALL(shmctl(id,IPC_RMID,0));
    CALL(shmctl(id,IPC_RMID,0));
    printf("--mempolicy\n");
    unsigned long mask=1, none=0, two=2;
    int mode;
    CALL(syscall(SYS_set_mempolicy,MPOL_BIND,&mask,2));
    CALL(syscall(SYS_set_mempolicy,MPOL_BIND,&none,2));
    CALL(syscall(SYS_set_mempolicy,MPOL_BIND,&two,3));
    CALL(syscall(SYS_set_mempolicy,MPOL_DEFAULT,&mask,2));
    CALL(syscall(SYS_set_mempolicy,99,0,0));
    CALL(syscall(SYS_set_mempolicy,MPOL_DEFAULT,0,0));
    CALL(syscall(SYS_set_mempolicy,MPOL_LOCAL,0,0));
    CALL(syscall(SYS_set_mempolicy,MPOL_LOCAL,&mask,2));
    CALL(syscall(SYS_set_mempolicy,MPOL_PREFERRED,0,0));
    CALL(syscall(SYS_set_mempolicy,MPOL_INTERLEAVE,0,0));
    CALL(syscall(SYS_set_mempolicy,MPOL_BIND|MPOL_F_STATIC_NODES|MPOL_F_RELATIVE_NODES,&mask,2));
    CALL(syscall(SYS_set_mempolicy,6,&mask,2));
    CALL(syscall(SYS_set_mempolicy,MPOL_BIND|(1<<13),&mask,2));
    CALL(syscall(SYS_set_mempolicy,MPOL_BIND,(void*)8,2));
    CALL(syscall(SYS_set_mempolicy,MPOL_BIND,&mask,40000));
    CALL(syscall(SYS_set_mempolicy,MPOL_BIND,&mask,1));
    CALL(syscall(SYS_set_mempolicy,MPOL_DEFAULT,0,0));
    CALL(syscall(SYS_get_mempolicy,&mode,&mask,1,0,0));
    CALL(syscall(SYS_get_mempolicy,&mode,&mask,1024,0,0));
    CALL(syscall(SYS_get_mempolicy,&mode,0,0,a,0));
    CALL(syscall(SYS_get_mempolicy,&mode,0,0,a,MPOL_F_ADDR));
    CALL(syscall(SYS_get_mempolicy,&mode,0,0,P,MPOL_F_ADDR));
    CALL(syscall(SYS_get_mempolicy,&mode,0,0,a,MPOL_F_ADDR|MPOL_F_NODE));
    printf("%d\n",mode);
    CALL(syscall(SYS_get_mempolicy,&mode,0,0,0,MPOL_F_NODE));
    CALL(syscall(SYS_get_mempolicy,0,0,0,0,8));
    CALL(syscall(SYS_get_mempolicy,0,&mask,1024,0,MPOL_F_MEMS_ALLOWED));
    printf("%lx\n",mask);
    CALL(syscall(SYS_get_mempolicy,0,&mask,1024,0,MPOL_F_MEMS_ALLOWED|MPOL_F_ADDR));
    CALL(syscall(SYS_get_mempolicy,(void*)8,0,0,0,0));
    mask=1;
    CALL(syscall(SYS_mbind,a,P,MPOL_BIND,&mask,2,0));
    CALL(syscall(SYS_mbind,a+1,P,MPOL_BIND,&mask,2,0));
    CALL(syscall(SYS_mbind,a,P,MPOL_BIND,&mask,2,8));
    CALL(syscall(SYS_mbind,a,P,MPOL_BIND,&mask,2,MPOL_MF_STRICT));
    CALL(syscall(SYS_mbind,a,P,MPOL_BIND,&mask,2,MPOL_MF_MOVE));
    CALL(syscall(SYS_mbind,a,P,99,&mask,2,0));
    CALL(syscall(SYS_mbind,(void*)P,P,MPOL_BIND,&mask,2,0));
    CALL(syscall(SYS_mbind,a,0,MPOL_BIND,&mask,2,0));
    CALL(syscall(SYS_mbind,a,-P,MPOL_BIND,&mask,2,0));
    CALL(syscall(SYS_mbind,a,P,MPOL_DEFAULT,&mask,2,0));
    CALL(syscall(SYS_mbind,a,P,MPOL_DEFAULT,0,0,MPOL_MF_STRICT));
    void*pages[2]={a,(void*)P};
    int nodes[2]={0,0},st[2]={9,9};
    CALL(syscall(SYS_move_pages,0,2,pages,0,st,0));
    printf("%d %d\n",st[0],st[1]);
    CALL(syscall(SYS_move_pages,0,1,pages,nodes,st,MPOL_MF_MOVE));
    printf("%d\n",st[0]);
    nodes[0]=64;
    CALL(syscall(SYS_move_pages,0,1,pages,nodes,st,MPOL_MF_MOVE));
    nodes[0]=1;
    CALL(syscall(SYS_move_pages,0,1,pages,nodes,st,MPOL_MF_MOVE));
    CALL(syscall(SYS_move_pages,0,1,pages,nodes,st,8));
    CALL(syscall(SYS_move_pages,99999,1,pages,nodes,st,0));
    CALL(syscall(SYS_move_pages,0,1,(void*)8,0,st,0));
    CALL(syscall(SYS_move_pages,0,1,pages,0,(void*)8,0));
    CALL(syscall(SYS_move_pages,0,0,0,0,0,0));
    mask=1;
    CALL(syscall(SYS_migrate_pages,0,2,&mask,&mask));
    CALL(syscall(SYS_migrate_pages,99999,2,&mask,&mask));
    CALL(syscall(SYS_migrate_pages,0,2,(void*)8,&mask));
    CALL(syscall(SYS_migrate_pages,0,3,&mask,&two));
    CALL(syscall(SYS_migrate_pages,0,40000,&mask,&mask));
    CALL(syscall(SYS_migrate_pages,0,0,&mask,&mask));
    CALL(syscall(450,a,P,0,0));
    CALL(syscall(450,a,P,1,0));
    CALL(syscall(450,a,P,0,1));
    CALL(syscall(450,a+1,P,0,0));
    CALL(syscall(450,a,P,99,0));
    CALL(syscall(450,a,0,0,0));
    printf("--pkeys\n");
    CALL(syscall(SYS_pkey_alloc,0,0));
    CALL(syscall(SYS_pkey_alloc,1,0));
    CALL(syscall(SYS_pkey_alloc,0,4));
    CALL(syscall(SYS_pkey_free,0));
    CALL(syscall(SYS_pkey_free,-1));
    CALL(syscall(SYS_pkey_free,16));
    CALL(syscall(SYS_pkey_mprotect,a,P,3,0));
    CALL(syscall(SYS_pkey_mprotect,a,P,3,-1));
    CALL(syscall(SYS_pkey_mprotect,a,P,3,1));
    CALL(syscall(SYS_pkey_mprotect,a,P,3,16));
    CALL(syscall(SYS_pkey_mprotect,a+1,P,3,16));
    CALL(syscall(SYS_pkey_mprotect,a,0,3,16));
    printf("--remap_file_pages\n");
    char*rf=mmap(0,4*P,3,MAP_SHARED,rw,0);
    CALL(syscall(SYS_remap_file_pages,rf,P,0,1,0));
    CALL(syscall(SYS_remap_file_pages,rf,P,1,1,0));
    CALL(syscall(SYS_remap_file_pages,rf,0,0,1,0));
    CALL(syscall(SYS_remap_file_pages,a,P,0,1,0));
    CALL(syscall(SYS_remap_file_pages,P,P,0,1,0));
    printf("--memfd\n");
    CALL(memfd_create("x",-1));
    CALL(memfd_create((void*)8,0));
    char ln[300];
    memset(ln,'x',299);
    ln[249]=0;
    CALL(memfd_create(ln,0)>=0?0:-1);
    ln[249]='x';
    ln[250]=0;
    CALL(memfd_create(ln,0));
    int mf=memfd_create("s",MFD_ALLOW_SEALING);
    CALL(fcntl(mf,F_GET_SEALS));
    CALL(fcntl(mf,F_ADD_SEALS,0x100));
    ftruncate(mf,P);
    char*mm=mmap(0,P,3,MAP_SHARED,mf,0);
    CALL(fcntl(mf,F_ADD_SEALS,F_SEAL_WRITE));
    CALL(fcntl(mf,F_ADD_SEALS,F_SEAL_FUTURE_WRITE));
    CALL(fcntl(mf,F_GET_SEALS));
    mm[0]=3;
    MM(0,P,3,MAP_SHARED,mf,0);
    char*sr=MM(0,P,1,MAP_SHARED,mf,0);
    CALL(mprotect(sr,P,3));
    CALL(pwrite(mf,"x",1,0));
    CALL(ftruncate(mf,2*P));
    MM(0,P,3,MAP_PRIVATE,mf,0);
    munmap(mm,P);
    CALL(fcntl(mf,F_ADD_SEALS,F_SEAL_WRITE|F_SEAL_GROW|F_SEAL_SHRINK));
    CALL(ftruncate(mf,P));
    CALL(ftruncate(mf,3*P));
    CALL(ftruncate(mf,2*P));
    CALL(fallocate(mf,0,0,4*P));
    CALL(fallocate(mf,3,0,P));
    CALL(fcntl(mf,F_ADD_SEALS,F_SEAL_SEAL));
    CALL(fcntl(mf,F_ADD_SEALS,0));
    CALL(fcntl(mf,F_GET_SEALS));
    CALL(fcntl(memfd_create("n",0),F_GET_SEALS));
    CALL(fcntl(0,F_GET_SEALS)<0?-1:0);
    CALL(fcntl(open("/dev/null",0),F_GET_SEALS));
    int ro2=open("/proc/self/fd/3",0);
    int ex=memfd_create("e",MFD_NOEXEC_SEAL);
    struct stat sx;
    fstat(ex,&sx);
    printf("%o\n",sx.st_mode);
    CALL(fcntl(ex,F_GET_SEALS));
    CALL(fchmod(ex,0777));
    CALL(fchmod(ex,0644));
    ex=memfd_create("e",MFD_EXEC|MFD_ALLOW_SEALING);
    fstat(ex,&sx);
    printf("%o\n",sx.st_mode);
    CALL(fcntl(ex,F_ADD_SEALS,0x20));
    CALL(fcntl(ex,F_GET_SEALS));
    CALL(fchmod(ex,0666));
    CALL(fchmod(ex,0700));
    CALL(memfd_create("b",MFD_NOEXEC_SEAL|MFD_EXEC));
    t_leave();
    return 0;
}
