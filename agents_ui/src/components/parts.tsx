import { Fragment, type ReactNode, useEffect, useState } from "react";

/**
 * How many of the `count` parts of something large are to be drawn by now: one at once, then one
 * more a turn of the event loop, so that what happens meanwhile need not wait for all of it.
 */
export function useParts(count: number): number {
  const [drawn, draw] = useState(1);
  useEffect(() => {
    if (drawn >= count) return;
    // Not a timer: those are slowed down in a hidden tab, where a phone may ring.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => draw(drawn + 1);
    port2.postMessage(null);
    return () => port1.close();
  }, [drawn, count]);
  return drawn;
}

/** Draws its children one after the other: {@link useParts}. */
export function Parts({ children }: { children: ReactNode[] }) {
  const drawn = useParts(children.length);
  return children.slice(0, drawn).map((child, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a part has no identity but its place
    <Fragment key={place}>{child}</Fragment>
  ));
}
