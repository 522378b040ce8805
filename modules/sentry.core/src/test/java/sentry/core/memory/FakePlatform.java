package sentry.core.memory;

import sentry.core.platform.AddressSpace;
import sentry.core.platform.Context;
import sentry.core.platform.HostCall;
import sentry.core.platform.Platform;
import sentry.core.platform.PlatformTraits;

/** A platform that runs nothing: its address spaces only remember what is mapped, page by page. */
final class FakePlatform implements Platform {
    private final boolean exact;

    FakePlatform(boolean exact) {
        this.exact = exact;
    }

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public PlatformTraits traits() {
        return new PlatformTraits(0x10000, 0x7fff_ffff_f000L, exact, 2432, true);
    }

    @Override
    public AddressSpace newAddressSpace() {
        return new FakeAddressSpace();
    }

    @Override
    public Context newContext() {
        throw new UnsupportedOperationException();
    }

    @Override
    public HostCall[] hostCalls() {
        return new HostCall[0];
    }

    @Override
    public void close() {}
}
