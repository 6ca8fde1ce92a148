"""What an agent does over REST while somebody is on the line."""

from datetime import UTC, datetime, timedelta

from ivr.clinic.schemas import SlotQuery
from ivr.flow import events as e
from tests.web.conftest import MADRID, MEXICO, Console, OpenScreen


def test_an_agent_books_moves_and_cancels_and_every_screen_of_the_branch_hears(
    console: Console, screen: OpenScreen
) -> None:
    agenda = console.services.agenda
    free = agenda.find_slots(SlotQuery(service_id=1, branch_id=MADRID, limit=2))
    call = console.call()
    console.happens(call, e.AgentConnected(agent="lucia"))
    with console.browser("lucia") as lucia, screen("marta") as marta:
        place = {
            "professional_id": free[0].professional_id,
            "branch_id": MADRID,
            "starts_at": free[0].starts_at.isoformat(),
        }
        booking = {**place, "service_id": 1, "patient_id": 4, "call_id": call}
        made = lucia.post("/api/v1/appointments", json=booking)
        assert made.status_code == 201, made.text
        visit = made.json()["id"]
        late = lucia.post("/api/v1/appointments", json={**booking, "patient_id": 1})
        assert (late.status_code, late.json()["code"]) == (409, "slot_taken")
        target = {
            "professional_id": free[1].professional_id,
            "branch_id": MADRID,
            "starts_at": free[1].starts_at.isoformat(),
        }
        moved = lucia.post(f"/api/v1/appointments/{visit}/move", json=target)
        assert moved.status_code == 200, moved.text
        for change, status in (("confirm", "confirmed"), ("cancel", "cancelled"),
                               ("restore", "confirmed"), ("arrive", "arrived")):  # fmt: skip
            answer = lucia.post(f"/api/v1/appointments/{visit}/{change}")
            assert answer.json()["status"] == status, answer.text
            if change == "restore":
                console.clock.moment = free[1].starts_at
        heard = marta.events(console.stream.last_number())
    changes = [x["data"]["change"] for x in heard if x["data"]["type"] == "appointment.changed"]
    assert changes == ["booked", "moved", "confirmed", "cancelled", "restored", "arrived"]
    assert {x["data"]["agent"] for x in heard if x["data"]["type"] == "appointment.changed"} == {
        "lucia"
    }
    assert heard[0]["call_id"] == call


def test_a_slot_held_in_a_call_of_another_branch_shows_in_the_agenda_it_is_in(
    console: Console, screen: OpenScreen
) -> None:
    agenda = console.services.agenda
    slot = agenda.find_slots(SlotQuery(service_id=1, branch_id=MADRID, limit=1))[0]
    call = console.call("+525550000001", branch=2)
    console.happens(call, e.AgentConnected(agent="diego"))
    with screen("lucia") as lucia, screen("diego") as diego:
        agenda.hold(slot, call_id=call)
        last = console.happens(call, e.PromptSaid(text="¿Le viene bien?"))
        end = console.stream.publish(e.AttemptChanged(attempt_id=1, status="x"))
        heard = [x["data"]["type"] for x in lucia.events(end)]
        assert heard == ["appointment.changed", "attempt.changed"]
        assert [x["number"] for x in diego.events(end)][-2:] == [last, end]


def test_the_agent_says_who_is_on_the_line_and_the_file_follows(
    console: Console, screen: OpenScreen
) -> None:
    call = console.call("+34699111222")
    console.happens(call, e.AgentConnected(agent="lucia"))
    with console.browser("lucia") as lucia, screen("lucia") as seen:
        seen.message("snapshot")
        answer = lucia.put(f"/api/v1/calls/{call}/patient", json={"patient_id": 4})
        assert answer.status_code == 204
        while not (shown := seen.message("caller"))["caller"]["file"]:
            pass
        assert shown["caller"]["file"]["patient"]["id"] == 4
        lucia.post(
            "/api/v1/patients/4/notes", json={"text": "Llega con su hija", "call_id": call}
        ).raise_for_status()
        noted = seen.message("caller")["caller"]["file"]["note_list"]
    assert [(x["text"], x["author"], x["call_id"]) for x in noted] == [
        ("Llega con su hija", "Lucía", call)
    ]


def test_each_is_told_which_of_their_branches_are_open_and_until_when(console: Console) -> None:
    console.clock.moment = datetime(2026, 11, 27, 18, 40, tzinfo=UTC)  # a Friday
    with console.browser("marta") as marta, console.browser("lucia") as lucia:
        both = marta.get("/api/v1/clinic/opening").json()
        own = lucia.get("/api/v1/clinic/opening").json()
    assert both["now"] == "2026-11-27T18:40:00Z"
    assert own["branches"] == both["branches"][:1]
    madrid, mexico = both["branches"]
    assert (madrid["branch_id"], madrid["open"]) == (MADRID, True)
    assert (mexico["branch_id"], mexico["open"]) == (MEXICO, True)
    console.clock.moment = datetime.fromisoformat(madrid["changes_at"])
    with console.browser("lucia") as lucia:
        [closed] = lucia.get("/api/v1/clinic/opening").json()["branches"]
    assert not closed["open"]
    assert closed["changes_at"] > madrid["changes_at"]


def test_a_task_goes_from_desk_to_desk_with_its_deadline(console: Console) -> None:
    due = (console.clock.now() + timedelta(hours=3)).isoformat()
    with console.browser("lucia") as lucia:
        colleagues = {
            x["username"]: x["id"] for x in lucia.get("/api/v1/clinic").json()["colleagues"]
        }
        made = lucia.post(
            "/api/v1/tickets", json={"summary": "Llamar", "number": "600 11 22 33", "due_at": due}
        ).json()
        assert (made["owner"], made["number"], made["branch_id"]) == ("Lucía", "600112233", MADRID)
        address = f"/api/v1/tickets/{made['id']}"
        wrong = lucia.put(f"{address}/owner", json={"owner_id": colleagues["diego"]})
        assert wrong.status_code == 422
        given = lucia.put(f"{address}/owner", json={"owner_id": colleagues["marta"]}).json()
        assert given["owner"] == "Marta Sanz"
        later = (console.clock.now() + timedelta(days=1)).isoformat()
        put_off = lucia.put(f"{address}/deadline", json={"due_at": later}).json()
        assert put_off["due_at"][:16] == later[:16]
        assert lucia.post(f"{address}/close").json()["status"] == "closed"
        assert lucia.post(f"{address}/reopen").json()["status"] == "open"
    kinds = [x.data["change"] for x in console.stream.after(0) if x.type == "ticket.changed"]
    assert kinds == ["opened", "assigned", "due", "closed", "reopened"]
