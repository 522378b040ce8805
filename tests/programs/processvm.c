/* process_vm_readv and process_vm_writev. */
#include "t.h"

static char there[100] = "remote data";

int main(void) {
    char here[64] = "local";
    int fd[2];
    pipe(fd);
    pid_t pid = t_fork();
    if (!pid) {
        char c;
        close(fd[1]);
        read(fd[0], &c, 1);
        printf("the child has %s\n", there);
        fflush(stdout);
        _exit(0);
    }
    struct iovec local = {here, 11}, remote = {there, 11};
    CALL(process_vm_readv(pid, &local, 1, &remote, 1, 0));
    printf("%s\n", here);
    strcpy(here, "WRITTEN");
    local.iov_len = 8;
    CALL(process_vm_writev(pid, &local, 1, &remote, 1, 0));
    CALL(process_vm_readv(99999999, &local, 1, &remote, 1, 0));
    CALL(process_vm_readv(pid, &local, 1, &remote, 1, 1));
    CALL(process_vm_readv(pid, &local, 1, NULL, 0, 0));
    CALL(process_vm_readv(pid, (void *)1, 1, &remote, 1, 0));
    CALL(process_vm_readv(pid, &local, 2000, &remote, 1, 0));
    struct iovec two[2] = {{there, 4}, {(void *)16, 4}};
    CALL(process_vm_readv(pid, &local, 1, two, 2, 0));
    CALL(process_vm_readv(pid, &local, 1, two + 1, 1, 0));
    local.iov_len = -1;
    CALL(process_vm_readv(pid, &local, 1, &remote, 1, 0));
    printf("the parent has %s\n", there);
    close(fd[1]);
    t_reap("child", pid);
    return 0;
}
