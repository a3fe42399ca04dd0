"""A network of our own for .dev/leak-test: an inside whose only way out is a wire, and an outside that answers.

Both are network namespaces. The outside has every address there is: a DNS server at GATEWAY, which knows every name,
and at each other address a simulator behind ports 80 and 3128, so that whatever leaks arrives and is answered. Its
other ports refuse at once. The addresses are those that the standards reserve for documents.
"""

import asyncio
import contextlib
import ipaddress
import os
import pathlib
import socket
import struct
import subprocess
import threading

# The inside, and the gateway that is all it sees of the outside.
INSIDE = ("192.0.2.1", "2001:db8::1")
GATEWAY = ("192.0.2.53", "2001:db8::53")
MACS = ("02:00:00:00:00:01", "02:00:00:00:00:02")
# What the DNS server says of any name but the second, which it says is the machine that asks.
ADDRESSES = {1: "203.0.113.80", 28: "2001:db8:1::80"}
LOOPBACK_NAME = "loopback.example"
# Of HTTP, and of an HTTP proxy.
PORTS = (80, 3128)
# The kernel looks for routers and for others with its address otherwise, which would be packets.
SILENT = ("accept_ra=0", "router_solicitations=0", "accept_dad=0", "dad_transmits=0", "addr_gen_mode=1")


def run(*command):
    subprocess.run(command, check=True)


# ---- the wire ----------------------------------------------------------------

def connect(outside):
    """Makes the wire from the namespace that we are in to that of the process OUTSIDE."""
    far = ("nsenter", f"--net=/proc/{outside}/ns/net")
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "wire", "address", MACS[0], "type", "veth",
        "peer", "name", "far", "address", MACS[1], "netns", str(outside))
    end("wire", INSIDE, GATEWAY, MACS[1])
    end("far", GATEWAY, INSIDE, MACS[0], *far)
    for family, here, gateway in zip(("-4", "-6"), INSIDE, GATEWAY):
        run("ip", family, "route", "add", "default", "via", gateway, "dev", "wire", "onlink")
        run(*far, "ip", family, "route", "add", here, "dev", "far")
        # Every address that is nowhere else is one of the outside's own.
        run(*far, "ip", family, "route", "add", "local", "default", "dev", "lo", "table", "main")


def end(device, own, others, mac, *where):
    """Sets up DEVICE, one end of the wire, with the addresses OWN; at the other, OTHERS have MAC, and nobody asks."""
    run(*where, "sysctl", "--quiet", "--write", *(f"net.ipv6.conf.{device}.{setting}" for setting in SILENT))
    run(*where, "ip", "address", "add", f"{own[0]}/32", "dev", device)
    run(*where, "ip", "address", "add", f"{own[1]}/128", "dev", device, "nodad")
    run(*where, "ip", "link", "set", device, "up")
    for other in others:
        run(*where, "ip", "neighbour", "add", other, "lladdr", mac, "dev", device, "nud", "permanent")


def use_our_names(folder):
    """Lets the programs of this mount namespace ask our DNS server, and nobody else, for names; files are in FOLDER."""
    texts = {"resolv.conf": f"nameserver {GATEWAY[0]}\noptions timeout:1 attempts:1\n",
             "nsswitch.conf": "hosts: files dns\n"}
    for name, text in texts.items():
        file = pathlib.Path(folder, name)
        file.write_text(text)
        run("mount", "--bind", file, f"/etc/{name}")
    # A daemon of the machine's would ask its own servers, in its own namespace.
    if pathlib.Path("/run/nscd").is_dir():
        run("mount", "-t", "tmpfs", "none", "/run/nscd")


# ---- the outside -------------------------------------------------------------

@contextlib.contextmanager
def simulator():
    """The port of a simulator. It ends when its standard input does, and so with us in any case."""
    with subprocess.Popen([os.environ["LLM_SWITCH_SIMULATOR"], "--until-eof"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as process:
        yield int(process.stdout.readline().removesuffix("/v1\n").rpartition(":")[2])
        process.stdin.close()


def answer_outside(port):
    """Serves DNS, and what the simulator at PORT says at every address, for as long as this process lasts."""
    run("ip", "link", "set", "lo", "up")
    # So that the DNS server can be there before the wire is.
    run("ip", "address", "add", f"{GATEWAY[0]}/32", "dev", "lo")
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.bind((GATEWAY[0], 53))
    threading.Thread(target=serve_names, args=(names,), daemon=True).start()
    ready = threading.Event()
    threading.Thread(target=lambda: asyncio.run(serve(port, ready)), daemon=True).start()
    ready.wait()


def serve_names(server):
    while True:
        query, client = server.recvfrom(512)
        server.sendto(named(query), client)


def named(query):
    """The answer to QUERY, a DNS packet with one question."""
    labels, at = [], 12
    while length := query[at]:
        labels.append(query[at + 1:at + 1 + length].decode())
        at += 1 + length
    question = query[12:at + 5]
    kind = struct.unpack_from("!H", query, at + 1)[0]
    address = ADDRESSES.get(kind)
    if ".".join(labels) == LOOPBACK_NAME:
        address = {1: "127.0.0.1", 28: "::1"}.get(kind)
    records = b""
    if address:
        packed = ipaddress.ip_address(address).packed
        # The name is that of the question; class IN; it holds for no time.
        records = struct.pack("!HHHIH", 0xc00c, kind, 1, 0, len(packed)) + packed
    return query[:2] + struct.pack("!HHHHH", 0x8180, 1, int(bool(records)), 0, 0) + question + records


async def serve(port, ready):
    async def pass_on(reader, writer):
        with contextlib.suppress(OSError):
            upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(copy(reader, upstream_writer), copy(upstream_reader, writer))

    for own in PORTS:
        await asyncio.start_server(pass_on, None, own)
    ready.set()
    await asyncio.Event().wait()


async def copy(reader, writer):
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
