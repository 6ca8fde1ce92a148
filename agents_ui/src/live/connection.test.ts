import { afterEach, expect, it, vi } from "vitest";
import type { StreamMessage } from "@/api/types";
import { BEAT_MS, LiveConnection, OPENING_MS, SILENCE_MS } from "./connection";

afterEach(() => vi.useRealTimers());

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

const SNAPSHOT = { kind: "snapshot", number: 1, now: "2026-11-22T10:00:00Z", calls: [] };
const PULSE_MS = 3_000;

/** A page at a server that has spoken, with a beat of its own. */
function atTheDesk() {
  vi.useFakeTimers();
  let sockets = 0;
  let current: WebSocket;
  let beat = () => {};
  const live = new LiveConnection(
    "/events",
    () => {
      sockets += 1;
      current = { close: vi.fn() } as unknown as WebSocket;
      return current;
    },
    (_, look) => {
      beat = look;
      return () => {};
    },
  );
  live.start();
  const say = (message: object) =>
    current.onmessage?.({ data: JSON.stringify(message) } as MessageEvent);
  /** Time goes by for everybody; the page looks every ``every``. */
  const goesBy = (ms: number, every = BEAT_MS) => {
    for (let gone = 0; gone < ms; gone += every) {
      vi.advanceTimersByTime(Math.min(every, ms - gone));
      beat();
    }
  };
  return { live, say, goesBy, beat: () => beat(), opened: () => sockets };
}

it("says within twelve seconds that a server which hangs is not there, and tries again", () => {
  const { live, say, goesBy, opened } = atTheDesk();
  say(SNAPSHOT);
  goesBy(SILENCE_MS - BEAT_MS);
  expect(live.current().connection).toBe("live");
  goesBy(2 * BEAT_MS);
  expect(live.current().connection).toBe("lost");
  expect(opened()).toBe(2);
  say(SNAPSHOT);
  expect(live.current().connection).toBe("live");
  live.stop();
});

it("gives a slow network time for the first word, which is a long one", () => {
  const { live, say, goesBy, opened } = atTheDesk();
  goesBy(OPENING_MS - BEAT_MS);
  expect(opened()).toBe(1);
  say(SNAPSHOT);
  expect(live.current().connection).toBe("live");
  live.stop();
});

it("does not mind words that are late on a slow network", () => {
  const { live, say, goesBy, opened } = atTheDesk();
  say(SNAPSHOT);
  for (let number = 2; number < 10; number++) {
    goesBy(SILENCE_MS - BEAT_MS);
    say(pulse(number));
  }
  expect([live.current().connection, opened()]).toEqual(["live", 1]);
  live.stop();
});

it("lets a hidden page whose looks come once a minute neither alarm nor miss", () => {
  const { live, say, beat, goesBy, opened } = atTheDesk();
  say(SNAPSHOT);
  for (let minute = 0; minute < 3; minute++) {
    for (let gone = 0; gone < 60_000; gone += PULSE_MS) {
      vi.advanceTimersByTime(PULSE_MS);
      say(pulse(2));
    }
    beat();
  }
  expect([live.current().connection, opened()]).toEqual(["live", 1]);
  goesBy(120_000, 60_000);
  expect(live.current().connection).toBe("lost");
  live.stop();
});

it("does not take its own sleep for the server's", () => {
  const { live, say, goesBy, opened } = atTheDesk();
  say(SNAPSHOT);
  goesBy(600_000, 600_000);
  goesBy(BEAT_MS);
  say(pulse(2));
  goesBy(SILENCE_MS - BEAT_MS);
  expect([live.current().connection, opened()]).toEqual(["live", 1]);
  live.stop();
});

it("looks at once when the page is looked at again", () => {
  const { live, say, beat } = atTheDesk();
  say(SNAPSHOT);
  vi.advanceTimersByTime(9_000);
  beat();
  vi.advanceTimersByTime(2_000);
  document.dispatchEvent(new Event("visibilitychange"));
  expect(live.current().connection).toBe("lost");
  live.stop();
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
