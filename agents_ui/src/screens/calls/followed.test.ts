import { renderHook } from "@testing-library/react";
import { expect, it } from "vitest";
import type { CallOnAir } from "@/live/call";
import { useFollowed } from "./followed";

const call = (id: string) => ({ id, sight: "full", status: "live" }) as unknown as CallOnAir;
const over = (id: string): CallOnAir => ({ ...call(id), status: "ended" });

interface Screen {
  asked?: string | undefined;
  air: CallOnAir[];
  ended?: CallOnAir[];
  own?: CallOnAir | undefined;
}

function reading(start: Screen) {
  const hook = renderHook(
    ({ asked, air, ended = [], own }: Screen) =>
      useFollowed(asked, new Map(air.map((one) => [one.id, one])), ended, own),
    { initialProps: start },
  );
  return {
    shown: () => hook.result.current?.id,
    now: (screen: Screen) => hook.rerender(screen),
  };
}

it("shows the only call there is, and goes on with it when others come", () => {
  const screen = reading({ air: [call("a")] });
  expect(screen.shown()).toBe("a");
  screen.now({ air: [call("urgent"), call("a")] });
  expect(screen.shown()).toBe("a");
});

it("shows none of many that nobody chose", () => {
  expect(reading({ air: [call("a"), call("b")] }).shown()).toBeUndefined();
});

it("shows the next call at once when a call ends and only one is left", () => {
  const screen = reading({ air: [call("a"), call("b")], asked: "a" });
  screen.now({ air: [call("b")], ended: [over("a")] });
  expect(screen.shown()).toBe("b");
});

it("leaves how a call ended to read, however many come and go after it", () => {
  const screen = reading({ air: [call("a"), call("b"), call("c")], asked: "a" });
  screen.now({ air: [call("b"), call("c")], ended: [over("a")], asked: "a" });
  expect(screen.shown()).toBe("a");
  screen.now({ air: [call("b"), call("c")], ended: ["d", "e", "f"].map(over), asked: "a" });
  expect(screen.shown()).toBe("a");
});

it("does not go on with a call that is neither on air nor known to have ended", () => {
  const screen = reading({ air: [call("a")] });
  screen.now({ air: [call("b"), call("c")] });
  expect(screen.shown()).toBeUndefined();
});

it("takes a call that became a colleague's off the screen", () => {
  const screen = reading({ air: [call("a"), call("b")], own: call("a") });
  screen.now({ air: [{ ...call("a"), sight: "bare" }, call("b"), call("c")] });
  expect(screen.shown()).toBeUndefined();
});

it("shows the own call whatever is being read, unless another is asked for", () => {
  const screen = reading({ air: [call("a")] });
  screen.now({ air: [call("a"), call("own")], own: call("own") });
  expect(screen.shown()).toBe("own");
  screen.now({ air: [call("a"), call("own")], own: call("own"), asked: "a" });
  expect(screen.shown()).toBe("a");
});

it("shows the call that ended last when there is no other", () => {
  expect(reading({ air: [], ended: [over("b"), over("a")] }).shown()).toBe("b");
});
