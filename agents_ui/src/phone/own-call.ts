import { useMe } from "@/app/session";
import type { CallOnAir } from "@/live/call";
import { useLivePart } from "@/live/hooks";

/** The conversation that is on this user's phone. */
export function useOwnCall(): CallOnAir | undefined {
  const { username } = useMe();
  return useLivePart(({ calls }) =>
    [...calls.values()].find((call) => partOf(call, username) !== null),
  );
}

export type Part = "talks" | "asked" | "rings";

/** What a user has to do with a call: handles it, is asked about it, is rung. */
export function partOf(call: CallOnAir, username: string): Part | null {
  if (call.talkers.includes(username)) return "talks";
  if (call.consult?.answered && call.consult.by === username) return "asked";
  if (call.rings.includes(username)) return "rings";
  return null;
}
