"""Many callers at once, and those who answer them, played by SIPp (Debian package ``sip-tester``).

Keys go as RFC 4733 events, for which SIPp needs raw sockets (root or CAP_NET_RAW); its
voice stream pauses around each key, because two streams on one port look to Asterisk like
one that starts anew, and keys would count double.
"""

import contextlib
import csv
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from ivr.errors import Unavailable
from ivr.process import die_with_parent

TONE_MS = 100
"""Length of a key and of the pause after it."""
LEAD_MS = 900
"""SIPp's filler before the first key (400 ms), one key's place, and a margin."""
DTMF_PAYLOAD = 96
"""Fixed in SIPp's source (prepare_pcap.c)."""


@dataclass(frozen=True)
class Press:
    """Wait, then press. ``keys`` may hold ``[field1]``… of the callers' table."""

    after_ms: int
    keys: str
    count: int = 1
    """How many keys it will be."""


@dataclass(frozen=True)
class Load:
    """What came of the calls."""

    successful: int
    failed: int
    most_at_once: int
    seconds: float
    errors: str


def find() -> str:
    """Path of SIPp. Raises :class:`Unavailable`."""
    found = shutil.which("sipp")
    if found is None:
        raise Unavailable("SIPp is not installed: apt-get install sip-tester")
    return found


def play(
    folder: Path,
    presses: Sequence[Press],
    callers: Sequence[Sequence[str]],
    *,
    target: str,
    number: str,
    voice: Path | None,
    address: str = "127.0.0.2",
    sip_port: int,
    media_port: int,
    rate: float = 10.0,
    timeout_s: int = 300,
) -> Load:
    """Call ``target`` (``host:port``) once for each row of ``callers``, ``rate`` a second.

    A row is the caller's number and whatever else the keys refer to. ``voice`` is headerless
    A-law that the callers' line carries in a loop; None: phones that send nothing while nobody
    speaks. A call succeeds when the other side hangs up after the last key. SIPp itself gives up
    after ``timeout_s``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scenario.xml").write_text(_scenario(presses, voice))
    rows = "\n".join(";".join(row) for row in callers)
    (folder / "callers.csv").write_text(f"SEQUENTIAL\n{rows}\n")
    total = str(len(callers))
    command = [find(), target, "-sf", "scenario.xml", "-inf", "callers.csv", "-s", number]
    command += ["-i", address, "-mi", address, "-p", str(sip_port), "-mp", str(media_port)]
    command += ["-m", total, "-l", total, "-r", str(rate), "-timeout", str(timeout_s)]
    command += ["-timeout_error", "-trace_stat", "-stf", "stats.csv", "-fd", "1"]
    with _running(command, folder) as process:
        process.wait(timeout_s + 30)
    return _result(folder)


@contextlib.contextmanager
def phones(
    folder: Path,
    *,
    address: str,
    sip_port: int,
    media_port: int,
    rings_ms: int,
    talks_ms: int,
) -> Iterator[None]:
    """Phones at ``address`` that ring, answer, say nothing and hang up, while the context lasts."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scenario.xml").write_text(_answering(rings_ms, talks_ms))
    command = [find(), "-sf", "scenario.xml", "-i", address, "-mi", address]
    command += ["-p", str(sip_port), "-mp", str(media_port)]
    with _running(command, folder) as process:
        yield
        if process.poll() is not None:
            raise Unavailable(f"the phones ended: {(folder / 'sipp.log').read_text()[-500:]}")


