import { useEffect, useRef } from "react";
import type { CallOnAir } from "@/live/call";

function readable(call: CallOnAir | undefined): CallOnAir | undefined {
  return call?.sight === "full" ? call : undefined;
}

/**
 * The call beside the list: the one asked for, else the user's own, else the one that has been
 * read about until now, else the only one there is. Whoever reads about a call goes on reading
 * about it while it lasts, and then how it ended. Where many are on air nobody's is shown
 * unasked: it would be another one every few seconds, and nobody would have chosen to read it.
 */
export function useFollowed(
  asked: string | undefined,
  calls: ReadonlyMap<string, CallOnAir>,
  ended: readonly CallOnAir[],
  own: CallOnAir | undefined,
): CallOnAir | undefined {
  const read = useRef<CallOnAir | undefined>(undefined);
  const last = read.current;
  const onAir = [...calls.values()].filter(readable);
  const chosen =
    readable(calls.get(asked ?? "")) ??
    ended.find((call) => call.id === asked) ??
    readable(own) ??
    readable(calls.get(last?.id ?? "")) ??
    (onAir.length === 1 ? onAir[0] : undefined) ??
    ended.find((call) => call.id === last?.id) ??
    (last?.status === "ended" ? last : undefined) ??
    (onAir.length === 0 ? ended[0] : undefined);
  useEffect(() => {
    read.current = chosen;
  });
  return chosen;
}
