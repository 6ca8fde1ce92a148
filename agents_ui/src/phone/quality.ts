import { useEffect, useState } from "react";
import type { PhoneLine } from "./line";

/** What a call's connection measures. */
export interface Sample {
  /** Round trip, seconds; null while nobody has reported. */
  rtt: number | null;
  /** Seconds. */
  jitter: number;
  /** Share of packets lost since the last look, 0–1: the worse of both directions. */
  loss: number;
}

export type Grade = "good" | "fair" | "poor";
export type Cause = "loss" | "jitter" | "delay";

export interface Quality extends Sample {
  grade: Grade;
  cause: Cause;
}

/** Delay of the browser's own buffers and codec, milliseconds. */
const OWN_DELAY_MS = 30;

/**
 * How it sounds, by the E-model (ITU-T G.107, simplified to delay and loss): R ≥ 80 is what
 * users call good, under 70 many complain (G.109).
 */
export function graded(sample: Sample): Quality {
  const jitterMs = sample.jitter * 1000;
  const delay = ((sample.rtt ?? 0) * 1000) / 2 + jitterMs * 2 + OWN_DELAY_MS;
  const byDelay = 0.024 * delay + (delay > 177.3 ? 0.11 * (delay - 177.3) : 0);
  // Opus conceals loss about as well as G.711 with concealment: Bpl 25.1 (G.113, appendix I)
  const byLoss = (95 * sample.loss * 100) / (sample.loss * 100 + 25.1);
  const r = 93.2 - byDelay - byLoss;
  const grade = r >= 80 ? "good" : r >= 70 ? "fair" : "poor";
  const cause = byLoss >= byDelay ? "loss" : jitterMs * 2 > delay / 2 ? "jitter" : "delay";
  return { ...sample, grade, cause };
}

interface Counted {
  lost: number;
  received: number;
}

/** The numbers of one report, and the counters to compare the next one with. */
export function sampled(
  stats: Iterable<Record<string, unknown>>,
  before: Counted | null,
): { sample: Sample; counted: Counted } {
  const sample: Sample = { rtt: null, jitter: 0, loss: 0 };
  const counted: Counted = { lost: 0, received: 0 };
  for (const entry of stats) {
    if (entry.kind !== "audio") continue;
    if (entry.type === "inbound-rtp") {
      sample.jitter = Math.max(sample.jitter, Number(entry.jitter ?? 0));
      counted.lost += Number(entry.packetsLost ?? 0);
      counted.received += Number(entry.packetsReceived ?? 0);
    } else if (entry.type === "remote-inbound-rtp") {
      if (entry.roundTripTime !== undefined) sample.rtt = Number(entry.roundTripTime);
      sample.jitter = Math.max(sample.jitter, Number(entry.jitter ?? 0));
      sample.loss = Math.max(sample.loss, Number(entry.fractionLost ?? 0));
    }
  }
  if (before) {
    const lost = Math.max(0, counted.lost - before.lost);
    const all = lost + Math.max(0, counted.received - before.received);
    if (all > 0) sample.loss = Math.max(sample.loss, lost / all);
  }
  return { sample, counted };
}

/** The quality of the call on the line, looked at every two seconds. */
export function useQuality(line: PhoneLine, on: boolean): Quality | null {
  const [quality, setQuality] = useState<Quality | null>(null);
  useEffect(() => {
    setQuality(null);
    if (!on) return;
    let before: Counted | null = null;
    const timer = setInterval(async () => {
      const report = await line.measure();
      if (!report) return;
      const entries: Record<string, unknown>[] = [];
      report.forEach((entry) => {
        entries.push(entry);
      });
      const { sample, counted } = sampled(entries, before);
      if (before) setQuality(graded(sample));
      before = counted;
    }, 2_000);
    return () => clearInterval(timer);
  }, [line, on]);
  return quality;
}
