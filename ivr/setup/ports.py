"""Ports somebody else already listens on, found before anything is started."""

import socket
from contextlib import suppress

from ivr.config import Settings

PORTS = (
    ("http_port", "http_host", "the console", socket.SOCK_STREAM),
    ("agi_port", "agi_host", "FastAGI", socket.SOCK_STREAM),
    ("speech_port", "speech_host", "the recognizer", socket.SOCK_STREAM),
    ("ami_port", "ami_host", "Asterisk's manager", socket.SOCK_STREAM),
    ("asterisk_http_port", "", "Asterisk's websocket", socket.SOCK_STREAM),
    ("sip_port", "sip_host", "SIP", socket.SOCK_DGRAM),
)
"""Setting of the port, setting of its address (empty: the loopback), what it is, its kind."""


def busy(settings: Settings) -> list[str]:
    """A plain line for each port that is taken: what it is for, by whom, what to do."""
    lines = []
    for name, host_name, what, kind in PORTS:
        port = getattr(settings, name)
        host = getattr(settings, host_name) if host_name else "127.0.0.1"
        if not _free(host, port, kind):
            holder = _holder(port, kind)
            lines.append(
                f"Port {port} ({what}) is taken{f' by {holder}' if holder else ''}. Stop that "
                f"program, or choose another port: AURICULA_{name.upper()}={port + 1000} make up"
            )
    return lines


def _free(host: str, port: int, kind: socket.SocketKind) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _holder(port: int, kind: socket.SocketKind) -> str:
    """Name and process id of who holds a port; empty when this user may not know."""
    import psutil

    with suppress(psutil.Error):
        for connection in psutil.net_connections("tcp" if kind == socket.SOCK_STREAM else "udp"):
            listens = kind == socket.SOCK_DGRAM or connection.status == psutil.CONN_LISTEN
            if listens and connection.laddr and connection.laddr.port == port and connection.pid:
                return f"`{psutil.Process(connection.pid).name()}` (process {connection.pid})"
    return ""
