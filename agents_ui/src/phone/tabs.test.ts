import { beforeEach, expect, it, vi } from "vitest";
import { Tabs } from "./tabs";

/** Tabs of one browser: a lock that one has at a time, a channel that reaches the others. */
class Browser {
  queue: (() => void)[] = [];
  held = false;
  channels: { name: string; onmessage: ((event: unknown) => void) | null }[] = [];

  request = (_: string, __: unknown, work: () => Promise<void> | undefined) =>
    new Promise<void>((done) => {
      const begin = () => {
        this.held = true;
        Promise.resolve(work()).then(() => {
          this.held = false;
          done();
          this.queue.shift()?.();
        });
      };
      if (this.held) this.queue.push(begin);
      else begin();
    });
}

let browser: Browser;

beforeEach(() => {
  browser = new Browser();
  vi.stubGlobal("navigator", { locks: { request: browser.request } });
  vi.stubGlobal(
    "BroadcastChannel",
    class {
      onmessage: ((event: unknown) => void) | null = null;
      constructor(readonly name: string) {
        browser.channels.push(this);
      }
      postMessage(data: unknown) {
        for (const other of browser.channels) {
          if (other !== this && other.name === this.name) other.onmessage?.({ data });
        }
      }
      close() {
        browser.channels = browser.channels.filter((one) => one !== this);
      }
    },
  );
});

function tab(state: string) {
  const seen: string[] = [];
  const done: string[] = [];
  const led = vi.fn();
  const tabs = new Tabs<string, string>("phone-lucia", {
    lead: led,
    follow: (told) => seen.push(told),
    command: (command) => done.push(command),
    state: () => state,
  });
  tabs.open();
  return { tabs, seen, done, led };
}

it("gives the phone to one tab; the other shows it and has it do things", () => {
  const first = tab("ringing");
  const second = tab("");
  expect([first.tabs.leads, second.tabs.leads]).toEqual([true, false]);
  expect(second.seen).toEqual(["ringing"]);
  second.tabs.send("answer");
  expect(first.done).toEqual(["answer"]);
  expect(second.done).toEqual([]);
});

it("hands the phone to the other tab when the first is closed", async () => {
  const first = tab("talking");
  const second = tab("");
  first.tabs.close();
  await vi.waitFor(() => expect(second.led).toHaveBeenCalledOnce());
  second.tabs.send("hangup");
  expect(second.done).toEqual(["hangup"]);
});
