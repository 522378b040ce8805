package runsc.cli.boot;

import java.util.ArrayList;
import java.util.List;
import runsc.cli.RunscException;
import sentry.core.kernel.Extensions;
import sentry.core.platform.Availability;
import sentry.core.platform.PlatformProvider;

/** The platforms of this image, by preference. */
public final class Platforms {
    private Platforms() {}

    /** All of them, best first. */
    public static List<PlatformProvider> all() {
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

    /** The platform of that name, or with null the best that works here. */
    public static PlatformProvider choose(String name) throws RunscException {
        StringBuilder reasons = new StringBuilder();
        StringBuilder names = new StringBuilder();
        for (PlatformProvider p : all()) {
            names.append(names.isEmpty() ? "" : ", ").append(p.name());
            if (name != null && !name.equals(p.name())) {
                continue;
            }
            if (p.probe() instanceof Availability.Unusable unusable) {
                reasons.append(reasons.isEmpty() ? "" : "; ").append(p.name()).append(": ").append(unusable.reason());
            } else {
                return p;
            }
        }
        if (name != null && reasons.isEmpty()) {
            throw new RunscException("unknown platform " + name + " (there are: " + names + ")");
        }
        throw new RunscException(name == null ? "no platform works here: " + reasons : "platform " + reasons);
    }
}
