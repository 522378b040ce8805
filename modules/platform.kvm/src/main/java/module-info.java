/** Will run programs as a guest of KVM. For now it says that it cannot. */
module platform.kvm {
    requires sentry.core;

    provides sentry.core.platform.PlatformProvider with
            platform.kvm.KvmProvider;
}
