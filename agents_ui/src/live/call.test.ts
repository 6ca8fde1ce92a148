import { expect, it } from "vitest";
import type { LiveCall, StreamEvent } from "@/api/types";
import { applied, begun, type CallOnAir, waits } from "./call";

const CALL = {
  id: "c",
  direction: "inbound",
  ani: "+34600111222",
  dnis: "",
  status: "live",
  agents: [],
  events: [],
  recordings: 0,
} as unknown as LiveCall;

function after(...events: Record<string, unknown>[]): CallOnAir {
  return events.reduce<CallOnAir>(
    (call, data, number) =>
      applied(call, {
        number,
        at: "2026-11-23T08:00:00Z",
        call_id: "c",
        data,
      } as unknown as StreamEvent),
    begun(CALL),
  );
}

const lucia = { type: "agent.connected", agent: "lucia" };
const mario = { type: "agent.connected", agent: "mario" };
const holds = (agent: string) => ({ type: "call.held", agent });
const asks = { type: "consult.started", agent: "lucia", kind: "agent", to: "mario" };
const answers = { type: "consult.answered", agent: "lucia", by: "mario" };

it("shows a caller on hold until the agent is back or gone", () => {
  const held = after(lucia, holds("lucia"));
  expect([held.holders, waits(held)]).toEqual([["lucia"], true]);
  const back = applied(held, event({ type: "call.resumed", agent: "lucia" }));
  expect([back.holders, waits(back)]).toEqual([[], false]);
  const gone = applied(held, event({ type: "agent.disconnected", agent: "lucia" }));
  expect(gone.holders).toEqual([]);
});

it("knows of each of two agents whether they hold the call", () => {
  const one = after(lucia, mario, holds("lucia"));
  expect([one.holders, waits(one)]).toEqual([["lucia"], false]);
  const both = applied(one, event(holds("mario")));
  expect([both.holders, waits(both)]).toEqual([["lucia", "mario"], true]);
  const back = applied(both, event({ type: "call.resumed", agent: "mario" }));
  expect([back.holders, waits(back)]).toEqual([["lucia"], false]);
  const left = applied(
    back,
    event({ type: "agent.disconnected", agent: "mario", others_stay: true }),
  );
  expect([left.holders, waits(left)]).toEqual([["lucia"], true]);
});

it("counts the time of talking from the first agent on", () => {
  expect(applied(after(lucia), event(mario)).talkingSince).toBe("2026-11-23T08:00:00Z");
});

it("leaves a caller with the clinic's people when one of them goes away", () => {
  expect(after(lucia, { type: "agent.disconnected", agent: "lucia" }).status).toBe("talking");
});

it("tells what became of a consultation until the agent goes on", () => {
  const declined = after(lucia, asks, { type: "consult.ended", agent: "lucia", result: "busy" });
  expect(declined).toMatchObject({ consult: null, consulted: { to: "mario", result: "busy" } });
  const again = applied(declined, event(asks));
  expect(again).toMatchObject({ consult: { to: "mario" }, consulted: null });
  const handed = applied(
    applied(applied(again, event(answers)), event({ ...asks, type: "consult.ended" })),
    event({ type: "call.handed_over", agent: "lucia", how: "warm", kind: "agent", to: "mario" }),
  );
  expect(handed.consulted).toBeNull();
});

it("shows who is asked, and the call with that one after it was handed over", () => {
  expect(after(lucia, asks).consult).toMatchObject({ to: "mario", answered: false });
  const talking = after(lucia, asks, answers);
  expect(talking.consult).toMatchObject({ by: "mario", answered: true });
  const handed = after(
    lucia,
    asks,
    answers,
    { type: "consult.ended", agent: "lucia", result: "answered" },
    { type: "agent.connected", agent: "mario" },
    { type: "agent.disconnected", agent: "lucia", others_stay: true },
  );
  expect(handed).toMatchObject({
    consult: null,
    talkers: ["mario"],
    talkingTo: "mario",
    status: "talking",
  });
});

it("knows a conference until only two are left", () => {
  const legs = ["caller", "lucia", "mario"].map((channel) => ({
    type: "leg.started",
    channel,
    kind: "other",
  }));
  const three = after(...legs, lucia, asks, answers, {
    type: "conference.started",
    agent: "lucia",
  });
  expect(three.conference).toBe(true);
  expect(applied(three, event({ type: "leg.ended", channel: "lucia" })).conference).toBe(false);
});

it("tells a lost phone until its agent is back", () => {
  const lost = after(lucia, { type: "agent.lost", agent: "lucia" });
  expect(lost.lostBy).toBe("lucia");
  expect(applied(lost, event(lucia)).lostBy).toBe("");
});

function event(data: Record<string, unknown>): StreamEvent {
  return { number: 99, at: "2026-11-23T08:01:00Z", call_id: "c", data } as unknown as StreamEvent;
}
