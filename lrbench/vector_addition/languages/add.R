# c = a + b in R: by a loop, which R compiles to byte code, and at once.
#
# Usage: Rscript --vanilla add.R N REPETITIONS SEED [METHOD]; the protocol is described in lrbench/languages/__init__.py.

arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) < 3) {
  message("usage: Rscript --vanilla add.R N REPETITIONS SEED [METHOD]")
  quit(status = 2)
}
n <- as.numeric(arguments[1])
repetitions <- as.numeric(arguments[2])
i <- seq_len(n) - 1
u <- (31337 * i + as.numeric(arguments[3])) %% 65521
s <- (u * u) %% 65521
a <- (2 * s + 1) / 65536
b <- (2 * ((s * u) %% 65521) + 1) / 32768
weights <- 1 + i %% 7
rm(i, u, s)

add_loop <- compiler::cmpfun(function(a, b) {
  c <- numeric(length(a))
  for (i in seq_along(a)) c[i] <- a[i] + b[i]
  c
})

methods <- list(
  list(name = "loop", label = "for (i in seq_along(a)) c[i] <- a[i] + b[i]", add = add_loop,
       note = "byte-compiled; output allocated in each call, collected now and then inside the clock"),
  list(name = "whole", label = "a + b", add = function(a, b) a + b,
       note = "output allocated in each call, collected now and then inside the clock")
)

output <- NULL
seconds <- compiler::cmpfun(function(add, calls) {
  start <- Sys.time()
  for (k in seq_len(calls)) output <<- add(a, b)
  as.numeric(Sys.time()) - as.numeric(start)
})

# One look may be cold, interrupted, or have a collection in it.
take_a_millisecond <- function(add, calls) {
  for (look in 1:5) {
    passed <- seconds(add, calls)
    if (passed < 1e-3) return(FALSE)
    if (passed > 50e-3) break
  }
  TRUE
}

measure <- function(method) {
  calls <- 1
  while (!take_a_millisecond(method$add, calls)) calls <- 2 * calls
  samples <- vapply(seq_len(repetitions), function(k) seconds(method$add, calls) / calls, 0)
  cat(sprintf(paste0(
    "{\"method\": \"%s\", \"label\": \"%s\", \"n\": %d, \"dtype\": \"float64\", \"seconds_per_call\": [%s], ",
    "\"calls_per_sample\": %d, \"checksum\": %.17g, \"language\": \"R\", \"version\": \"R %s\", \"flags\": \"\", ",
    "\"note\": \"%s\"}\n"),
    method$name, method$label, as.integer(n), paste(sprintf("%.9e", samples), collapse = ", "), as.integer(calls),
    sum(weights * output), getRversion(), method$note))
}

wanted <- Filter(function(method) length(arguments) == 3 || method$name == arguments[4], methods)
if (length(wanted) == 0) {
  message("no method '", arguments[4], "'")
  quit(status = 2)
}
for (method in wanted) measure(method)
