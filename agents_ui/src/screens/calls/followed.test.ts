import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { CallOnAir } from "@/live/call";
import { LINGER_MS, useFollowed } from "./followed";

const call = (id: string) => ({ id, sight: "full" }) as unknown as CallOnAir;

interface Screen {
  asked?: string | undefined;
  air: CallOnAir[];
  ended?: CallOnAir[];
  busy?: boolean;
}

function reading(start: Screen) {
  const hook = renderHook(
    ({ asked, air, ended = [], busy = false }: Screen) =>
      useFollowed(asked, new Map(air.map((one) => [one.id, one])), ended, air, busy)?.id,
    { initialProps: start },
  );
  return {
    shown: () => hook.result.current,
    now: (screen: Screen) => hook.rerender(screen),
  };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("goes on with a call while it lasts, whoever comes before it in the list", () => {
  const screen = reading({ air: [call("a")] });
  screen.now({ air: [call("urgent"), call("a")] });
  expect(screen.shown()).toBe("a");
});

it("shows the next call at once when a call ends and few are on air", () => {
  const screen = reading({ air: [call("a"), call("b")] });
  screen.now({ air: [call("b")], ended: [call("a")] });
  expect(screen.shown()).toBe("b");
});

it("leaves time to read how a call ended when many are on air", () => {
  const screen = reading({ air: [call("a"), call("b")], busy: true });
  screen.now({ air: [call("b")], ended: [call("a")], busy: true });
  expect(screen.shown()).toBe("a");
  screen.now({ air: [call("b")], ended: ["c", "d", "e"].map(call), busy: true });
  expect(screen.shown()).toBe("a");
  act(() => void vi.advanceTimersByTime(LINGER_MS));
  expect(screen.shown()).toBe("b");
});

it("shows the call that is asked for whatever else is being read", () => {
  const screen = reading({ air: [call("a"), call("b")], busy: true });
  screen.now({ air: [call("b")], ended: [call("a")], busy: true, asked: "b" });
  expect(screen.shown()).toBe("b");
});
