import { expect, it } from "vitest";
import { graded, sampled } from "./quality";

it("calls a clean connection good and one that loses a tenth poor, and says why", () => {
  expect(graded({ rtt: 0.04, jitter: 0.003, loss: 0 }).grade).toBe("good");
  const lossy = graded({ rtt: 0.04, jitter: 0.003, loss: 0.1 });
  expect([lossy.grade, lossy.cause]).toEqual(["poor", "loss"]);
  const far = graded({ rtt: 0.6, jitter: 0.005, loss: 0 });
  expect([far.grade, far.cause]).toEqual(["poor", "delay"]);
  const shaky = graded({ rtt: 0.05, jitter: 0.18, loss: 0 });
  expect([shaky.grade, shaky.cause]).toEqual(["poor", "jitter"]);
});

it("counts what was lost since the last look, not since the call began", () => {
  const inbound = { type: "inbound-rtp", kind: "audio", jitter: 0.002 };
  const first = sampled([{ ...inbound, packetsLost: 50, packetsReceived: 950 }], null);
  const then = sampled([{ ...inbound, packetsLost: 50, packetsReceived: 1050 }], first.counted);
  expect(then.sample.loss).toBe(0);
  const worse = sampled([{ ...inbound, packetsLost: 60, packetsReceived: 1140 }], then.counted);
  expect(worse.sample.loss).toBeCloseTo(0.1);
});

it("takes the round trip from what the other side reports", () => {
  const reported = {
    type: "remote-inbound-rtp",
    kind: "audio",
    roundTripTime: 0.08,
    fractionLost: 0.02,
  };
  expect(sampled([reported], null).sample).toEqual({ rtt: 0.08, jitter: 0, loss: 0.02 });
});
