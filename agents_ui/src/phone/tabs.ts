/**
 * One of a user's tabs has the phone: the one that holds a lock of the browser. The others
 * show what it tells and send it what to do. When that tab is gone, the next one takes over.
 */
export class Tabs<State, Command> {
  leads = false;
  private channel: BroadcastChannel | null = null;
  private release: (() => void) | null = null;
  private waiting: AbortController | null = null;

  constructor(
    private readonly name: string,
    private readonly on: {
      lead: () => void;
      follow: (state: State) => void;
      command: (command: Command) => void;
      state: () => State;
    },
  ) {}

  open(): void {
    if (this.channel) return;
    const channel = new BroadcastChannel(this.name);
    this.channel = channel;
    channel.onmessage = ({ data }: MessageEvent<Message<State, Command>>) => {
      if (data.kind === "ask" && this.leads) this.tell();
      else if (data.kind === "command" && this.leads) this.on.command(data.command);
      else if (data.kind === "state" && !this.leads) this.on.follow(data.state);
    };
    const lead = () => {
      this.leads = true;
      this.on.lead();
    };
    if (!navigator.locks) {
      lead();
      return;
    }
    channel.postMessage({ kind: "ask" });
    this.waiting = new AbortController();
    navigator.locks
      .request(this.name, { signal: this.waiting.signal }, () => {
        if (this.channel !== channel) return undefined;
        lead();
        return new Promise<void>((done) => {
          this.release = done;
        });
      })
      .catch(() => undefined);
  }

  close(): void {
    this.waiting?.abort();
    this.release?.();
    this.channel?.close();
    this.channel = null;
    this.release = null;
    this.leads = false;
  }

  /** The leader shows the others how things are. */
  tell(): void {
    if (this.leads) this.channel?.postMessage({ kind: "state", state: this.on.state() });
  }

  /** Do it here, or have the leader do it. */
  send(command: Command): void {
    if (this.leads) this.on.command(command);
    else this.channel?.postMessage({ kind: "command", command });
  }
}

type Message<State, Command> =
  | { kind: "ask" }
  | { kind: "state"; state: State }
  | { kind: "command"; command: Command };
