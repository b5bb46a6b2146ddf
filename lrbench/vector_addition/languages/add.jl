# c = a + b in Julia: by a loop, and at once.
#
# Usage: julia --startup-file=no add.jl N REPETITIONS SEED [METHOD]; the protocol is described in
# lrbench/languages/__init__.py.

using Printf

const WARM = "called for 0.3 s first, for the just-in-time compiler"

function add_loop(a, b, c)
    @inbounds for i in eachindex(a, b, c)
        c[i] = a[i] + b[i]
    end
    return c
end

add_whole(a, b, c) = a + b

add_broadcast(a, b, c) = c .= a .+ b

const METHODS = [
    ("loop", "for i in eachindex(a, b, c) c[i] = a[i] + b[i] end", "output given; $WARM", add_loop),
    ("whole", "a + b", "output allocated in each call, collected now and then inside the clock; $WARM", add_whole),
    ("whole-given", "c .= a .+ b", "output given; $WARM", add_broadcast),
]

const output = Ref(Float64[])  # of the whole program, so that no call can be dropped

function seconds(add, a, b, calls)
    start = time_ns()
    for _ in 1:calls
        output[] = add(a, b, output[])
    end
    return (time_ns() - start) * 1e-9
end

# One look may be cold, interrupted, or have a collection in it.
function take_a_millisecond(add, a, b, calls)
    for look in 1:5
        passed = seconds(add, a, b, calls)
        passed < 1e-3 && return false
        passed > 50e-3 && break
    end
    return true
end

function measure(method, label, note, add, a, b, repetitions)
    output[] = zeros(length(a))
    warm = 0.0
    while warm < 0.3
        warm += seconds(add, a, b, 1)
    end
    calls = 1
    while !take_a_millisecond(add, a, b, calls)
        calls *= 2
    end
    fill!(output[], 0.0)
    samples = join([@sprintf("%.9e", seconds(add, a, b, calls) / calls) for _ in 1:repetitions], ", ")
    checksum = sum((1 + (i - 1) % 7) * value for (i, value) in enumerate(output[]); init = 0.0)
    @printf("{\"method\": \"%s\", \"label\": \"%s\", \"n\": %d, \"dtype\": \"float64\", \"seconds_per_call\": [%s], ",
            method, label, length(a), samples)
    @printf("\"calls_per_sample\": %d, \"checksum\": %.17g, \"language\": \"Julia\", \"version\": \"Julia %s\", ",
            calls, checksum, VERSION)
    @printf("\"flags\": \"-O%d\", \"note\": \"%s\"}\n", Base.JLOptions().opt_level, note)
end

function main()
    if length(ARGS) < 3
        println(stderr, "usage: julia add.jl N REPETITIONS SEED [METHOD]")
        exit(2)
    end
    n, repetitions, seed = parse.(Int, ARGS[1:3])
    u = [(31337 * i + seed) % 65521 for i in 0:n-1]
    s = u .* u .% 65521
    a = (2 .* s .+ 1) ./ 65536
    b = (2 .* (s .* u .% 65521) .+ 1) ./ 32768
    chosen = [method for method in METHODS if length(ARGS) == 3 || ARGS[4] == method[1]]
    if isempty(chosen)
        println(stderr, "no method '$(ARGS[4])'")
        exit(2)
    end
    for (method, label, note, add) in chosen
        measure(method, label, note, add, a, b, repetitions)
    end
end

main()
