#pragma once

#include "job.h"
#include "round.h"

namespace cochlea::bench {

/// How one round of a contestant is timed.
using Timer = Round (*)(Job& job, double seconds, Clock clock);

/// Answers the bench harness on stdin and stdout until an end of input: a request per line in, a line of JSON
/// out, so that rounds of other processes can lie between these.
///   list                             who is here, versions, who is not and why
///   result <contestant> <file>       writes what the contestant computes from the check clip, as floats
///   round <contestant> <seconds> <wall|cpu>
///                                    times it on that clock
/// A contestant is its place in the list.
void serve(Roster roster, Timer timer);

}  // namespace cochlea::bench
