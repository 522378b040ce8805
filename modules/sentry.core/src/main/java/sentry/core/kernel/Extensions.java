package sentry.core.kernel;

import java.io.IOException;
import java.lang.module.Configuration;
import java.lang.module.FindException;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.lang.module.ResolutionException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import sentry.core.platform.PlatformProvider;
import sentry.core.syscall.SyscallModule;
import sentry.core.vfs.FilesystemType;

/**
 * Where the providers of the three seams are looked for: the image's own modules, and a user's directory of modules laid
 * over them. There is one set of modules in a JVM, hence the static state; it is set before anything is looked up.
 */
public final class Extensions {
    private static volatile ModuleLayer layer = Extensions.class.getModule().getLayer();

    private Extensions() {}

    /**
     * Adds the modules in {@code directory} (modular jars, or directories of classes). All their classes are loaded at
     * once: when the Sentry is locked down, no file can be read any more.
     *
     * @throws IOException with one line for the user
     */
    public static void add(Path directory) throws IOException {
        ModuleFinder finder = ModuleFinder.of(directory);
        ModuleLayer below = layer;
        try {
            Set<ModuleReference> found = finder.findAll();
            if (found.isEmpty()) {
                throw new IOException("there is no module in " + directory);
            }
            Set<String> names = new TreeSet<>();
            for (ModuleReference m : found) {
                names.add(m.descriptor().name());
            }
            Configuration c = below.configuration().resolve(finder, ModuleFinder.of(), names);
            ModuleLayer above = below.defineModulesWithOneLoader(c, Extensions.class.getClassLoader());
            for (ModuleReference m : found) {
                loadClasses(m, above.findModule(m.descriptor().name()).orElseThrow());
            }
            layer = above;
        } catch (FindException | ResolutionException | LinkageError e) {
            throw new IOException("modules in " + directory + ": " + e.getMessage(), e);
        }
    }

    private static void loadClasses(ModuleReference reference, Module module) throws IOException {
        try (ModuleReader reader = reference.open()) {
            for (String resource : (Iterable<String>) reader.list()::iterator) {
                if (resource.endsWith(".class") && !resource.equals("module-info.class")) {
                    String name = resource.substring(0, resource.length() - ".class".length());
                    Class.forName(module, name.replace('/', '.'));
                }
            }
        }
    }

    /** Loads all classes of the module that {@code provider} comes from: for the training of an AOT cache. */
    public static void loadAll(Object provider) throws IOException {
        Module module = provider.getClass().getModule();
        ModuleLayer of = module.getLayer();
        if (of != null) {
            loadClasses(of.configuration().findModule(module.getName()).orElseThrow().reference(), module);
        }
    }

    public static List<PlatformProvider> platforms() {
        return all(layer == null ? ServiceLoader.load(PlatformProvider.class) : ServiceLoader.load(layer, PlatformProvider.class));
    }

    public static List<SyscallModule> syscallModules() {
        return all(layer == null ? ServiceLoader.load(SyscallModule.class) : ServiceLoader.load(layer, SyscallModule.class));
    }

    public static List<FilesystemType> filesystemTypes() {
        return all(layer == null ? ServiceLoader.load(FilesystemType.class) : ServiceLoader.load(layer, FilesystemType.class));
    }

    private static <S> List<S> all(ServiceLoader<S> loader) {
        List<S> list = new ArrayList<>();
        for (S s : loader) {
            list.add(s);
        }
        return list;
    }
}
