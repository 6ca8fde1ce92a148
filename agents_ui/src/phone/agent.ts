import { useEffect, useSyncExternalStore } from "react";
import { api, Failure, unwrap } from "@/api/client";
import { client, queries } from "@/app/queries";
import { devices } from "./devices";
import { IDLE, type LineState, PhoneLine } from "./line";
import { Tabs } from "./tabs";

export type PauseReason = "break" | "lunch" | "paperwork" | "training";

export interface AgentState {
  /** What the agent asked for; the line tells what holds. */
  wanted: "off" | "available" | "paused";
  reason: PauseReason;
  failed: boolean;
  /** The agent has just asked to be at work, and the server does not know yet. */
  begins: boolean;
}

type Command =
  | { do: "want"; wanted: AgentState["wanted"]; reason: PauseReason }
  | { do: "answer" | "hangup" | "expect" | "drop" }
  | { do: "mute" | "hold"; on: boolean }
  | { do: "press"; key: string };

/** What every tab shows. */
interface Shared {
  agent: AgentState;
  line: LineState;
}

const KEPT = "auricula-phone";
/** How long after hanging up without the server it is still told to end the call. */
const OWED_MS = 90_000;
const OFF: AgentState = { wanted: "off", reason: "break", failed: false, begins: false };

/** The agent's phone: one line, signed on to the queue while it is registered. */
class AgentPhone {
  readonly line = new PhoneLine();
  private state: AgentState = OFF;
  /** The line as the tab that has it tells; ours while we lead. */
  private told: LineState = IDLE;
  private presence = "";
  /** The conversation that was hung up while the switch could not be told. */
  private owed: { conversation: string; until: number } | null = null;
  private settled = "";
  private tabs: Tabs<Shared, Command> | null = null;
  private readonly listeners = new Set<() => void>();

  constructor() {
    this.line.subscribe(() => {
      this.told = this.line.current();
      this.follow(this.told);
      this.notify();
    });
  }

  readonly current = (): AgentState => this.state;
  readonly currentLine = (): LineState => this.told;
  /** Whether this tab has the phone. */
  readonly here = (): boolean => this.tabs?.leads ?? false;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Begin: this tab has the phone, or shows the one of another tab. */
  start(username: string): void {
    this.line.microphoneId = devices.chosen().microphone;
    this.tabs = new Tabs<Shared, Command>(`${KEPT}-${username}`, {
      lead: () => this.lead(),
      follow: ({ agent, line }) => {
        this.state = agent;
        this.told = line;
        this.notify();
      },
      command: (command) => this.obey(command),
      state: () => ({ agent: this.state, line: this.told }),
    });
    this.tabs.open();
  }

  stop(): void {
    this.tabs?.close();
    this.tabs = null;
    this.line.disconnect();
    this.state = OFF;
    this.presence = "";
  }

  /** Settled once it has been done, where this tab has the phone. */
  async want(wanted: AgentState["wanted"], reason: PauseReason = "break"): Promise<void> {
    if (this.here()) await this.become(wanted, reason, true);
    else this.tabs?.send({ do: "want", wanted, reason });
  }

  answer(): void {
    this.tabs?.send({ do: "answer" });
  }

  hangup(): void {
    this.tabs?.send({ do: "hangup" });
  }

  drop(): void {
    this.tabs?.send({ do: "drop" });
  }

  mute(on: boolean): void {
    this.tabs?.send({ do: "mute", on });
  }

  /** Hold without the server's help: for when it cannot be asked. */
  hold(on: boolean): void {
    this.tabs?.send({ do: "hold", on });
  }

  press(key: string): void {
    this.tabs?.send({ do: "press", key });
  }

  /** What the switch rings next is something this user asked for. */
  expect(): void {
    this.tabs?.send({ do: "expect" });
  }

  /** After a reload the phone comes back as it was; so does that of a tab that is gone. Neither
   *  begins a shift. */
  private lead(): void {
    const shown = this.state.wanted;
    const kept = shown !== "off" ? shown : sessionStorage.getItem(KEPT);
    const { reason } = this.state;
    this.state = OFF;
    this.told = this.line.current();
    if (kept === "available" || kept === "paused") void this.become(kept, reason, false);
    this.notify();
  }

