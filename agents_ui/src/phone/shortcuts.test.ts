import { expect, it } from "vitest";
import { SHORTCUTS, shortcutOf } from "./shortcuts";

const plain = { shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, repeat: false };

it("hangs up with two keys only, and answers with one", () => {
  expect(shortcutOf({ ...plain, key: "F2" })).toBe("answer");
  expect(shortcutOf({ ...plain, key: "F2", shiftKey: true })).toBe("hangup");
});

it("leaves the browser's own combinations, typing and held keys alone", () => {
  expect(shortcutOf({ ...plain, key: "F4", ctrlKey: true })).toBeNull();
  expect(shortcutOf({ ...plain, key: "F4", altKey: true })).toBeNull();
  expect(shortcutOf({ ...plain, key: "F2", repeat: true })).toBeNull();
  expect(shortcutOf({ ...plain, key: "m" })).toBeNull();
});

it("gives no two actions the same keys", () => {
  const keys = SHORTCUTS.map(([, key, shift]) => `${key}${shift}`);
  expect(new Set(keys).size).toBe(keys.length);
});
