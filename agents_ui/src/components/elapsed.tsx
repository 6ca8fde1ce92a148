import { useLayoutEffect, useRef, useSyncExternalStore } from "react";
import { duration } from "@/format";
import { live, useLivePart } from "@/live/hooks";

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function everySecond(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    for (const one of listeners) one();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function secondsSince(begun: number, skew: number): number {
  return Number.isNaN(begun) ? 0 : Math.max(0, Math.floor((Date.now() + skew - begun) / 1000));
}

/** Seconds since `since`, by the server's clock, ticking. What asks is drawn each second. */
export function useSecondsSince(since: string | null): number {
  const skew = useLivePart((state) => state.skew);
  const begun = since ? Date.parse(since) : Number.NaN;
  return useSyncExternalStore(everySecond, () => secondsSince(begun, skew));
}

/**
 * The time going by since `since`. Written into the page as it is: with a screen full of calls
 * drawing all of them each second would hold up what happens.
 */
export function Elapsed({ since }: { since: string }) {
  const place = useRef<HTMLSpanElement>(null);
  const text = () => duration(secondsSince(Date.parse(since), live.current().skew));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text is that of `since`
  useLayoutEffect(() => {
    const show = () => {
      const shown = place.current?.firstChild;
      const now = text();
      if (shown && shown.nodeValue !== now) shown.nodeValue = now;
    };
    show();
    return everySecond(show);
  }, [since]);
  return <span ref={place}>{text()}</span>;
}
