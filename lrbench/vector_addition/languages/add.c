/* c = a + b in C: one loop, which an optimising compiler turns into vector instructions.

   Usage: add N REPETITIONS SEED [METHOD]; the protocol is described in lrbench/languages/__init__.py.
   Build: cc -O3 -march=native -DFLAGS='"-O3 -march=native"' add.c -o add */

#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef FLAGS
#define FLAGS ""
#endif

#ifdef __clang__
#define VERSION __VERSION__
#else
#define VERSION "gcc " __VERSION__
#endif

/* What a pointer leads to may be read or written here: calls in a row cannot be folded into one, nor dropped. */
#define USED(pointer) __asm__ volatile("" : : "r"(pointer) : "memory")

typedef struct {
    long n;
    double *a, *b, *c;
} Vectors;

__attribute__((noinline)) static void add(long n, const double *restrict a, const double *restrict b,
                                          double *restrict c)
{
    for (long i = 0; i < n; i++)
        c[i] = a[i] + b[i];
}

static void *allocate(long n)
{
    void *found = malloc(n * sizeof(double));
    if (!found) {
        fprintf(stderr, "out of memory for %ld doubles\n", n);
        exit(1);
    }
    return found;
}

static void call_given(Vectors *v)
{
    add(v->n, v->a, v->b, v->c);
    USED(v->c);
}

static void call_new(Vectors *v)
{
    free(v->c);
    v->c = allocate(v->n);
    add(v->n, v->a, v->b, v->c);
    USED(v->c);
}

static const struct {
    const char *name, *label, *note;
    void (*call)(Vectors *);
} METHODS[] = {
    {"loop", "c[i] = a[i] + b[i]", "output given", call_given},
    {"loop-new", "c = malloc(...); c[i] = a[i] + b[i]", "output freed and allocated in each call", call_new},
};

static void fill(Vectors *v, long seed)
{
    for (long i = 0; i < v->n; i++) {
        long u = (31337 * i + seed) % 65521, s = u * u % 65521, t = s * u % 65521;
        v->a[i] = (2 * s + 1) / 65536.0;
        v->b[i] = (2 * t + 1) / 32768.0;
    }
}

static double checksum(const Vectors *v)
{
    double total = 0.0;
    for (long i = 0; i < v->n; i++)
        total += (1 + i % 7) * v->c[i];
    return total;
}

static double seconds(void (*call)(Vectors *), Vectors *v, long calls)
{
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (long k = 0; k < calls; k++)
        call(v);
    clock_gettime(CLOCK_MONOTONIC, &end);
    return (end.tv_sec - start.tv_sec) + 1e-9 * (end.tv_nsec - start.tv_nsec);
}

/* One look may be cold or interrupted. */
static int take_a_millisecond(void (*call)(Vectors *), Vectors *v, long calls)
{
    for (int look = 0; look < 5; look++) {
        double passed = seconds(call, v, calls);
        if (passed < 1e-3)
            return 0;
        if (passed > 50e-3)
            break;
    }
    return 1;
}

static void measure(int method, Vectors *v, long repetitions)
{
    void (*call)(Vectors *) = METHODS[method].call;
    long calls = 1;
    while (!take_a_millisecond(call, v, calls))
        calls *= 2;
    memset(v->c, 0, v->n * sizeof(double));
    printf("{\"method\": \"%s\", \"label\": \"%s\", \"n\": %ld, \"dtype\": \"float64\", \"seconds_per_call\": [",
           METHODS[method].name, METHODS[method].label, v->n);
    for (long k = 0; k < repetitions; k++)
        printf("%s%.9e", k ? ", " : "", seconds(call, v, calls) / calls);
    printf("], \"calls_per_sample\": %ld, \"checksum\": %.17g, \"language\": \"C\", \"version\": \"%s\", "
           "\"flags\": \"%s\", \"note\": \"%s\"}\n",
           calls, checksum(v), VERSION, FLAGS, METHODS[method].note);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: add N REPETITIONS SEED [METHOD]\n");
        return 2;
    }
    Vectors v = {.n = atol(argv[1])};
    v.a = allocate(v.n);
    v.b = allocate(v.n);
    v.c = allocate(v.n);
    fill(&v, atol(argv[3]));
    int found = 0;
    for (int method = 0; method < (int)(sizeof METHODS / sizeof *METHODS); method++)
        if (argc == 4 || strcmp(argv[4], METHODS[method].name) == 0) {
            measure(method, &v, atol(argv[2]));
            found = 1;
        }
    if (!found)
        fprintf(stderr, "no method '%s'\n", argv[4]);
    return found ? 0 : 2;
}
