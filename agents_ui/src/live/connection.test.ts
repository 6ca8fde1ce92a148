import { expect, it, vi } from "vitest";
import type { StreamMessage } from "@/api/types";
import { LiveConnection } from "./connection";

function connected() {
  const send = vi.fn();
  const socket = { close: vi.fn(), send, readyState: WebSocket.OPEN } as unknown as WebSocket;
  const live = new LiveConnection("/events", () => socket);
  live.start();
  const say = (message: object) =>
    socket.onmessage?.({ data: JSON.stringify(message) } as MessageEvent);
  return { live, say, send };
}

function pulse(number: number): StreamMessage {
  return { kind: "pulse", number, now: "2026-11-22T10:00:00Z" } as StreamMessage;
}

it("tells of many messages that came together once, when all have been taken in", async () => {
  const { live, say } = connected();
  say({ kind: "snapshot", number: 1, now: "2026-11-22T10:00:00Z", calls: [] });
  await new Promise((turn) => setTimeout(turn, 20));
  const told: number[] = [];
  live.subscribe(() => told.push(live.current().number));
  for (let number = 2; number <= 50; number++) say(pulse(number));
  expect(told).toEqual([]);
  await vi.waitFor(() => expect(told).toEqual([50]));
  live.stop();
});

it("takes a line for lost that has been silent for long, and no other", () => {
  vi.useFakeTimers();
  try {
    const { live, say } = connected();
    for (let number = 2; number < 6; number++) {
      vi.advanceTimersByTime(20_000);
      say(pulse(number));
      expect(live.current().connection).toBe("live");
    }
    vi.advanceTimersByTime(24_900);
    expect(live.current().connection).toBe("live");
    vi.advanceTimersByTime(200);
    expect(live.current().connection).toBe("lost");
    live.stop();
  } finally {
    vi.useRealTimers();
  }
});

it("asks for the wallboard while somebody looks at it", () => {
  const { live, send } = connected();
  const first = live.watchBoard();
  const second = live.watchBoard();
  first();
  second();
  expect(send.mock.calls).toEqual([
    ['{"kind":"watch","board":true}'],
    ['{"kind":"watch","board":false}'],
  ]);
  live.stop();
});
