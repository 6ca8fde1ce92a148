import type { AgentNow, MyDesk } from "@/api/types";

/** An agent at work, for tests. */
export const AVAILABLE: AgentNow = {
  username: "lucia",
  state: "available",
  reason: "",
  since: "2026-11-24T09:00:00Z",
  until: null,
  call_id: "",
  wish: "available",
  wish_reason: "",
  changed_by: "",
  note: "",
  wish_by: "",
  wish_note: "",
};

export const DESK: MyDesk = {
  now: AVAILABLE,
  reasons: [],
  dispositions: [],
  disposition_required: true,
  chosen: null,
};
