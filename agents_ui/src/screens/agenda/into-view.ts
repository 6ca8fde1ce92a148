import { type RefObject, useEffect, useState } from "react";
import type { AgendaDay, FreeSlot } from "@/api/types";
import { dayIn, minutesIn } from "@/format";
import { PIXELS_PER_MINUTE, visibleHours } from "./scale";

/** Pixels of the day that are left to see above what is brought into view. */
const ABOVE = 160;

/** Brings a time into view as soon as the agenda in ``box`` has its day; gives what to call
 * with it. */
export function useIntoView(
  box: RefObject<HTMLElement | null>,
  day: AgendaDay | undefined,
): (slot: FreeSlot) => void {
  const [slot, setSlot] = useState<FreeSlot | null>(null);
  useEffect(() => {
    if (!slot || day?.day !== dayIn(slot.zone, new Date(slot.starts_at))) return;
    setSlot(null);
    const frame = box.current;
    const at = day.columns.findIndex((one) => one.professional.id === slot.professional_id);
    const column = frame?.querySelectorAll(".agenda-column")[at];
    if (!frame || !column) return;
    const [outer, inner] = [frame.getBoundingClientRect(), column.getBoundingClientRect()];
    const below =
      (minutesIn(slot.starts_at, slot.zone) - visibleHours(day).from) * PIXELS_PER_MINUTE;
    frame.scrollTop += inner.top - outer.top + below - ABOVE;
    frame.scrollLeft += Math.max(0, inner.right - outer.right);
  }, [slot, day, box]);
  return setSlot;
}
