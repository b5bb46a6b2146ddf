// c = a + b in JavaScript: by a loop, over typed arrays of float64 and over plain arrays.
//
// Usage: node add.js N REPETITIONS SEED [METHOD]; the protocol is described in lrbench/languages/__init__.py.

"use strict";

const WARM_UP_S = 0.3;
const WARM = "called for 0.3 s first, for the just-in-time compiler";

// A function of its own for each kind of array: one that saw both would be compiled for both.
function addTyped(a, b, c) {
  for (let i = 0; i < c.length; i++) c[i] = a[i] + b[i];
  return c;
}

function addTypedNew(a, b) {
  const c = new Float64Array(a.length);
  for (let i = 0; i < c.length; i++) c[i] = a[i] + b[i];
  return c;
}

function addPlain(a, b, c) {
  for (let i = 0; i < c.length; i++) c[i] = a[i] + b[i];
  return c;
}

function addMap(a, b) {
  return a.map((value, i) => value + b[i]);
}

const typed = (values) => Float64Array.from(values);
const plain = (values) => Array.from(values);

const METHODS = [
  ["loop", "c[i] = a[i] + b[i]", `Float64Array, output given; ${WARM}`, addTyped, typed],
  ["loop-new", "c = new Float64Array(n); c[i] = a[i] + b[i]",
    `Float64Array, output allocated in each call, collected now and then inside the clock; ${WARM}`, addTypedNew, typed],
  ["array", "c[i] = a[i] + b[i]", `plain Array, output given; ${WARM}`, addPlain, plain],
  ["map-new", "a.map((value, i) => value + b[i])",
    `plain Array, output allocated in each call, collected now and then inside the clock; ${WARM}`, addMap, plain],
];

let output; // of the whole module, so that no call can be dropped

function seconds(add, a, b, calls) {
  const start = process.hrtime.bigint();
  for (let k = 0; k < calls; k++) output = add(a, b, output);
  return Number(process.hrtime.bigint() - start) * 1e-9;
}

// One look may be cold, interrupted, or have a collection in it.
function takeAMillisecond(add, a, b, calls) {
  for (let look = 0; look < 5; look++) {
    const passed = seconds(add, a, b, calls);
    if (passed < 1e-3) return false;
    if (passed > 50e-3) break;
  }
  return true;
}

function inputs(n, seed) {
  const a = new Float64Array(n);
  const b = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const u = (31337 * i + seed) % 65521;
    const s = (u * u) % 65521;
    const t = (s * u) % 65521;
    a[i] = (2 * s + 1) / 65536;
    b[i] = (2 * t + 1) / 32768;
  }
  return [a, b];
}

function checksum() {
  let total = 0;
  for (let i = 0; i < output.length; i++) total += (1 + (i % 7)) * output[i];
  return total;
}

function measure([method, label, note, add, make], inputs, repetitions) {
  const [a, b] = inputs.map(make);
  output = make(a);
  for (let warm = 0; warm < WARM_UP_S; ) warm += seconds(add, a, b, 1);
  let calls = 1;
  while (!takeAMillisecond(add, a, b, calls)) calls *= 2;
  output.fill(0.5); // not zeros: plain arrays keep whole numbers in another way
  const samples = Array.from({ length: repetitions }, () => seconds(add, a, b, calls) / calls);
  console.log(JSON.stringify({
    method, label, n: a.length, dtype: "float64", seconds_per_call: samples, calls_per_sample: calls,
    checksum: checksum(), language: "JavaScript", version: `Node.js ${process.versions.node}`,
    flags: process.execArgv.join(" "), note,
  }));
}

const [n, repetitions, seed] = process.argv.slice(2, 5).map(Number);
const wanted = process.argv[5];
const chosen = METHODS.filter(([name]) => wanted === undefined || name === wanted);
if (process.argv.length < 5 || chosen.length === 0) {
  console.error(chosen.length ? "usage: node add.js N REPETITIONS SEED [METHOD]" : `no method '${wanted}'`);
  process.exit(2);
}
const made = inputs(n, seed);
for (const method of chosen) measure(method, made, repetitions);
