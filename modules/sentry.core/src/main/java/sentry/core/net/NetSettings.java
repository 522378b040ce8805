package sentry.core.net;

/** What /proc/sys/net says of one network, as far as sockets heed it. */
public final class NetSettings {
    public volatile int portLow = 32768;
    public volatile int portHigh = 60999;
    public volatile int unprivilegedPortStart = 1024;
    public volatile int somaxconn = 4096;
    public volatile int defaultTtl = 64;
    public volatile int pingGroupLow = 1;
    public volatile int pingGroupHigh;
    public volatile boolean v6OnlyByDefault;
    public volatile boolean nonlocalBind;
    public volatile int maxDatagramBacklog = 10;

    NetSettings() {}
}
