# c = a + b in Tcl: by a loop over indices of lists, and by lmap into a new list.
#
# Usage: tclsh add.tcl N REPETITIONS SEED [METHOD]; the protocol is described in lrbench/languages/__init__.py.

if {[llength $argv] < 3} {
    puts stderr "usage: tclsh add.tcl N REPETITIONS SEED \[METHOD\]"
    exit 2
}
lassign $argv n repetitions seed wanted

# A list is changed in place only while no other variable holds it: the global c lets go of it meanwhile.
proc loop {} {
    set a $::a
    set b $::b
    set c $::c
    set ::c {}
    set n [llength $c]
    for {set i 0} {$i < $n} {incr i} {
        lset c $i [expr {[lindex $a $i] + [lindex $b $i]}]
    }
    set ::c $c
}

proc lmap-new {} {
    set ::c [lmap x $::a y $::b {expr {$x + $y}}]
}

proc fill {n seed} {
    global a b
    for {set i 0} {$i < $n} {incr i} {
        set u [expr {(31337 * $i + $seed) % 65521}]
        set s [expr {$u * $u % 65521}]
        set t [expr {$s * $u % 65521}]
        lappend a [expr {(2 * $s + 1) / 65536.0}]
        lappend b [expr {(2 * $t + 1) / 32768.0}]
    }
}

proc seconds {add calls} {
    set start [clock microseconds]
    for {set k 0} {$k < $calls} {incr k} {
        $add
    }
    return [expr {1e-6 * ([clock microseconds] - $start)}]
}

# One look may be cold or interrupted.
proc take_a_millisecond {add calls} {
    for {set look 0} {$look < 5} {incr look} {
        set passed [seconds $add $calls]
        if {$passed < 1e-3} {
            return 0
        }
        if {$passed > 50e-3} {
            break
        }
    }
    return 1
}

proc checksum {} {
    global c
    set total 0.0
    set i 0
    foreach value $c {
        set total [expr {$total + (1 + $i % 7) * $value}]
        incr i
    }
    return $total
}

proc measure {method label note} {
    global c n repetitions
    set c [lrepeat $n 0.0]
    set calls 1
    while {![take_a_millisecond $method $calls]} {
        set calls [expr {2 * $calls}]
    }
    set c [lrepeat $n 0.0]
    for {set k 0} {$k < $repetitions} {incr k} {
        lappend samples [format %.9e [expr {[seconds $method $calls] / $calls}]]
    }
    puts [format {{"method": "%s", "label": "%s", "n": %d, "dtype": "float64", "seconds_per_call": [%s],\
        "calls_per_sample": %d, "checksum": %.17g, "language": "Tcl", "version": "Tcl %s", "flags": "",\
        "note": "%s"}} $method $label $n [join $samples {, }] $calls [checksum] [info patchlevel] $note]
}

set a {}
set b {}
fill $n $seed
set found 0
foreach {method label note} {
    loop     {lset c $i [expr {[lindex $a $i] + [lindex $b $i]}]} {output given}
    lmap-new {set c [lmap x $a y $b {expr {$x + $y}}]}            {output allocated in each call}
} {
    if {$wanted in [list {} $method]} {
        measure $method $label $note
        set found 1
    }
}
if {!$found} {
    puts stderr "no method '$wanted'"
    exit 2
}
