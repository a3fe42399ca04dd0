"""Sees every packet of this network namespace that is not on loopback."""

import contextlib
import ipaddress
import json
import socket
import struct
import subprocess
import time

EVERYTHING = 3
QUIET_SECONDS = 3
PATIENCE_SECONDS = 30
PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmp6"}


class Watch:
    """Packets that went over any interface but lo, in either direction, since they were last asked for."""

    def __init__(self):
        self.interfaces = interfaces()
        self.sockets = [watching(name) for name in self.interfaces]

    def packets(self):
        """What each of them was, in words, the oldest first."""
        # One that comes later is not seen: there must be none.
        if interfaces() != self.interfaces:
            raise SystemExit(f"llm-switch: the interfaces have changed: {interfaces()}")
        return [describe(frame) for sniffer in self.sockets for frame in frames(sniffer)]

    def settle(self):
        """Waits until the wire is silent: the kernel announces a new address on it for a second or two."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        while True:
            time.sleep(QUIET_SECONDS)
            packets = self.packets()
            if not packets:
                return
            if time.monotonic() > give_up:
                raise SystemExit(f"llm-switch: the wire is never silent: {packets[-1]}\n  What to do: see what this "
                                 "machine's kernel sends by itself, and turn it off in .dev/leak_world.py")


def interfaces():
    """The names of what is up, but for lo."""
    told = subprocess.run(["ip", "-json", "link", "show", "up"], stdout=subprocess.PIPE, check=True).stdout
    return sorted(link["ifname"] for link in json.loads(told) if link["ifname"] != "lo")


def watching(interface):
    # A socket for each, rather than one for all, whose buffer the packets on lo would fill.
    sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sniffer.bind((interface, EVERYTHING))
    sniffer.setblocking(False)
    return sniffer


def frames(sniffer):
    with contextlib.suppress(BlockingIOError):
        while True:
            yield sniffer.recv(65536)


def describe(frame):
    """The protocol and both ends of FRAME, of Ethernet."""
    kind, packet = struct.unpack_from("!H", frame, 12)[0], frame[14:]
    if kind == 0x0800:
        return ends(packet[9], packet[12:16], packet[16:20], packet[(packet[0] & 15) * 4:])
    if kind == 0x86dd:
        return ends(packet[6], packet[8:24], packet[24:40], packet[40:])
    return f"ethernet type {kind:04x}"


def ends(protocol, source, target, content):
    ports = struct.unpack_from("!HH", content) if protocol in (6, 17) else ("", "")
    here, there = (f"{ipaddress.ip_address(address)} {port}".strip() for address, port in zip((source, target), ports))
    return f"{PROTOCOLS.get(protocol, f'protocol {protocol}')} {here} > {there}"