  private obey(command: Command): void {
    switch (command.do) {
      case "want":
        void this.become(command.wanted, command.reason, true);
        break;
      case "answer":
        void this.line.answer();
        break;
      case "hangup":
        this.owe();
        this.line.hangup();
        break;
      case "drop":
        this.line.drop();
        break;
      case "expect":
        this.line.expect();
        break;
      case "mute":
        this.line.mute(command.on);
        break;
      case "hold":
        this.line.hold(command.on);
        break;
      case "press":
        this.line.press(command.key);
        break;
    }
  }

  /** Whoever hangs up without the server has done so: the caller must not be left waiting. */
  private owe(): void {
    const { call, registered, problem } = this.line.current();
    if (call?.stage !== "talking" || (registered && problem !== "lost")) return;
    this.owed = { conversation: call.conversation, until: Date.now() + OWED_MS };
    this.settled = "";
  }

  /** As soon as the switch can be told, and again when it rings us back for that call. */
  private settle({ registered, problem, call }: LineState): void {
    const { owed } = this;
    if (!owed || !registered || problem === "lost") return;
    const now = call && call.stage !== "ended" ? call : null;
    if (Date.now() > owed.until || (now && now.conversation !== owed.conversation)) {
      this.owed = null;
      return;
    }
    const state = `settled ${now?.id ?? ""}`;
    if (state === this.settled) return;
    this.settled = state;
    if (!owed.conversation) this.owed = null;
    const query = owed.conversation ? { call_id: owed.conversation } : {};
    unwrap(api.DELETE("/api/v1/me/call", { params: { query } })).then(
      () => {
        this.owed = null;
      },
      () => {}, // it is over already, or rings us again in a moment
    );
  }

  private async become(
    wanted: AgentState["wanted"],
    reason: PauseReason,
    asked: boolean,
  ): Promise<void> {
    const before = this.state.wanted;
    sessionStorage.setItem(KEPT, wanted);
    if (wanted === "off" && before === "off") return;
    this.set({ wanted, reason, failed: false, begins: asked && wanted === "available" });
    try {
      if (wanted === "off") {
        this.presence = "";
        await unwrap(
          api.PUT("/api/v1/me/presence", { body: { state: "off", reason, begins: false } }),
        );
        this.line.disconnect();
      } else if (before === "off") {
        this.line.connect(await unwrap(api.POST("/api/v1/phone")), true);
      } else {
        this.presence = "";
        this.follow(this.line.current());
      }
    } catch (error) {
      this.line.disconnect();
      this.set({ wanted: "off", failed: error instanceof Failure, begins: false });
    }
  }

  private follow(line: LineState): void {
    this.settle(line);
    const { wanted, reason, begins } = this.state;
    if (!line.registered) {
      this.presence = "";
      return;
    }
    if (wanted === "off" || this.presence === `${wanted} ${reason}`) return;
    this.presence = `${wanted} ${reason}`;
    unwrap(api.PUT("/api/v1/me/presence", { body: { state: wanted, reason, begins } })).then(
      async () => {
        if (!begins) return;
        await client.invalidateQueries({ queryKey: queries.desk.queryKey });
        this.set({ begins: false });
      },
      () => this.set({ failed: true, begins: false }),
    );
  }

  private set(part: Partial<AgentState>): void {
    this.state = { ...this.state, ...part };
    this.notify();
  }

  private notify(): void {
    this.tabs?.tell();
    for (const listener of this.listeners) listener();
  }
}

export const phone = new AgentPhone();

export function useAgentPhone(): AgentState & { line: LineState; here: boolean } {
  const state = useSyncExternalStore(phone.subscribe, phone.current);
  const line = useSyncExternalStore(phone.subscribe, phone.currentLine);
  const here = useSyncExternalStore(phone.subscribe, phone.here);
  return { ...state, line, here };
}

/** The phone lives as long as the console's frame is on screen. */
export function useAgentPhoneLife(username: string | null): void {
  useEffect(() => {
    if (!username) return;
    phone.start(username);
    return () => phone.stop();
  }, [username]);
}
