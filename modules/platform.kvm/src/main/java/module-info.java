/** Runs programs as a guest of KVM. */
module platform.kvm {
    requires sentry.core;
    requires host.linux;

    provides sentry.core.platform.PlatformProvider with
            platform.kvm.KvmProvider;
}
