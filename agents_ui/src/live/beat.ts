/**
 * Calls ``beat`` every ``every`` milliseconds, also in a hidden tab: browsers slow a hidden page's
 * timers down to one a minute, but not those of its workers. Answers how to end it.
 */
export function beating(every: number, beat: () => void): () => void {
  let timer: ReturnType<typeof setInterval> | undefined;
  const bySelf = () => {
    timer ??= setInterval(beat, every);
  };
  if (typeof Worker === "undefined") {
    bySelf();
    return () => clearInterval(timer);
  }
  const worker = new Worker(new URL("./beat.worker.ts", import.meta.url), { type: "module" });
  worker.onmessage = beat;
  worker.onerror = bySelf;
  worker.postMessage(every);
  return () => {
    worker.terminate();
    clearInterval(timer);
  };
}
