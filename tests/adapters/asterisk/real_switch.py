"""A real Asterisk with the least configuration, for tests of what is on its wires.

Callers are ``Local`` channels: one half runs what is tested, the other plays the caller
with the dialplan below.
"""

import re
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from ivr.adapters.asterisk import launch
from ivr.config import PROJECT

MODULES = """
app_dial app_exec app_mixmonitor app_playback app_queue app_record app_senddtmf app_stack
app_userevent bridge_builtin_features bridge_holding bridge_simple bridge_softmix codec_alaw
codec_resample codec_ulaw format_pcm format_wav func_callerid func_channel func_shell
func_strings func_uri pbx_config res_aeap res_agi res_clioriginate res_http_websocket
res_musiconhold res_sorcery_config res_speech res_speech_aeap res_timing_timerfd
res_websocket_client
""".split()  # noqa: SIM905 -- a list of this length reads better as text

DIALPLAN = """
[general]
static=yes
[caller]
exten => silent,1,Answer()
 same => n,Wait(30)
exten => _press-.,1,Answer()
 same => n,Wait(0.7)
 same => n,SendDTMF(${EXTEN:6},0.1,0.1)
 same => n,Wait(30)
exten => _leave-.,1,Answer()
 same => n,Wait(0.${EXTEN:6})
 same => n,Hangup()
exten => _speak-.,1,Answer()
 same => n,Playback(${CALLER_SAYS})
 same => n,Wait(30)
exten => speaks-and-goes,1,Answer()
 same => n,Playback(${CALLER_SAYS})
 same => n,Hangup()
exten => _hear-.,1,Answer()
 same => n,MixMonitor(${HEARD}.wav,r(${HEARD}-in.wav))
 same => n,Wait(0.7)
 same => n,SendDTMF(${EXTEN:5},0.1,0.1)
 same => n,Wait(30)
[hostile]
exten => s,1,Answer()
 same => n,Set(CALLERID(name)=${URIDECODE(${HOSTILE})})
 same => n,AGI(${APPLICATION})
[application]
exten => s,1,Answer()
 same => n,Set(AGIEXITONHANGUP=yes)
 same => n,AGI(${APPLICATION})
 same => n,Wait(30)
[rescue]
exten => s,1,Set(RESCUED=yes)
 same => n,Wait(30)
[reception]
exten => s,1,Answer()
 same => n,AGI(${APPLICATION})
 same => n,Set(QUEUE_PRIO=10)
 same => n,Queue(recepcion,,,,${QUEUE_WAIT})
 same => n,UserEvent(AuriculaMessage,Conversation: ${AURICULA_CALL},File: ${MESSAGE_FILE})
 same => n,Wait(30)
exten => surgery,1,Answer()
 same => n,AGI(${APPLICATION})
 same => n,Queue(cirugia,,,,30)
 same => n,Wait(30)
[outbound]
exten => s,1,Goto(application,s,1)
[agents]
exten => lucia,1,Answer()
 same => n,Wait(30)
exten => absent,1,Wait(30)
[talk]
exten => s,1,Answer()
 same => n,Wait(30)
"""


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(s.getsockname()[1]) for s in sockets]
    for one in sockets:
        one.close()
    return ports


@dataclass
class Switch:
    """A running Asterisk."""

    folder: Path
    ami_port: int
    aeap_port: int
    secret: str = "test-secret"
    extra: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def config(self) -> Path:
        return self.folder / "etc" / "asterisk.conf"

    @property
    def log(self) -> str:
        return (self.folder / "log" / "full").read_text(errors="replace")

    def start(self) -> None:
        for name, text in self._files().items():
            (self.folder / "etc").mkdir(parents=True, exist_ok=True)
            (self.folder / "etc" / name).write_text(text)
        for name in ("lib", "db", "spool", "run", "log", "keys"):
            (self.folder / name).mkdir(exist_ok=True)
        self.process = subprocess.Popen(
            launch.command(self.config),
            env=launch.environment(),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=(self.folder / "console").open("wb"),
            stderr=subprocess.STDOUT,
        )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", self.ami_port), 1) as connection:
                    if connection.recv(8).startswith(b"Asterisk"):
                        break
            except OSError:
                pass
            time.sleep(0.05)
        else:
            raise RuntimeError((self.folder / "console").read_text(errors="replace"))
        while "Asterisk Ready" not in self.log and time.monotonic() < deadline:
            time.sleep(0.05)

    def stop(self, *, kill: bool = False) -> None:
        if self.process is not None:
            if kill:
                self.process.kill()
            else:
                self.process.terminate()
            self.process.wait(20)
            self.process = None

    def cli(self, line: str) -> str:
        done = subprocess.run(
            launch.control(self.config, line),
            env=launch.environment(),
            capture_output=True,
            timeout=20,
            check=False,
        )
        return done.stdout.decode(errors="replace")

    def _files(self) -> dict[str, str]:
        root = launch.find_root()
        here = self.folder
        return {
            "asterisk.conf": f"""
[directories]
astetcdir => {here}/etc
astmoddir => {launch.module_dir(root)}
astvarlibdir => {here}/lib
astdbdir => {here}/db
astkeydir => {here}/keys
astdatadir => {launch.data_dir(root)}
astagidir => {here}/lib
astspooldir => {here}/spool
astrundir => {here}/run
astlogdir => {here}/log
[options]
verbose=3
defaultlanguage=es_MX_f_Allison
documentation_language=en_US
hideconnect=yes
live_dangerously=no
""",
            "modules.conf": "[modules]\nautoload=no\n"
            + "".join(f"load={name}.so\n" for name in MODULES),
            "logger.conf": "[general]\n[logfiles]\nfull => notice,warning,error,verbose\n",
            "extensions.conf": DIALPLAN,
            "queues.conf": "[general]\npersistentmembers=no\n[recepcion]\nstrategy=rrmemory\n"
            "timeout=1\nretry=1\nwrapuptime=0\n[cirugia]\nleavewhenempty=invalid\n",
            "musiconhold.conf": "",
            "http.conf": "[general]\nenabled=no\n",
            "stasis.conf": "",
            "cdr.conf": "[general]\nenable=no\n",
            "features.conf": "",
            "aeap.conf": f"[recognizer]\ntype=client\nprotocol=speech_to_text\n"
            f"url=ws://127.0.0.1:{self.aeap_port}\ncodecs=!all,slin\n",
            "manager.conf": self._application_user()
            + f"""
[general]
enabled=yes
bindaddr=127.0.0.1
port={self.ami_port}
[test]
secret={self.secret}
deny=0.0.0.0/0.0.0.0
permit=127.0.0.1/255.255.255.255
read=all
write=all
""",
            **self.extra,
        }

    def _application_user(self) -> str:
        """The application's manager user exactly as it is deployed."""
        template = (PROJECT / "asterisk-config" / "manager.conf.j2").read_text()
        user = template[template.index("[auricula]") : template.index("; The watchdog")]
        watchdog = template[template.index("[watchdog]") : template.index("[reload]")]
        return re.sub(r"secret = .*", f"secret = {self.secret}", user + watchdog)


def new_switch() -> Switch:
    """A switch in a fresh folder with a short path (its control socket allows 107 bytes)."""
    ami_port, aeap_port = free_ports(2)
    return Switch(Path(tempfile.mkdtemp(prefix="switch-")), ami_port, aeap_port)


def remove(switch: Switch) -> None:
    """Stop it and delete its folder."""
    switch.stop()
    shutil.rmtree(switch.folder, ignore_errors=True)
