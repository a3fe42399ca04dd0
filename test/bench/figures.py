"""What the samples come to."""

from statistics import mean, median, quantiles

from report import Figure

MILLI = 1000
MEGA = 1e-6


def of_streams(samples):
    """The figures of the streams, whose samples are {kind: {side: [sample…]}}."""
    def both(kind, value):
        return [median(map(value, side)) * MILLI for side in samples[kind].values()]

    def all_cpu(kind):
        # The kernel tells that of children in steps of 10 ms: a median would be one of the steps.
        return [mean(map(per_thousand("all"), side)) * MILLI for side in samples[kind].values()]

    return [
        Figure("time to first token, ms", *both("first", first), times_less=10, decimals=2),
        Figure("  with redisplay of what was sent", *both("fast", first), decimals=2),
        Figure("CPU ms per 1,000 tokens, 100/s", *both("human", per_thousand("main")), times_less=2.5),
        Figure("  with other threads and children", *all_cpu("human")),
        Figure("  of services with small events", *both("human, small events", per_thousand("main"))),
        Figure("CPU ms per 1,000 tokens, full speed", *both("fast", per_thousand("main")), times_less=15, decimals=2),
        Figure("  with other threads and children", *all_cpu("fast")),
        Figure("CPU ms, 8 streams of 300 tokens, 50/s", *both("eight", lambda it: it["main"]), times_less=2.5),
        Figure("wall ms of 2,000 chunks", *both("fast", lambda it: it["wall"][0])),
        *of_keys(samples["typing"]),
    ]


def first(sample):
    return sample["first"][0]


def per_thousand(field):
    """A function of a sample: the CPU seconds of FIELD for a thousand tokens."""
    return lambda sample: sample[field] * 1000 / sample["tokens"]


def of_keys(samples):
    """The figures of {side: [sample…]}, taken while somebody typed."""
    keys = [[key * MILLI for sample in side for key in sample["keys"]] for side in samples.values()]
    broken = [sum(sample["chats"] - sample["whole"] for sample in side) for side in samples.values()]
    return [
        Figure(f"slowest of {len(keys[0])} keys, 8 streams, 100/s, ms", *map(max, keys), at_most=50),
        Figure("  99 of 100 keys, ms", *(quantiles(side, n=100)[98] for side in keys)),
        Figure("  chats with a gap or out of order", *broken, at_most=0, decimals=0),
    ]


def of_fresh(loads, size, memory):
    """The figures of fresh Emacsen; LOADS in seconds, SIZE in bytes, MEMORY as {side: [(resident, private)…]} in bytes."""
    return [
        Figure("module load, ms", median(loads) * MILLI, at_most=5, decimals=2),
        Figure("module on disk, MB", size * MEGA, at_most=14),
        Figure("memory of the first answer, MB",
               *(median(resident for resident, _ in side) * MEGA for side in memory.values()), at_most=12),
        Figure("  of it private, MB", *(median(private for _, private in side) * MEGA for side in memory.values())),
    ]


def of_long(samples, short):
    """The figures of a long chat, whose samples are {kind: {side: [sample…]}}; SHORT are those of streams."""
    def both(kind, value):
        return [median(map(value, side)) * MILLI for side in samples[kind].values()]

    slow = both("human", per_thousand("answer"))
    usual = median(map(per_thousand("main"), short["human"]["curl"])) * MILLI

    return [
        Figure("sending, ms", *both("send", sent), times_more=1.2),
        Figure("  with a line of 120 KB", *both("send, line", sent), times_more=1.2),
        Figure("  in Org mode", *both("send, org", sent), times_more=1.2),
        Figure("  in Org mode, with a line of 120 KB", *both("send, org, line", sent), times_more=1.2),
        # Curl sends so much only when it was told to go on. That is less than 256 bytes, and so Emacs reads the rest
        # late, several events at once, as it does with those of services with small events: no merit of a transport.
        Figure("CPU ms per 1,000 tokens, 100/s", *slow),
        Figure("  beside curl in a short chat", slow[0], usual, times_less=2.5),
        Figure("  full speed, 20,000 in one line", *both("fast", per_thousand("answer")), times_less=15, decimals=2),
        Figure("  the same in Org mode", *both("fast, org", per_thousand("answer")), times_less=15, decimals=2),
    ]


def sent(sample):
    return sample["send"]


def of_tools(samples):
    """The figures of tool calls, whose samples are {kind: {side: [sample…]}}."""
    def both(kind, value):
        """Medians of the module's and the peer's, if it was there."""
        sides = samples[kind]
        return [median(map(value, sides[side])) * MILLI for side in ("module", "mcp.el") if side in sides]

    def each(sample):
        return median(sample["each"])

    def main_each(sample):
        return sample["main"] / len(sample["each"])

    return [
        Figure("echo over stdio, ms", *both("echo", each), at_most=0.3, decimals=3),
        Figure("  of Emacs's main thread", *both("echo", main_each), at_most=0.1, decimals=3),
        *of_big_results(samples, both),
        *of_connecting(samples["connect"], both),
    ]


def of_big_results(samples, both):
    """The figures of results of 1 and 5 MB; BOTH gives the medians of the two sides."""
    def shipped(kind):
        return median(sample["main"] for sample in samples[kind]["shipped"]) * MILLI

    return [
        Figure("result of 1 MB, ms", *both("big 1", wall), decimals=2),
        Figure("  of Emacs's main thread", *both("big 1", main), decimals=2),
        Figure("  the same with the usual limit", shipped("big 1"), decimals=2),
        Figure("result of 5 MB, ms", *both("big 5", wall), decimals=2),
        Figure("  of Emacs's main thread", *both("big 5", main), at_most=5, decimals=2),
        Figure("  the same with the usual limit", shipped("big 5"), at_most=5, decimals=2),
    ]


def of_connecting(samples, both):
    """The figures of SAMPLES of connecting; BOTH gives the medians of the two sides."""
    own = median(map(wall, samples["bare"])) * MILLI
    return [
        Figure("from nothing to its tools, ms", *both("connect", wall)),
        Figure("  beside the server's own start", *(value - own for value in both("connect", wall)), at_most=50),
    ]


def wall(sample):
    return sample["wall"]


def main(sample):
    return sample["main"]
