/* cachestat(2). */
#include "t.h"
#define P 4096
#define cachestat(fd, r, c, f) syscall(451, fd, r, c, f)

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    int f = memfd_create("x", 0), pp[2];
    ftruncate(f, 2 * P);
    if (pipe(pp))
        return 1;
    printf("--cachestat\n");
    struct { unsigned long off,len; } r={0,0};
    unsigned long cs[5];
    CALL(cachestat(-1,&r,cs,0));
    CALL(cachestat(f,&r,cs,1));
    CALL(cachestat(f,(void*)8,cs,0));
    CALL(cachestat(f,&r,(void*)8,0));
    CALL(cachestat(-1,(void*)8,cs,1));
    CALL(cachestat(pp[0],&r,cs,0));
    CALL(cachestat(open("/dev/zero",0),&r,cs,0));
    CALL(cachestat(open("/",0),&r,cs,0));
    CALL(cachestat(open("/proc/self/maps",0),&r,cs,0));
    CALL(cachestat(open("/tmp",O_PATH),&r,cs,0));
    CALL(cachestat(syscall(SYS_epoll_create1,0),&r,cs,0));
    pwrite(f,"x",1,0);
    CALL(cachestat(f,&r,cs,0));
    printf("%ld %ld %ld %ld %ld\n",cs[0],cs[1],cs[2],cs[3],cs[4]);
    pwrite(f,"x",1,5*P);
    CALL(cachestat(f,&r,cs,0));
    printf("%ld %ld %ld %ld %ld\n",cs[0],cs[1],cs[2],cs[3],cs[4]);
    r.off=P;
    r.len=P;
    CALL(cachestat(f,&r,cs,0));
    printf("%ld %ld %ld %ld %ld\n",cs[0],cs[1],cs[2],cs[3],cs[4]);
    r.off=-1;
    r.len=-1;
    CALL(cachestat(f,&r,cs,0));
    printf("%ld\n",cs[0]);
    return 0;
}
