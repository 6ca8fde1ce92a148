import { useEffect, useRef, useState } from "react";
import type { CallOnAir } from "@/live/call";

/** On a busy screen the call that is read about stays this long after its end. */
export const LINGER_MS = 5_000;

function readable(call: CallOnAir | undefined): CallOnAir | undefined {
  return call?.sight === "full" ? call : undefined;
}

/**
 * The call beside the list: the one asked for, else the one that has been read about until now,
 * else the first. Whoever reads about a call goes on reading about it while it lasts; when many
 * are on air, also how it ended, for otherwise the next one would take its place in mid-sentence,
 * and with ten calls a second the one after that at once.
 */
export function useFollowed(
  asked: string | undefined,
  calls: ReadonlyMap<string, CallOnAir>,
  ended: readonly CallOnAir[],
  ordered: readonly CallOnAir[],
  busy: boolean,
): CallOnAir | undefined {
  const [followed, follow] = useState("");
  const [read, setRead] = useState("");
  const last = useRef<CallOnAir | undefined>(undefined);
  const gone = last.current?.id === followed && !calls.has(followed) ? last.current : undefined;
  const over = ended.find((call) => call.id === followed) ?? gone;
  const chosen =
    readable(calls.get(asked ?? "")) ??
    ended.find((call) => call.id === asked) ??
    readable(calls.get(followed)) ??
    (busy && followed !== read ? over : undefined) ??
    ordered.find((call) => call.sight === "full") ??
    ended[0];
  const overId = over?.id ?? "";
  useEffect(() => {
    last.current = chosen;
  });
  useEffect(() => follow(chosen?.id ?? ""), [chosen?.id]);
  useEffect(() => {
    if (!overId) return;
    const timer = setTimeout(() => setRead(overId), LINGER_MS);
    return () => clearTimeout(timer);
  }, [overId]);
  return chosen;
}
