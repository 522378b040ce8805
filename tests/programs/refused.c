/* Calls that a process in a container may not make, or that need what Linux may lack: how arguments are judged. */
#include "t.h"
#include <asm/ldt.h>
#include <grp.h>
#include <linux/perf_event.h>

#define BAD ((void *)8)

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    static char page[4096], area[8192];
    struct user_desc d;
    /* An error of modify_ldt is an int: as a long it is not negative. */
    memset(page, 7, sizeof page);
    CALL(syscall(SYS_modify_ldt, 0, page, sizeof page));
    CALL(page[0]);
    CALL(syscall(SYS_modify_ldt, 0, BAD, 16));
    CALL(syscall(SYS_modify_ldt, 2, page, sizeof page));
    CALL(page[0]);
    CALL(page[127]);
    CALL(page[128]);
    CALL(syscall(SYS_modify_ldt, 2, page, 3));
    CALL(syscall(SYS_modify_ldt, 2, BAD, 16));
    CALL(syscall(SYS_modify_ldt, 3, page, 16));
    CALL(syscall(SYS_modify_ldt, -1, page, 16));
    CALL(syscall(SYS_modify_ldt, 1, page, 15));
    CALL(syscall(SYS_modify_ldt, 1, page, 0));
    CALL(syscall(SYS_modify_ldt, 0x11, page, 17));
    CALL(syscall(SYS_modify_ldt, 1, BAD, 16));
    memset(&d, 0, sizeof d);
    d.entry_number = 8192;
    CALL(syscall(SYS_modify_ldt, 1, &d, 16));
    d.entry_number = -1;
    CALL(syscall(SYS_modify_ldt, 0x11, &d, 16));
    d.entry_number = 1;
    d.contents = 3;
    CALL(syscall(SYS_modify_ldt, 0x11, &d, 16));
    d.seg_not_present = 1;
    CALL(syscall(SYS_modify_ldt, 1, &d, 16));
    memset(&d, 0, sizeof d);
    d.entry_number = 8191;
    CALL(syscall(SYS_modify_ldt, 1, &d, 16));
    d.read_exec_only = 1;
    d.seg_not_present = 1;
    CALL(syscall(SYS_modify_ldt, 0x11, &d, 16));

    CALL(syscall(SYS_set_thread_area, &d));
    CALL(syscall(SYS_get_thread_area, &d));
    CALL(syscall(SYS_uselib, "/lib/x"));
    CALL(syscall(SYS_create_module, "m", 1));
    CALL(syscall(SYS_query_module, "m", 1, page, 10, page));
    CALL(syscall(SYS_get_kernel_syms, page));
    CALL(syscall(SYS_nfsservctl, 0, page, page));
    CALL(syscall(SYS_getpmsg, 0, page, page, page, page));
    CALL(syscall(SYS_putpmsg, 0, page, page, page, page));
    CALL(syscall(SYS_afs_syscall));
    CALL(syscall(SYS_tuxcall));
    CALL(syscall(SYS_security));
    CALL(syscall(SYS_epoll_ctl_old));
    CALL(syscall(SYS_epoll_wait_old));
    CALL(syscall(SYS_vserver));
    CALL(syscall(SYS__sysctl, page));

    CALL(syscall(SYS_quotactl, 0x800003 << 8 >> 8 << 8 | 3, "/dev/null", 0, page));
    CALL(syscall(SYS_quotactl, 0x80000100 | 0, NULL, 0, NULL));
    CALL(syscall(SYS_quotactl, 0x80000100 | 2, NULL, 0, NULL));
    CALL(syscall(SYS_quotactl, 0x80000100 | 3, NULL, 0, NULL));
    CALL(syscall(SYS_quotactl, 0x80000700, NULL, 0, page));
    CALL(syscall(SYS_quotactl, 0x80000700, BAD, 0, page));
    CALL(syscall(SYS_quotactl, 0x80000700, "/nonexistent", 0, page));
    CALL(syscall(SYS_quotactl, 0x80000700, "/etc/passwd/x", 0, page));
    CALL(syscall(SYS_quotactl, 0x80000700, "/dev/null", 0, page));
    CALL(syscall(SYS_quotactl, 0x80000700, "/", 0, page));
    CALL(syscall(SYS_quotactl, 0x80000700, "", 0, page));
    CALL(syscall(443, -1, 0x80000700, 0, page));
    CALL(syscall(443, 999, 0x80000703, 0, page));
    int fd = open("/dev/null", O_RDONLY);
    CALL(syscall(443, fd, 0x80000703, 0, page));
    fd = open("/", O_PATH);
    CALL(syscall(443, fd, 0x80000703, 0, page));

    setgroups(0, NULL);
    if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
        return 1;
    CALL(syscall(SYS_swapon, "/nonexistent", 0));
    CALL(syscall(SYS_swapon, BAD, 0x8005));
    CALL(syscall(SYS_swapon, "/nonexistent", 0x80000));
    CALL(syscall(SYS_swapon, "/nonexistent", -1));
    CALL(syscall(SYS_swapoff, "/nonexistent"));
    CALL(syscall(SYS_swapoff, BAD));
    CALL(syscall(SYS_acct, NULL));
    CALL(syscall(SYS_acct, "/nonexistent"));
    CALL(syscall(SYS_acct, BAD));
    CALL(syscall(SYS_vhangup));
    CALL(syscall(SYS_reboot, 0, 0, 0, 0));
    CALL(syscall(SYS_reboot, 0xfee1dead, 672274793, 0, 0));

    struct perf_event_attr a;
    memset(area, 0, sizeof area);
    memset(&a, 0, sizeof a);
    CALL(syscall(SYS_perf_event_open, &a, 0, -1, -1, 16));
    CALL(syscall(SYS_perf_event_open, BAD, 0, -1, -1, 0));
    a.size = 63;
    CALL(syscall(SYS_perf_event_open, &a, 0, -1, -1, 0));
    TRUE(a.size >= 112 && a.size < 512);
    a.size = 4097;
    CALL(syscall(SYS_perf_event_open, &a, 0, -1, -1, 0));
    TRUE(a.size >= 112 && a.size < 512);
    memcpy(area, &a, sizeof a);
    ((struct perf_event_attr *)area)->size = 4096;
    area[4095] = 1;
    CALL(syscall(SYS_perf_event_open, area, 0, -1, -1, 0));
    return 0;
}
