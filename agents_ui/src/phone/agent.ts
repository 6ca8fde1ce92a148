import { useEffect, useSyncExternalStore } from "react";
import { api, Failure, unwrap } from "@/api/client";
import { type LineState, PhoneLine } from "./line";

export type PauseReason = "break" | "lunch" | "paperwork" | "training";

export interface AgentState {
  /** What the agent asked for; the line tells what holds. */
  wanted: "off" | "available" | "paused";
  reason: PauseReason;
  failed: boolean;
}

const KEPT = "auricula-phone";
const OFF: AgentState = { wanted: "off", reason: "break", failed: false };

/** The agent's phone: one line, signed on to the queue while it is registered. */
class AgentPhone {
  readonly line = new PhoneLine();
  private state: AgentState = OFF;
  private told = "";
  private readonly listeners = new Set<() => void>();

  constructor() {
    this.line.subscribe(() => this.follow(this.line.current()));
  }

  readonly current = (): AgentState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** After a reload the phone comes back as it was. */
  restore(): void {
    const kept = sessionStorage.getItem(KEPT);
    if (this.state.wanted === "off" && (kept === "available" || kept === "paused")) {
      void this.want(kept);
    }
  }

  async want(wanted: AgentState["wanted"], reason: PauseReason = "break"): Promise<void> {
    const before = this.state.wanted;
    sessionStorage.setItem(KEPT, wanted);
    if (wanted === "off" && before === "off") return;
    this.set({ wanted, reason, failed: false });
    try {
      if (wanted === "off") {
        this.told = "";
        await unwrap(api.PUT("/api/v1/me/presence", { body: { state: "off", reason } }));
        this.line.disconnect();
      } else if (before === "off") {
        this.line.connect(await unwrap(api.POST("/api/v1/phone")), true);
      } else {
        this.follow(this.line.current());
      }
    } catch (error) {
      this.line.disconnect();
      this.set({ wanted: "off", failed: error instanceof Failure });
    }
  }

  private follow(line: LineState): void {
    const { wanted, reason } = this.state;
    if (!line.registered) {
      this.told = "";
      return;
    }
    if (wanted === "off" || this.told === `${wanted} ${reason}`) return;
    this.told = `${wanted} ${reason}`;
    unwrap(api.PUT("/api/v1/me/presence", { body: { state: wanted, reason } })).catch(() =>
      this.set({ failed: true }),
    );
  }

  private set(part: Partial<AgentState>): void {
    this.state = { ...this.state, ...part };
    for (const listener of this.listeners) listener();
  }
}

export const phone = new AgentPhone();

export function useAgentPhone(): AgentState & { line: LineState } {
  const state = useSyncExternalStore(phone.subscribe, phone.current);
  const line = useSyncExternalStore(phone.line.subscribe, phone.line.current);
  return { ...state, line };
}

/** The phone lives as long as the console's frame is on screen. */
export function useAgentPhoneLife(on: boolean): void {
  useEffect(() => {
    if (!on) return;
    phone.restore();
    return () => phone.line.disconnect();
  }, [on]);
}
