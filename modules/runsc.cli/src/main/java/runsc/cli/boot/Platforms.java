package runsc.cli.boot;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import runsc.cli.ProcessEnd;
import runsc.cli.RunscException;
import sentry.core.kernel.Extensions;
import sentry.core.platform.Availability;
import sentry.core.platform.Platform;
import sentry.core.platform.PlatformConfig;
import sentry.core.platform.PlatformException;
import sentry.core.platform.PlatformProvider;

/** The platforms of this image, and the choice among them. */
public final class Platforms {
    private Platforms() {}

    /**
     * A platform that runs.
     *
     * @param why one line: what was asked for, and what was found
     */
    record Opened(Platform platform, String why) {}

    /**
     * What was found out about a platform.
     *
     * @param found null when it was not asked: it could not have been better than one that is usable
     */
    public record Probed(PlatformProvider provider, Availability found) {
        /** Its preference on this machine; lower than any other when it is not usable. */
        int preference() {
            return found instanceof Availability.Usable usable ? usable.preference() : Integer.MIN_VALUE;
        }
    }

    /** All of them, those that may be the best first. */
    private static List<PlatformProvider> all() {
        List<PlatformProvider> list = new ArrayList<>();
        for (PlatformProvider p : Extensions.platforms()) {
            int at = 0;
            while (at < list.size() && list.get(at).preference() >= p.preference()) {
                at++;
            }
            list.add(at, p);
        }
        return list;
    }

    /** Asks those platforms that may be the best, quickly. The best comes first, those that were not asked last. */
    private static List<Probed> probe() {
        List<Probed> list = new ArrayList<>();
        int best = Integer.MIN_VALUE;
        for (PlatformProvider p : all()) {
            Probed one = new Probed(p, best >= p.preference() ? null : p.probe());
            best = Math.max(best, one.preference());
            insert(list, one);
        }
        return list;
    }

    /** Asks all platforms, thoroughly. The first is what is taken by default, if it is usable. */
    public static List<Probed> examine() {
        List<Probed> list = new ArrayList<>();
        for (PlatformProvider p : all()) {
            insert(list, new Probed(p, p.examine()));
        }
        return list;
    }

    private static void insert(List<Probed> list, Probed one) {
        int at = 0;
        while (at < list.size() && list.get(at).preference() >= one.preference()) {
            at++;
        }
        list.add(at, one);
    }

    /** Opens the platform of that name, or with null the best that works here. */
    static Opened open(String name, PlatformConfig config) throws RunscException {
        if (ProcessEnd.training()) {
            rehearse();
        }
        return name == null ? openBest(config) : openNamed(name, config);
    }

    /** A sandbox runs on one platform; has an AOT cache know them all. */
    private static void rehearse() throws RunscException {
        for (PlatformProvider p : all()) {
            p.examine();
            try {
                Extensions.loadAll(p);
            } catch (IOException e) {
                throw new RunscException("platform " + p.name() + ": " + e.getMessage());
            }
        }
    }

    private static Opened openNamed(String name, PlatformConfig config) throws RunscException {
        StringBuilder names = new StringBuilder("auto");
        for (PlatformProvider p : all()) {
            if (p.name().equals(name)) {
                // Only this one is asked: the others' devices are none of our business.
                if (p.probe() instanceof Availability.Unusable no) {
                    throw new RunscException("platform " + name + " is not usable here: " + no.reason());
                }
                try {
                    return new Opened(p.open(config), "asked for");
                } catch (PlatformException e) {
                    throw new RunscException("platform " + name + ": " + e.getMessage());
                }
            }
            names.append(", ").append(p.name());
        }
        throw new RunscException("unknown platform " + name + " (there are: " + names + ")");
    }

    private static Opened openBest(PlatformConfig config) throws RunscException {
        StringBuilder others = new StringBuilder();
        List<Probed> list = probe();
        for (int i = 0; i < list.size(); i++) {
            PlatformProvider p = list.get(i).provider;
            Availability found = list.get(i).found == null ? p.probe() : list.get(i).found; // the better ones failed
            if (found instanceof Availability.Unusable no) {
                others.append("; ").append(p.name()).append(" is not usable: ").append(no.reason());
            } else if (found instanceof Availability.Usable usable) {
                try {
                    Platform platform = p.open(config);
                    for (int j = i + 1; j < list.size(); j++) {
                        describe(others, list.get(j));
                    }
                    return new Opened(platform, "the best here, preference " + usable.preference() + " ("
                            + usable.description() + ")" + others);
                } catch (PlatformException e) {
                    others.append("; ").append(p.name()).append(" does not start: ").append(e.getMessage());
                }
            }
        }
        throw new RunscException("no platform works here" + others);
    }

    private static void describe(StringBuilder out, Probed one) {
        out.append("; ").append(one.provider.name());
        if (one.found instanceof Availability.Usable usable) {
            out.append(" has preference ").append(usable.preference());
            out.append(" (").append(usable.description()).append(')');
        } else if (one.found instanceof Availability.Unusable no) {
            out.append(" is not usable: ").append(no.reason());
        } else {
            out.append(" was not asked, its preference is at most ").append(one.provider.preference());
        }
    }
}
