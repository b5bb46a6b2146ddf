# c = a + b in Perl: by a loop over indices, and by map into a new array.
#
# Usage: perl add.pl N REPETITIONS SEED [METHOD]; the protocol is described in lrbench/languages/__init__.py.

use strict;
use warnings;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

die "usage: perl add.pl N REPETITIONS SEED [METHOD]\n" if @ARGV < 3;
my ($n, $repetitions, $seed, $wanted) = @ARGV;

my (@a, @b, @c);
$#a = $#b = $#c = $n - 1;
for my $i (0 .. $n - 1) {
    my $u = (31337 * $i + $seed) % 65521;
    my $s = $u * $u % 65521;
    my $t = $s * $u % 65521;
    $a[$i] = (2 * $s + 1) / 65536;
    $b[$i] = (2 * $t + 1) / 32768;
}

sub by_index {
    for my $i (0 .. $#a) {
        $c[$i] = $a[$i] + $b[$i];
    }
    return;
}

sub by_map {
    @c = map { $a[$_] + $b[$_] } 0 .. $#a;
    return;
}

my @methods = (
    ['loop', '$c[$i] = $a[$i] + $b[$i]', 'output given', \&by_index],
    ['map-new', '@c = map { $a[$_] + $b[$_] } 0 .. $#a', 'a new list in each call, copied into the output', \&by_map],
);

sub seconds {
    my ($add, $calls) = @_;
    my $start = clock_gettime(CLOCK_MONOTONIC);
    $add->() for 1 .. $calls;
    return clock_gettime(CLOCK_MONOTONIC) - $start;
}

# One look may be cold or interrupted.
sub take_a_millisecond {
    my ($add, $calls) = @_;
    for my $look (1 .. 5) {
        my $passed = seconds($add, $calls);
        return 0 if $passed < 1e-3;
        last if $passed > 50e-3;
    }
    return 1;
}

my $found = 0;
for (@methods) {
    my ($method, $label, $note, $add) = @$_;
    next if defined $wanted && $wanted ne $method;
    $found = 1;
    my $calls = 1;
    $calls *= 2 until take_a_millisecond($add, $calls);
    $_ = 0.5 for @c;    # 0 would be kept as another kind of number
    my $samples = join ', ', map { sprintf '%.9e', seconds($add, $calls) / $calls } 1 .. $repetitions;
    my $checksum = 0;
    $checksum += (1 + $_ % 7) * $c[$_] for 0 .. $#c;
    printf '{"method": "%s", "label": "%s", "n": %d, "dtype": "float64", "seconds_per_call": [%s], '
        . '"calls_per_sample": %d, "checksum": %.17g, "language": "Perl", "version": "Perl %vd", "flags": "", '
        . '"note": "%s"}' . "\n", $method, $label, $n, $samples, $calls, $checksum, $^V, $note;
}
if (!$found) {
    print STDERR "no method '$wanted'\n";
    exit 2;
}