@contextlib.contextmanager
def _running(command: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """SIPp in ``folder``, ended when left."""
    with (folder / "sipp.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "-trace_err", "-error_file", "errors.log", "-nostdin"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait(10)


def _result(folder: Path) -> Load:
    stats = folder / "stats.csv"
    if not stats.exists():
        raise Unavailable(f"SIPp did not start: {(folder / 'sipp.log').read_text()[-500:]}")
    with stats.open() as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    errors = folder / "errors.log"
    hours, minutes, seconds = rows[-1]["ElapsedTime(C)"].split(":")[:3]
    return Load(
        successful=int(rows[-1]["SuccessfulCall(C)"]),
        failed=int(rows[-1]["FailedCall(C)"]),
        most_at_once=max(int(row["CurrentCall"]) for row in rows),
        seconds=int(hours) * 3600 + int(minutes) * 60 + float(seconds),
        errors=errors.read_text(errors="replace")[:2000] if errors.exists() else "",
    )


def _scenario(presses: Sequence[Press], voice: Path | None) -> str:
    steps = []
    if voice is not None:
        steps.append(_action(f'rtp_stream="{escape(str(voice))},-1,8,PCMA/8000"'))
    for press in presses:
        steps.append(_pause(press.after_ms))
        if voice is not None:
            steps += [_action('rtp_stream="pause"'), _pause(60)]
        steps.append(_action(f'play_dtmf="{escape(press.keys)},{TONE_MS}"'))
        steps.append(_pause(press.count * 2 * TONE_MS + LEAD_MS))
        if voice is not None:
            steps.append(_action('rtp_stream="resume"'))
    return f"""<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="callers">
<send retrans="500"><![CDATA[{_request("INVITE", 1, "[service]@[remote_ip]:[remote_port]")}
Contact: <sip:caller@[local_ip]:[local_port]>
Content-Type: application/sdp
Content-Length: [len]

v=0
o=caller 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8 {DTMF_PAYLOAD}
a=rtpmap:8 PCMA/8000
a=rtpmap:{DTMF_PAYLOAD} telephone-event/8000
a=fmtp:{DTMF_PAYLOAD} 0-15
]]></send>
<recv response="100" optional="true"/>
<recv response="180" optional="true"/>
<recv response="183" optional="true"/>
<recv response="200" rrs="true"/>
<send><![CDATA[{_request("ACK", 1)}
Content-Length: 0

]]></send>
{chr(10).join(steps)}
<recv request="BYE" timeout="90000"/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
</scenario>
"""


def _answering(rings_ms: int, talks_ms: int) -> str:
    heads = "[last_Via:]\n[last_From:]\n[last_To:];tag=[pid]phone[call_number]\n[last_Call-ID:]\n"
    contact = "Contact: <sip:phone@[local_ip]:[local_port]>"
    return f"""<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="phones">
<recv request="INVITE" rrs="true"><action>
<ereg regexp=".*" search_in="hdr" header="From:" assign_to="caller"/>
<ereg regexp=".*" search_in="hdr" header="To:" assign_to="called"/>
</action></recv>
<send><![CDATA[
SIP/2.0 180 Ringing
{heads}[last_CSeq:]
{contact}
Content-Length: 0

]]></send>
{_pause(rings_ms)}
<send retrans="500"><![CDATA[
SIP/2.0 200 OK
{heads}[last_CSeq:]
{contact}
Content-Type: application/sdp
Content-Length: [len]

v=0
o=phone 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8
a=rtpmap:8 PCMA/8000
]]></send>
<recv request="ACK"/>
{_pause(talks_ms)}
<send retrans="500"><![CDATA[
BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From:[$called];tag=[pid]phone[call_number]
To:[$caller]
[last_Call-ID:]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="200"/>
</scenario>
"""


def _request(method: str, number: int, uri: str = "") -> str:
    first = f"{method} sip:{uri} SIP/2.0" if uri else f"{method} [next_url] SIP/2.0"
    to = "[service]@[remote_ip]:[remote_port]"
    return f"""
{first}
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[local_ip]:[local_port]>;tag=[pid]caller[call_number]
To: <sip:{to}>{"" if uri else "[peer_tag_param]"}
Call-ID: [call_id]
CSeq: {number} {method}
Max-Forwards: 70"""


def _action(what: str) -> str:
    return f"<nop><action><exec {what}/></action></nop>"


def _pause(milliseconds: int) -> str:
    return f'<pause milliseconds="{milliseconds}"/>'
