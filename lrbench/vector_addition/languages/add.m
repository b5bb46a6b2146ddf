% c = a + b in GNU Octave: by a loop, and at once.
%
% Usage: octave-cli --norc add.m N REPETITIONS SEED [METHOD]; the protocol is described in lrbench/languages/__init__.py.

1;  % a script, though functions come first

function c = add_loop(a, b)
  c = zeros(size(a));
  for i = 1:numel(a)
    c(i) = a(i) + b(i);
  end
end

function c = add_whole(a, b)
  c = a + b;
end

function [passed, c] = seconds(add, a, b, calls)
  start = tic;
  for k = 1:calls
    c = add(a, b);
  end
  passed = toc(start);
end

% One look may be cold or interrupted.
function enough = take_a_millisecond(add, a, b, calls)
  for look = 1:5
    passed = seconds(add, a, b, calls);
    enough = passed >= 1e-3;
    if ! enough || passed > 50e-3
      break
    end
  end
end

function measure(method, a, b, repetitions)
  add = method.add;
  calls = 1;
  while ! take_a_millisecond(add, a, b, calls)
    calls = 2 * calls;
  end
  samples = zeros(1, repetitions);
  for k = 1:repetitions
    [passed, c] = seconds(add, a, b, calls);
    samples(k) = passed / calls;
  end
  n = numel(a);
  checksum = sum((1 + mod(0:n - 1, 7)) .* c);
  printf(['{"method": "%s", "label": "%s", "n": %d, "dtype": "float64", "seconds_per_call": [%s], ' ...
          '"calls_per_sample": %d, "checksum": %.17g, "language": "GNU Octave", "version": "Octave %s", ' ...
          '"flags": "", "note": "output allocated in each call"}\n'], ...
         method.name, method.label, n, strjoin(arrayfun(@(s) sprintf("%.9e", s), samples, "UniformOutput", false), ", "), ...
         calls, checksum, version());
  fflush(stdout);
end

words = argv();
if numel(words) < 3
  fputs(stderr, "usage: octave-cli --norc add.m N REPETITIONS SEED [METHOD]\n");
  exit(2);
end
numbers = cellfun(@str2double, words(1:3));
i = 0:numbers(1) - 1;
u = mod(31337 * i + numbers(3), 65521);
s = mod(u .* u, 65521);
a = (2 * s + 1) / 65536;
b = (2 * mod(s .* u, 65521) + 1) / 32768;
clear i u s

methods = [struct("name", "loop", "label", "for i = 1:n, c(i) = a(i) + b(i); end", "add", @add_loop), ...
           struct("name", "whole", "label", "a + b", "add", @add_whole)];
found = false;
for method = methods
  if numel(words) == 3 || strcmp(words{4}, method.name)
    measure(method, a, b, numbers(2));
    found = true;
  end
end
if ! found
  fprintf(stderr, "no method '%s'\n", words{4});
  exit(2);
end
