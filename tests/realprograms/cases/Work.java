import java.io.*;
import java.lang.management.*;
import java.net.*;
import java.nio.*;
import java.nio.channels.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;
import java.util.concurrent.locks.*;
import java.util.stream.*;

/** Threads, locks, collections, files, mapped memory, processes, signals of one virtual machine. */
public class Work {
    static long fib(int n) {
        return n < 2 ? n : fib(n - 1) + fib(n - 2);
    }

    static final class Fib extends RecursiveTask<Long> {
        final int n;
        Fib(int n) { this.n = n; }
        @Override protected Long compute() {
            if (n < 12) return fib(n);
            Fib a = new Fib(n - 1);
            a.fork();
            return new Fib(n - 2).compute() + a.join();
        }
    }

    static int depth(int n) {
        return depth(n + 1) + 1;
    }

    static String nulls(String s) {
        return s.trim();
    }

    public static void main(String[] args) throws Exception {
        String mode = args.length > 0 ? args[0] : "";
        if (mode.equals("wait")) {
            for (int i = 0; i < 3; i++) new Thread(() -> { try { Thread.sleep(100_000); } catch (InterruptedException e) { } }, "waiter-" + i).start();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook")));
            System.out.println("waiting");
            Thread.sleep(100_000);
        }
        if (mode.equals("overflow")) {
            for (int i = 0; i < 3; i++) try { depth(0); } catch (StackOverflowError e) { System.out.println("overflow"); }
            Thread t = new Thread(() -> { try { depth(0); } catch (StackOverflowError e) { System.out.println("overflow in a thread"); } });
            t.start(); t.join();
            return;
        }
        if (mode.equals("memory")) {
            try { List<byte[]> l = new ArrayList<>(); for (;;) l.add(new byte[1_000_000]); } catch (OutOfMemoryError e) { System.out.println(e.getMessage()); }
            return;
        }
        int scale = mode.equals("short") ? 1 : 4;
        ExecutorService pool = Executors.newFixedThreadPool(8);
        List<Future<Long>> f = new ArrayList<>();
        for (int i = 0; i < 40; i++) { int n = i; f.add(pool.submit(() -> { byte[][] b = new byte[100][]; for (int k = 0; k < 200 * scale; k++) b[k % 100] = new byte[10_000]; return (long) n * n; })); }
        long sum = 0;
        for (Future<Long> x : f) sum += x.get();
        System.out.println("pool " + sum);
        pool.shutdown();
        System.out.println(pool.awaitTermination(5, TimeUnit.SECONDS));
        System.out.println("join " + new ForkJoinPool(4).invoke(new Fib(20 + scale)));
        System.out.println("stream " + IntStream.range(0, 100_000 * scale).parallel().mapToLong(i -> i % 7).sum());

        AtomicLong counter = new AtomicLong(); LongAdder adder = new LongAdder(); ReentrantReadWriteLock rw = new ReentrantReadWriteLock(); Object monitor = new Object(); int[] plain = new int[2];
        Thread[] ts = new Thread[16];
        CyclicBarrier barrier = new CyclicBarrier(16);
        for (int i = 0; i < 16; i++) { ts[i] = new Thread(() -> { try { barrier.await(); for (int k = 0; k < 500; k++) { counter.incrementAndGet(); adder.increment(); synchronized (monitor) { plain[0]++; } rw.writeLock().lock(); plain[1]++; rw.writeLock().unlock(); } barrier.await(); } catch (Exception e) { System.out.println(e); } }); ts[i].start(); }
        for (Thread t : ts) t.join();
        System.out.println(counter + " " + adder + " " + plain[0] + " " + plain[1]);
        BlockingQueue<Integer> q = new SynchronousQueue<>();
        Thread producer = new Thread(() -> { try { for (int i = 1; i <= 500; i++) q.put(i); } catch (InterruptedException e) { } });
        producer.start();
        int got = 0; for (int i = 0; i < 500; i++) got += q.take();
        System.out.println("queue " + got);
        Thread sleeper = new Thread(() -> { try { Thread.sleep(60_000); } catch (InterruptedException e) { System.out.println("interrupted"); } });
        sleeper.start(); sleeper.interrupt(); sleeper.join();
        ScheduledExecutorService timer = Executors.newScheduledThreadPool(2);
        CountDownLatch ticks = new CountDownLatch(5);
        timer.scheduleAtFixedRate(ticks::countDown, 0, 10, TimeUnit.MILLISECONDS);
        System.out.println("ticks " + ticks.await(5, TimeUnit.SECONDS)); timer.shutdownNow();
        List<Thread> many = new ArrayList<>();
        for (int i = 0; i < 50 * scale; i++) { Thread t = new Thread(() -> LockSupport.parkNanos(10_000_000)); t.start(); many.add(t); }
        for (Thread t : many) t.join();
        System.out.println("threads " + many.size());

        for (int i = 0; i < 20_000; i++) { try { nulls(i % 100 == 0 ? null : "x"); } catch (NullPointerException e) { plain[0]++; } } // a fault in compiled code
        try { System.out.println(plain[0] / (plain[1] - plain[1])); } catch (ArithmeticException e) { System.out.println(plain[0] + " " + e.getMessage()); }
        Map<String, List<Integer>> map = new ConcurrentHashMap<>();
        IntStream.range(0, 20_000).parallel().forEach(i -> map.computeIfAbsent("k" + i % 100, k -> Collections.synchronizedList(new ArrayList<>())).add(i));
        System.out.println(map.values().stream().mapToInt(List::size).sum());
        List<Object> garbage = new ArrayList<>(); for (int i = 0; i < 30_000 * scale; i++) { garbage.add(new int[20]); if (i % 10_000 == 0) { garbage.clear(); } }
        System.gc();

        Path d = Files.createTempDirectory("work"); Path p = d.resolve("file");
        Files.write(p, "line\n".repeat(10_000).getBytes());
        System.out.println(Files.lines(p).count() + " " + Files.size(p));
        try (FileChannel c = FileChannel.open(p, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MappedByteBuffer m = c.map(FileChannel.MapMode.READ_WRITE, 0, 100_000); m.put(0, (byte) 'L'); m.put(99_999, (byte) '!'); m.force();
            try (FileLock l = c.tryLock()) { System.out.println("lock " + l.isValid()); }
            ByteBuffer b = ByteBuffer.allocateDirect(10); c.read(b, 99_990); System.out.println(b.get(9) + " " + c.size());
            c.truncate(10); System.out.println(c.size() + " " + c.transferTo(0, 5, Channels.newChannel(new ByteArrayOutputStream())));
        }
        Files.copy(p, d.resolve("copy")); Files.move(d.resolve("copy"), d.resolve("moved")); Files.createSymbolicLink(d.resolve("link"), p); Files.setPosixFilePermissions(p, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r-----"));
        try (Stream<Path> s = Files.walk(d)) { System.out.println(s.map(x -> d.relativize(x).toString()).sorted().collect(Collectors.joining(","))); }
        System.out.println(java.nio.file.attribute.PosixFilePermissions.toString(Files.getPosixFilePermissions(p)) + " " + Files.getOwner(p) + " " + Files.isSameFile(p, d.resolve("link")));
        try { Files.createDirectory(d); } catch (FileAlreadyExistsException e) { System.out.println("exists"); }
        try (WatchService w = FileSystems.getDefault().newWatchService()) { d.register(w, StandardWatchEventKinds.ENTRY_CREATE); Files.createFile(d.resolve("watched")); WatchKey k = w.poll(12, TimeUnit.SECONDS); System.out.println(k == null ? "no event" : k.pollEvents().get(0).context()); } catch (IOException e) { System.out.println(e.getMessage()); }
        try (RandomAccessFile r = new RandomAccessFile(d.resolve("sparse").toFile(), "rw")) { r.seek(5_000_000_000L); r.write(1); System.out.println(r.length()); }

        Process c = new ProcessBuilder("sort", "-rn").start();
        try (Writer w = c.outputWriter()) { for (int i = 0; i < 1000; i++) w.write(i + "\n"); }
        System.out.println(c.inputReader().lines().limit(2).toList() + " " + c.waitFor());
        List<Process> ps = new ArrayList<>(); for (int i = 0; i < 10; i++) ps.add(new ProcessBuilder("sh", "-c", "exit " + i).start());
        int codes = 0; for (Process x : ps) codes += x.waitFor();
        System.out.println("codes " + codes);
        Process s = new ProcessBuilder("sleep", "100").start(); s.destroyForcibly(); System.out.println(s.waitFor() + " " + s.toHandle().isAlive());
        try { new ProcessBuilder("/nowhere").start(); } catch (IOException e) { System.out.println("no program"); }
        System.out.println(ProcessHandle.current().info().command().orElse("?") + " " + ProcessHandle.allProcesses().anyMatch(h -> h.equals(ProcessHandle.current())));

        Path sock = d.resolve("sock");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(sock));
            Thread t = new Thread(() -> { try (SocketChannel x = server.accept()) { ByteBuffer b = ByteBuffer.allocate(100); x.read(b); b.flip(); x.write(b); } catch (IOException e) { System.out.println(e); } });
            t.start();
            try (SocketChannel x = SocketChannel.open(UnixDomainSocketAddress.of(sock))) { x.write(ByteBuffer.wrap("echo".getBytes())); ByteBuffer b = ByteBuffer.allocate(100); x.read(b); b.flip(); System.out.println(StandardCharsets.UTF_8.decode(b)); }
            t.join();
        }
        Pipe pipe = Pipe.open(); Selector sel = Selector.open(); pipe.source().configureBlocking(false); pipe.source().register(sel, SelectionKey.OP_READ);
        System.out.println(sel.select(50)); new Thread(() -> { try { pipe.sink().write(ByteBuffer.wrap(new byte[] {1})); } catch (IOException e) { System.out.println(e); } }).start(); System.out.println(sel.select(5000));
        System.out.println(Runtime.getRuntime().availableProcessors() > 0 && ManagementFactory.getThreadMXBean().getThreadCount() > 0 && ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() > 0);
        System.out.println(ManagementFactory.getGarbageCollectorMXBeans().size() > 0 && ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage() >= 0);
        try (Stream<Path> w = Files.walk(d)) { w.sorted(Comparator.reverseOrder()).forEach(x -> x.toFile().delete()); }
        System.out.println(Files.exists(d));
        System.exit(3);
    }
}
