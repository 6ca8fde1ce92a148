import { useCallback, useState } from "react";
import type { StreamEvent } from "@/api/types";
import { useLiveEvents } from "@/live/hooks";

const FRESH_MS = 2600;

/** Appointments that changed a moment ago. */
export function useFresh(): ReadonlySet<number> {
  const [fresh, setFresh] = useState<ReadonlySet<number>>(new Set());
  const watch = useCallback((event: StreamEvent) => {
    if (event.data.type !== "appointment.changed") return;
    const id = event.data.appointment_id;
    setFresh((before) => new Set(before).add(id));
    setTimeout(() => {
      setFresh((before) => {
        const after = new Set(before);
        after.delete(id);
        return after;
      });
    }, FRESH_MS);
  }, []);
  useLiveEvents(watch);
  return fresh;
}
