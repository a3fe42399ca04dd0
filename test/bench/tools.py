"""Tools of an MCP server: through the module, through mcp.el in the same Emacs, and with nothing in between."""

import json
import subprocess
import sys
import time

ECHOES = 200
ECHO_ROUNDS = 5
BIG_ROUNDS = 5
BIG_MEGABYTES = (1, 5)
CONNECT_ROUNDS = 5
# Characters of a result that are more than any here has.
WHOLE = 100_000_000


def configuration(server):
    """The servers of a configuration: one as it is shipped, and one of whose results nothing is left out."""
    program = f"local = true\ncommand = {json.dumps(server)}\nargs = ['stdio']\n"
    return f"[mcp.bench]\n{program}[mcp.whole]\n{program}output-limit = {WHOLE}\n"


def samples(measured, server, sides):
    """What each of SIDES tells of each kind of measurement: {kind: {side: [sample…]}}."""
    for side in (*sides, "shipped"):
        measured.ask("llm-switch-bench-mcp-open", side, server)
        echo(measured, side)  # not counted: the first calls load
    found = {"echo": turns(sides, ECHO_ROUNDS, lambda side: echo(measured, side))}
    for size in BIG_MEGABYTES:
        found[f"big {size}"] = turns((*sides, "shipped"), BIG_ROUNDS, lambda side: big(measured, side, size))
    found["connect"] = turns(sides, CONNECT_ROUNDS, lambda side: measured.ask("llm-switch-bench-mcp-connect", side))
    found["connect"]["bare"] = [{"wall": bare(server)} for _ in range(CONNECT_ROUNDS)]
    return found


def turns(sides, rounds, measure):
    """The samples of SIDES, which take turns, so that what else the machine does meets all of them."""
    found = {side: [] for side in sides}
    for side in tuple(sides) * rounds:
        found[side].append(measure(side))
    return found


def echo(measured, side):
    """What SIDE tells of echoes, all of which came back."""
    sample = measured.ask("llm-switch-bench-mcp-echo", side, ECHOES)
    if sample["right"] != ECHOES:
        sys.exit(f"llm-switch: benchmark: {side} gave {sample['right']} of {ECHOES} echoes back")
    return sample


def big(measured, side, megabytes):
    """What SIDE tells of a result of MEGABYTES. It counts only if nothing is missing that should be there."""
    sample = measured.ask("llm-switch-bench-mcp-big", side, megabytes)
    if side != "shipped" and sample["bytes"] < megabytes << 20:
        sys.exit(f"llm-switch: benchmark: {side} gave {sample['bytes']} bytes of a result of {megabytes} MB")
    return sample


def bare(server):
    """The seconds from starting SERVER until all of its tools are listed, by a client that does nothing else."""
    begun = time.monotonic()
    with subprocess.Popen([server, "stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        def send(**message):
            process.stdin.write(json.dumps({"jsonrpc": "2.0"} | message) + "\n")
            process.stdin.flush()

        def ask(method, **params):
            send(id=1, method=method, params=params)
            return json.loads(process.stdout.readline())["result"]

        ask("initialize", protocolVersion="2025-11-25", capabilities={}, clientInfo={"name": "bare", "version": "0"})
        send(method="notifications/initialized")
        page = ask("tools/list")
        while cursor := page.get("nextCursor"):
            page = ask("tools/list", cursor=cursor)
        seconds = time.monotonic() - begun
        process.stdin.close()
    return seconds
