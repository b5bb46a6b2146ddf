// c = a + b in Go: by a loop. Its compiler makes no vector instructions of it.
//
// Usage: add N REPETITIONS SEED [METHOD]; the protocol is described in lrbench/languages/__init__.py.
// Build: go build -o add add.go
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"time"
)

// Seen by the whole package: the compiler cannot know that nobody reads it.
var output []float64

//go:noinline
func addGiven(a, b, c []float64) []float64 {
	a, b = a[:len(c)], b[:len(c)]
	for i := range c {
		c[i] = a[i] + b[i]
	}
	return c
}

//go:noinline
func addNew(a, b, _ []float64) []float64 {
	c := make([]float64, len(a))
	b = b[:len(c)]
	for i := range a {
		c[i] = a[i] + b[i]
	}
	return c
}

var methods = []struct {
	name, label, note string
	add               func(a, b, c []float64) []float64
}{
	{"loop", "for i := range c { c[i] = a[i] + b[i] }", "output given; the compiler makes no vector instructions", addGiven},
	{"loop-new", "c := make([]float64, n); for i := range c { c[i] = a[i] + b[i] }",
		"output allocated in each call, collected now and then inside the clock", addNew},
}

func seconds(add func(a, b, c []float64) []float64, a, b []float64, calls int) float64 {
	start := time.Now()
	for k := 0; k < calls; k++ {
		output = add(a, b, output)
	}
	return time.Since(start).Seconds()
}

// One look may be cold, interrupted, or have a collection in it.
func takeAMillisecond(add func(a, b, c []float64) []float64, a, b []float64, calls int) bool {
	for look := 0; look < 5; look++ {
		passed := seconds(add, a, b, calls)
		if passed < 1e-3 {
			return false
		}
		if passed > 50e-3 {
			break
		}
	}
	return true
}

func fill(n, seed int) (a, b []float64) {
	a, b = make([]float64, n), make([]float64, n)
	for i := range a {
		u := (31337*i + seed) % 65521
		s := u * u % 65521
		t := s * u % 65521
		a[i] = float64(2*s+1) / 65536
		b[i] = float64(2*t+1) / 32768
	}
	return a, b
}

func checksum() (total float64) {
	for i, value := range output {
		total += float64(1+i%7) * value
	}
	return total
}

func argument(place int) int {
	if place < len(os.Args) {
		if number, err := strconv.Atoi(os.Args[place]); err == nil {
			return number
		}
	}
	fmt.Fprintln(os.Stderr, "usage: add N REPETITIONS SEED [METHOD]")
	os.Exit(2)
	return 0
}

func main() {
	n, repetitions, seed := argument(1), argument(2), argument(3)
	a, b := fill(n, seed)
	found := false
	for _, method := range methods {
		if len(os.Args) > 4 && os.Args[4] != method.name {
			continue
		}
		found = true
		output = make([]float64, n)
		calls := 1
		for !takeAMillisecond(method.add, a, b, calls) {
			calls *= 2
		}
		for i := range output {
			output[i] = 0
		}
		samples := make([]float64, repetitions)
		for k := range samples {
			samples[k] = seconds(method.add, a, b, calls) / float64(calls)
		}
		line, _ := json.Marshal(map[string]any{
			"method": method.name, "label": method.label, "n": n, "dtype": "float64", "seconds_per_call": samples,
			"calls_per_sample": calls, "checksum": checksum(), "language": "Go", "version": runtime.Version(),
			"flags": "", "note": method.note,
		})
		fmt.Println(string(line))
	}
	if !found {
		fmt.Fprintf(os.Stderr, "no method '%s'\n", os.Args[4])
		os.Exit(2)
	}
}
