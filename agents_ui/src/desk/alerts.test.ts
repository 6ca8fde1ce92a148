import { expect, it } from "vitest";
import type { Ticket } from "@/api/types";
import { due } from "./alerts";

const NOW = Date.parse("2026-11-23T10:00:00Z");
const ticket = (id: number, over: Partial<Ticket>) =>
  ({
    id,
    kind: "callback",
    status: "open",
    owner_id: 7,
    due_at: "2026-11-23T09:59:00Z",
    ...over,
  }) as Ticket;

it("tells of calls to return whose time has come, of the own and of nobody's", () => {
  const found = due(
    [
      ticket(1, {}),
      ticket(2, { owner_id: null }),
      ticket(3, { owner_id: 8 }),
      ticket(4, { due_at: "2026-11-23T10:01:00Z" }),
      ticket(5, { due_at: null }),
      ticket(6, { kind: "complaint" }),
      ticket(7, { status: "closed" }),
    ],
    7,
    NOW,
  );
  expect(found.map((one) => one.id)).toEqual([1, 2]);
});
