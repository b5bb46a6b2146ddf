"""Vector addition in other languages: what finds, builds, runs and judges the programs of vector_addition/languages.

A program is called as

    program N REPETITIONS SEED [METHOD]

and prints one line of JSON for each of its methods, or for the one named, and nothing else, on standard output. (For
programs that take long to start, N may be several sizes, such as 10,1000, with a line for each.)

    {"method": "loop",                      what METHOD names
     "label": "c[i] = a[i] + b[i]",         the method in the language's own words
     "n": 10000, "dtype": "float64",
     "seconds_per_call": [2.1e-06, ...],    REPETITIONS samples: the time of some calls over their number
     "calls_per_sample": 1024,              that number
     "checksum": 175432.25,                 of the output of the last call
     "language": "C", "version": "gcc 12.2.0", "flags": "-O3",
     "note": "output given"}                what a reader has to know

It ends with exit code 0; anything else on standard output, and any other exit code, is a failure. Standard error is
free.

Inputs, for i = 0 .. N - 1, with p = 65521, a prime:

    u = (31337 i + SEED) mod p      s = u u mod p          t = s u mod p
    a_i = (2 s + 1) / 2^16          b_i = (2 t + 1) / 2^15

Every intermediate is a whole number below 2^53, so that languages whose only numbers are float64 get the same. No a_i,
b_i or sum is whole: some languages keep whole numbers in another way. SEED, 0 or more and below 2^31, is known
only when the program runs: a compiler cannot add beforehand.

    checksum = sum_i (1 + i mod 7) (a_i + b_i)

is exact in float64, in whatever order it is summed, for N up to 10^9: all terms are multiples of 2^-16, and 2^53 of
these are never reached. A sum that is missing, misplaced or of another SEED changes it.

Samples:

1. Just-in-time compilers warm up: calls for 0.3 s.
2. calls = 1, doubled until five looks in a row find that so many calls take 1 ms or more. One look alone may be cold,
   interrupted, or have a collection of garbage in it; but one above 50 ms is enough.
3. The output is overwritten: only calls that are timed can make it right again.
4. REPETITIONS samples, of so many calls each. The output of the last call makes the checksum.

The runner confines a program of one thread to one processor, and sets GLIBC_TUNABLES=glibc.malloc.hugetlb=1: memory in
pages of 2 MB where the system gives them, as NumPy has by itself. By hand:

    GLIBC_TUNABLES=glibc.malloc.hugetlb=1 taskset -c 0 ./add 10000 9 1 loop

Inside the clock: the calls, a loop around them, and what keeps a compiler from dropping a call.
"""
