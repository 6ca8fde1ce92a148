"""The outside world: a second Asterisk that is the carrier and everybody with a phone."""

import queue
import secrets
import shutil
import subprocess
import time
import uuid
from pathlib import Path
from string import Template
from typing import Literal

from ivr.adapters.asterisk import launch
from tests.telephone_network.ami import Manager, ManagerError, Packet
from tests.telephone_network.hearing import Pcm
from tests.telephone_network.media import Attributes, MediaServer, command
from tests.telephone_network.person import NotHeard, Person
from tests.telephone_network.ports import take

CONFIG = Path(__file__).parent / "config"
UNUSED = (
    "acl", "ccss", "cdr", "cel", "features", "indications", "pjproject", "stasis", "udptl"
)  # fmt: skip
"""Configuration files the switch asks for and this network leaves empty."""
FORBIDDEN = set('\r\n,"&;${}[]()|')
"""What a caller's name or number may not hold here: raw_sip.py sends those."""

Behaviour = Literal["ring", "busy", "congested"]


class TelephoneNetwork:
    """Carrier on ``address``; people call the clinic and are called through it.

    ``clinic`` is ``host:port`` of the clinic's SIP. Use as a context manager.
    """

    def __init__(
        self, folder: Path, *, clinic: str, address: str = "127.0.0.2", sip_port: int = 0
    ) -> None:
        self.folder = folder
        self.address = address
        self.clinic = clinic
        self.sip_port = sip_port or take()
        self.callers: dict[str, Person] = {}
        self._callees: dict[str, queue.Queue[Person]] = {}
        self._called: dict[str, Person] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._manager: Manager | None = None
        self._media: MediaServer | None = None

    # --- life --------------------------------------------------------------------------

    def __enter__(self) -> "TelephoneNetwork":
        self.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the switch and connect to it."""
        media_port, ami_port, secret = take(), take(), secrets.token_hex(8)
        root = launch.find_root()
        config, state = self.folder / "config", self.folder / "state"
        for place in (config, state, state / "keys"):
            place.mkdir(parents=True, exist_ok=True)
        for name in UNUSED:
            (config / f"{name}.conf").touch()
        values = {
            "config": config,
            "state": state,
            "modules": launch.module_dir(root),
            "data": launch.data_dir(root),
            "address": self.address,
            "sip_port": self.sip_port,
            "clinic": self.clinic,
            "clinic_host": self.clinic.partition(":")[0],
            "ami_port": ami_port,
            "media_port": media_port,
            "secret": secret,
            "rtp_first": (rtp := take(202)),
            "rtp_last": rtp + 200,
        }
        for template in CONFIG.glob("*.conf"):
            text = Template(template.read_text()).substitute(values)
            (config / template.name).write_text(text)
        self._media = MediaServer(media_port, self._welcome)
        with (self.folder / "console.log").open("wb") as log:
            self._process = subprocess.Popen(
                launch.command(config / "asterisk.conf"),
                env=launch.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        deadline = time.monotonic() + 30
        while self._manager is None:
            try:
                self._manager = Manager(ami_port, secret, self._event)
            except (OSError, ManagerError) as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    raise RuntimeError(
                        f"the outside Asterisk did not start: see {self.folder}"
                    ) from error
                time.sleep(0.1)
        while not self._ready():
            if time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"the outside Asterisk is not ready: see {self.folder}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop everything that was started."""
        if self._manager is not None:
            self._manager.close()
            self._manager = None
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(10)
            self._process = None
        if self._media is not None:
            self._media.close()
            self._media = None

    def forget(self) -> None:
        """Remove the run-time folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- people who call ---------------------------------------------------------------

    def call(
        self,
        to: str,
        *,
        number: str,
        name: str = "",
        withheld: bool = False,
        carries_silence: bool = True,
        wait: bool = True,
    ) -> Person:
        """Somebody dials the clinic; returns once it answers (``wait``)."""
        for text in (to, number, name):
            if FORBIDDEN & set(text):
                raise ValueError(f"send {text!r} with raw_sip instead")
        line = f"caller-{uuid.uuid4().hex[:12]}"
        person = Person(line, self, number=number, other=to, carries_silence=carries_silence)
        self.callers[line] = person
        self.manager.action(
            "Originate",
            Channel=f"WebSocket/people/c(slin)v(line={line})",
            ChannelId=line,
            Context="caller",
            Exten="s",
            Priority=1,
            Async="true",
            Timeout=10000,
            Variable=[
                f"FROM_NUMBER={number}",
                f"FROM_NAME={name}",
                f"FROM_PRESENTATION={'prohib' if withheld else 'allowed'}",
                f"TO_NUMBER={to}",
            ],
        )
        if wait:
            person.wait_for_answer()
        return person

    # --- people who are called ---------------------------------------------------------

    def number(self, number: str, behaviour: Behaviour = "ring") -> None:
        """Give a number to somebody; other numbers are unallocated (cause 1)."""
        self._callees[number] = queue.Queue()
        self.manager.action("DBPut", Family="behaviour", Key=number, Val=behaviour)

    def rung(self, number: str, timeout: float = 15) -> Person:
        """The person at ``number``, whose phone rings now; they have not answered yet."""
        try:
            return self._callees[number].get(timeout=timeout)
        except queue.Empty:
            raise NotHeard(f"nobody called {number} in {timeout:g} s") from None

    def calls_waiting(self, number: str) -> int:
        """Calls to ``number`` that nobody took from :meth:`rung` yet."""
        return self._callees[number].qsize()

    # --- the switch --------------------------------------------------------------------

    @property
    def manager(self) -> Manager:
        """The manager connection of the outside switch."""
        if self._manager is None:
            raise RuntimeError("the telephone network is not running")
        return self._manager

    def channels(self) -> int:
        """Channels open on the outside switch."""
        answer = self.manager.action("CoreStatus")
        return int(answer.get("CoreCurrentCalls", "0"))

    def everybody_hangs_up(self) -> None:
        """Put down every telephone outside."""
        self.manager.action("Hangup", Channel="/.*/", Cause=16)

    def wait_until_idle(self, timeout: float = 10) -> None:
        """Until no channel is open; raises :class:`NotHeard` (and clears up) when one stays."""
        deadline = time.monotonic() + timeout
        while open_now := self.channels():
            if time.monotonic() > deadline:
                self.everybody_hangs_up()
                raise NotHeard(f"{open_now} channels are still open on the outside switch")
            time.sleep(0.05)

    def send_sound(self, person: Person, samples: Pcm) -> None:
        assert self._media is not None
        self._media.send_sound(person, samples)

    def answer(self, person: Person) -> None:
        assert self._media is not None
        self._media.answer(person)

    def hang_up(self, person: Person) -> None:
        assert self._media is not None
        self._media.send(person, command("HANGUP"))

    def send_key(self, person: Person, digit: str) -> None:
        self.manager.action(
            "PlayDTMF", Channel=person.channel, Digit=digit, Duration=120, Receive="true"
        )

    def _ready(self) -> bool:
        answer = self.manager.action("CoreStatus")
        return answer.get("CoreStartupTime", "") != ""

    def _welcome(self, attributes: Attributes) -> Person | None:
        line = attributes.get("line", "")
        if line in self.callers:
            return self.callers[line]
        number = attributes.get("number", "")
        if number not in self._callees:
            return None
        other = attributes.get("from", "")
        person = Person(line, self, number=number, other=other, called=True)
        self._called[line] = person
        self._callees[number].put(person)
        return person

    def _event(self, packet: Packet) -> None:
        person = self.callers.get(packet.get("Linkedid", "")) or self._called.get(
            packet.get("Linkedid", "")
        )
        match packet["Event"]:
            case "DialEnd":
                person = self.callers.get(packet.get("Uniqueid", ""))
                if person and packet.get("DialStatus") == "ANSWER":
                    person.note_answered()
            case "Hangup" if person and packet.get("Channel", "").startswith("PJSIP/"):
                person.note_ended(int(packet.get("Cause", "0")))
