"""A call from SIPp to SIPp, through the real switch and its dialplan alone."""

import shutil
from pathlib import Path

import pytest

from ivr.adapters.asterisk.ami import AmiClient
from ivr.bench import sipp
from ivr.bench.console import PHONES, phone_of
from ivr.bench.installation import Installation, free_ports
from ivr.config import settings

pytestmark = [
    pytest.mark.network,
    pytest.mark.skipif(shutil.which("sipp") is None, reason="SIPp (sip-tester) is not installed"),
]


def test_who_calls_is_answered_by_a_phone_of_the_queue_and_the_carrier_hears_no_more_of_it(
    tmp_path: Path,
) -> None:
    carrier, desk = free_ports(2, 38000)
    clinic = Installation(
        tmp_path,
        first_port=38010,
        trunk_contact=f"127.0.0.2:{carrier}",
        cache=settings().cache,
        log_level="WARNING",
    )
    where = clinic.configure()
    (where.local / "pjsip.conf").write_text(phone_of("desk-00", desk))
    (where.local / "manager.conf").write_text("[test]\nsecret = test\nwrite = agent\n")
    phones = sipp.phones(
        tmp_path / "phones",
        address=PHONES,
        sip_port=desk,
        media_port=46_000,
        rings_ms=200,
        talks_ms=400,
    )
    try:
        clinic.start("asterisk")
        manager = AmiClient(
            port=clinic.settings.ami_port, username="test", secret="test", on_event=None
        )
        manager.connect()
        assert manager.wait_connected(5)
        manager.action("QueueAdd", {"Queue": "recepcion", "Interface": "PJSIP/desk-00"})
        with phones:
            # Nothing answers AGI: the dialplan takes the caller to the queue by itself.
            done = sipp.play(
                tmp_path / "caller",
                (),
                [("+34600000001",)],
                target=f"127.0.0.1:{clinic.settings.sip_port}",
                number="+34910000000",
                voice=None,
                sip_port=carrier,
                media_port=45_000,
                timeout_s=60,
            )
        manager.disconnect()
        # A caller of SIPp's fails at any request but the BYE, a re-INVITE for one.
        assert (done.successful, done.failed, done.errors) == (1, 0, "")
    finally:
        clinic.stop_all()
