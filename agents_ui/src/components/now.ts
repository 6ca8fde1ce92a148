import { useEffect, useState } from "react";

/** The present moment, ticking; with the server's clock skew added. */
export function useNow(everyMs = 1000, skew = 0): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now + skew;
}
