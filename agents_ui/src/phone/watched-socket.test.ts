import type { Socket } from "jssip/lib/Socket";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ASK_MS, DEAD_MS, QUIET_MS, WatchedSocket } from "./watched-socket";

let wire: Socket & { sent: unknown[]; open: boolean };
let told: boolean[];
let phone: WatchedSocket;
let lost: number;

beforeEach(() => {
  vi.useFakeTimers();
  wire = {
    sent: [],
    open: false,
    via_transport: "WS",
    url: "ws://clinic/sip",
    sip_uri: "sip:clinic;transport=ws",
    connect() {
      this.open = true;
      this.onconnect();
    },
    disconnect() {
      this.open = false;
    },
    send(message) {
      this.sent.push(message);
      return true;
    },
    isConnected() {
      return this.open;
    },
    isConnecting: () => false,
    onconnect() {},
    ondisconnect() {},
    ondata() {},
  };
  told = [];
  lost = 0;
  phone = new WatchedSocket("ws://clinic/sip", (quiet) => told.push(quiet), wire);
  phone.ondisconnect = () => {
    lost += 1;
  };
  phone.connect();
});

afterEach(() => vi.useRealTimers());

it("says nothing while the server answers", () => {
  for (let turn = 0; turn < 20; turn++) {
    vi.advanceTimersByTime(ASK_MS);
    wire.ondata("\r\n");
  }
  expect(wire.sent.length).toBe(20);
  expect(told).toEqual([]);
});

it("tells once when the server hangs, and when it is heard again", () => {
  vi.advanceTimersByTime(ASK_MS + QUIET_MS + ASK_MS);
  expect(told).toEqual([true]);
  wire.ondata("SIP/2.0 200 OK");
  expect(told).toEqual([true, false]);
  expect(lost).toBe(0);
});

it("tries a new connection when nobody answers any more", () => {
  vi.advanceTimersByTime(ASK_MS + DEAD_MS + ASK_MS);
  expect(lost).toBe(1);
  expect(wire.open).toBe(false);
});

it("does not take its own sleep for the server's", () => {
  vi.advanceTimersByTime(ASK_MS);
  wire.ondata("\r\n");
  vi.setSystemTime(Date.now() + 600_000);
  vi.advanceTimersByTime(ASK_MS);
  wire.ondata("\r\n");
  expect(told).toEqual([]);
  expect(lost).toBe(0);
});
