"""What the ledger answers about consents."""

from datetime import timedelta

from ivr.clock import FixedClock
from ivr.consent.ledger import Ledger
from tests.clinic.world import World

NUMBER = "+34600000009"


def test_the_last_decision_counts_and_earlier_ones_stay(
    ledger: Ledger, clock: FixedClock, world: World
) -> None:
    for decision in ("granted", "revoked"):
        clock.moment += timedelta(minutes=1)
        ledger.record(
            purpose="automated_calls",
            decision=decision,
            how="voice",
            wording_version="v1",
            patient_id=world.ana,
        )
    assert ledger.refused("automated_calls", patient_id=world.ana)
    assert not ledger.granted("automated_calls", patient_id=world.ana)
    (present,) = ledger.of(world.ana)
    assert present.decision == "revoked"


def test_a_no_for_a_number_holds_for_whoever_is_called_there(ledger: Ledger, world: World) -> None:
    ledger.record(
        purpose="automated_calls", decision="revoked", how="key", wording_version="v1",
        number=NUMBER,
    )  # fmt: skip
    assert ledger.refused("automated_calls", patient_id=world.luis, number=NUMBER)
    assert not ledger.refused("automated_calls", patient_id=world.luis, number="+34600000008")


def test_a_yes_runs_out(ledger: Ledger, clock: FixedClock, world: World) -> None:
    ledger.record(
        purpose="marketing_sms",
        decision="granted",
        how="agent",
        wording_version="v1",
        patient_id=world.ana,
        until=clock.now() + timedelta(days=730),
    )
    assert ledger.granted("marketing_sms", patient_id=world.ana)
    clock.moment += timedelta(days=731)
    assert not ledger.granted("marketing_sms", patient_id=world.ana)


def test_each_purpose_is_its_own(ledger: Ledger, world: World) -> None:
    ledger.record(
        purpose="recording", decision="granted", how="key", wording_version="v1",
        patient_id=world.ana,
    )  # fmt: skip
    assert not ledger.granted("automated_calls", patient_id=world.ana)
