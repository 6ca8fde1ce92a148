import { expect, it } from "vitest";
import type { LiveCall, StreamEvent } from "@/api/types";
import { applied, begun, type CallOnAir } from "./call";

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
const asks = { type: "consult.started", agent: "lucia", kind: "agent", to: "mario" };
const answers = { type: "consult.answered", agent: "lucia", by: "mario" };

it("shows a caller on hold until the agent is back or gone", () => {
  const held = after(lucia, { type: "call.held", agent: "lucia" });
  expect(held.heldBy).toBe("lucia");
  expect(applied(held, event({ type: "call.resumed", agent: "lucia" })).heldBy).toBe("");
  const gone = applied(held, event({ type: "agent.disconnected", agent: "lucia" }));
  expect([gone.heldBy, gone.status]).toEqual(["", "live"]);
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
