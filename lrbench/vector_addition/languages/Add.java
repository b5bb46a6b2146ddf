import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.StringJoiner;

/**
 * c = a + b in Java: by a loop, which the just-in-time compiler turns into vector instructions.
 *
 * <p>Usage: java Add N REPETITIONS SEED [METHOD]; the protocol is described in lrbench/languages/__init__.py. Build:
 * javac Add.java
 */
public final class Add {
    private static final double WARM_UP_S = 0.3;
    private static final String WARM = "called for 0.3 s first, for the just-in-time compiler";

    private interface Adder {
        double[] add(double[] a, double[] b, double[] c);
    }

    private record Method(String name, String label, String note, Adder adder) {}

    private static final Method[] METHODS = {
        new Method("loop", "c[i] = a[i] + b[i]", "output given; " + WARM, Add::addGiven),
        new Method("loop-new", "c = new double[n]; c[i] = a[i] + b[i]",
                "output allocated in each call, collected now and then inside the clock; " + WARM, Add::addNew),
    };

    private static double[] output; // seen by all: no call can be dropped

    private static double[] addGiven(double[] a, double[] b, double[] c) {
        for (int i = 0; i < c.length; i++) {
            c[i] = a[i] + b[i];
        }
        return c;
    }

    private static double[] addNew(double[] a, double[] b, double[] unused) {
        double[] c = new double[a.length];
        for (int i = 0; i < c.length; i++) {
            c[i] = a[i] + b[i];
        }
        return c;
    }

    private static double seconds(Adder adder, double[] a, double[] b, long calls) {
        long start = System.nanoTime();
        for (long k = 0; k < calls; k++) {
            output = adder.add(a, b, output);
        }
        return (System.nanoTime() - start) * 1e-9;
    }

    /** One look may be cold, interrupted, or have a collection in it. */
    private static boolean takeAMillisecond(Adder adder, double[] a, double[] b, long calls) {
        for (int look = 0; look < 5; look++) {
            double passed = seconds(adder, a, b, calls);
            if (passed < 1e-3) {
                return false;
            }
            if (passed > 50e-3) {
                break;
            }
        }
        return true;
    }

    private static double checksum() {
        double total = 0.0;
        for (int i = 0; i < output.length; i++) {
            total += (1 + i % 7) * output[i];
        }
        return total;
    }

    private static String measure(Method method, double[] a, double[] b, int repetitions) {
        output = new double[a.length];
        for (double warm = 0.0; warm < WARM_UP_S; ) {
            warm += seconds(method.adder, a, b, 1);
        }
        long calls = 1;
        while (!takeAMillisecond(method.adder, a, b, calls)) {
            calls *= 2;
        }
        java.util.Arrays.fill(output, 0.0);
        StringJoiner samples = new StringJoiner(", ");
        for (int k = 0; k < repetitions; k++) {
            samples.add(Double.toString(seconds(method.adder, a, b, calls) / calls));
        }
        String version = System.getProperty("java.vm.name") + " " + System.getProperty("java.version");
        String flags = String.join(" ", ManagementFactory.getRuntimeMXBean().getInputArguments());
        return String.format(Locale.ROOT,
                "{\"method\": \"%s\", \"label\": \"%s\", \"n\": %d, \"dtype\": \"float64\", \"seconds_per_call\": [%s], "
                        + "\"calls_per_sample\": %d, \"checksum\": %s, \"language\": \"Java\", \"version\": \"%s\", "
                        + "\"flags\": \"%s\", \"note\": \"%s\"}",
                method.name, method.label, a.length, samples, calls, checksum(), version, flags, method.note);
    }

    public static void main(String[] arguments) {
        if (arguments.length < 3) {
            System.err.println("usage: java Add N REPETITIONS SEED [METHOD]");
            System.exit(2);
        }
        int n = Integer.parseInt(arguments[0]);
        long seed = Long.parseLong(arguments[2]);
        double[] a = new double[n];
        double[] b = new double[n];
        for (int i = 0; i < n; i++) {
            long u = (31337L * i + seed) % 65521;
            long s = u * u % 65521;
            long t = s * u % 65521;
            a[i] = (2 * s + 1) / 65536.0;
            b[i] = (2 * t + 1) / 32768.0;
        }
        boolean found = false;
        for (Method method : METHODS) {
            if (arguments.length == 3 || arguments[3].equals(method.name)) {
                System.out.println(measure(method, a, b, Integer.parseInt(arguments[1])));
                found = true;
            }
        }
        if (!found) {
            System.err.println("no method '" + arguments[3] + "'");
            System.exit(2);
        }
    }
}
