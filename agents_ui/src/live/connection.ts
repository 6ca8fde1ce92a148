import type { StreamEvent, StreamMessage, Watch } from "@/api/types";
import { beating } from "./beat";
import { EMPTY, type LiveState, reduced } from "./state";

/** Without a word for this long from a server that speaks every three seconds, the line is dead. */
export const SILENCE_MS = 10_000;
/** The same for its first word: the snapshot of a busy day over a slow network takes longer. */
export const OPENING_MS = 25_000;
/** How often the silence is looked at. */
export const BEAT_MS = 2_000;
/** A look so much later than the one before it says that the page itself stood still: what the
 * server said meanwhile may still be on its way in, and gets this long. */
const STOOD_STILL_MS = 2 * BEAT_MS;
const FIRST_RETRY_MS = 400;
const LAST_RETRY_MS = 8_000;
/** Rest after a drawing, so that whatever else the page does has its turn: what comes meanwhile
 * is drawn together. More would be waited for by each message of a busy day. */
const DRAWING_MS = 4;
/** Close codes after which trying again makes no sense: the session is over. */
const FINAL = new Set([4401, 4403]);

type Listener = () => void;

/**
 * The one websocket of the page: a snapshot, then numbered events. After a cut it resumes
 * from the last number, so that no event is missed and none is taken twice.
 */
export class LiveConnection {
  private socket: WebSocket | null = null;
  private state: LiveState = EMPTY;
  private readonly listeners = new Set<Listener>();
  private readonly watchers = new Set<(event: StreamEvent) => void>();
  private retry: ReturnType<typeof setTimeout> | undefined;
  private rest: (() => void) | undefined;
  private speaks = false;
  private heardAt = 0;
  private lookedAt = 0;
  private spared = false;
  private delay = FIRST_RETRY_MS;
  private boards = 0;
  private stopped = true;
  private telling = false;
  private toldAt = 0;
  /** A turn of the event loop; unlike a timer it is not slowed down in a hidden tab. */
  private readonly turn = new MessageChannel();

  constructor(
    private readonly path = "/api/v1/events",
    private readonly open: (url: string) => WebSocket = (url) => new WebSocket(url),
    private readonly beats: typeof beating = beating,
  ) {
    this.turn.port1.onmessage = () => {
      this.telling = false;
      for (const listener of this.listeners) listener();
      this.toldAt = performance.now();
    };
  }

  readonly current = (): LiveState => this.state;

  readonly subscribe = (listener: Listener): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Called for each new event, for screens that refetch or notify. */
  watch(watcher: (event: StreamEvent) => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  /** The wallboard is on the screen, until the returned function is called. */
  readonly watchBoard = (): (() => void) => {
    this.boards += 1;
    if (this.boards === 1) this.say();
    return () => {
      this.boards -= 1;
      if (this.boards === 0) this.say();
    };
  };

  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    addEventListener("online", this.now);
    document.addEventListener("visibilitychange", this.look);
    this.lookedAt = performance.now();
    this.rest = this.beats(BEAT_MS, this.look);
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    removeEventListener("online", this.now);
    document.removeEventListener("visibilitychange", this.look);
    this.rest?.();
    clearTimeout(this.retry);
    this.socket?.close();
    this.socket = null;
    this.set(EMPTY);
  }

  /** Try again at once. */
  readonly now = (): void => {
    if (this.stopped || this.state.connection === "live") return;
    clearTimeout(this.retry);
    this.delay = FIRST_RETRY_MS;
    this.connect();
  };

  private connect(): void {
    this.socket?.close();
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const after = this.state.number ? `?after=${this.state.number}` : "";
    const socket = this.open(`${scheme}://${location.host}${this.path}${after}`);
    this.socket = socket;
    this.speaks = false;
    this.heard();
    socket.onopen = () => {
      if (this.boards > 0) this.say();
    };
    socket.onmessage = (message) => {
      if (socket !== this.socket) return;
      this.speaks = true;
      this.heard();
      this.delay = FIRST_RETRY_MS;
      this.receive(JSON.parse(message.data as string) as StreamMessage);
    };
    socket.onclose = (closed) => {
      if (socket === this.socket) this.lost(FINAL.has(closed.code));
    };
  }

  private say(): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    const watch: Watch = { kind: "watch", board: this.boards > 0 };
    this.socket.send(JSON.stringify(watch));
  }

  private receive(message: StreamMessage): void {
    const before = this.state.number;
    this.take(reduced(this.state, message));
    if (message.kind !== "events") return;
    for (const event of message.events) {
      if (event.number > before) for (const watcher of this.watchers) watcher(event);
    }
  }

  private lost(final: boolean): void {
    this.socket = null;
    this.set({ ...this.state, connection: final ? "ended" : "lost" });
    if (final || this.stopped) return;
    this.retry = setTimeout(() => this.connect(), this.delay * (0.75 + Math.random() / 2));
    this.delay = Math.min(this.delay * 2, LAST_RETRY_MS);
  }

  private heard(): void {
    this.heardAt = performance.now();
    this.spared = false;
  }

  /** A page that stood still is given a moment, once in a silence; a slowed one is not deaf. */
  private readonly look = (): void => {
    const now = performance.now();
    const stoodStill = now - this.lookedAt > STOOD_STILL_MS;
    this.lookedAt = now;
    const patience = this.speaks ? SILENCE_MS : OPENING_MS;
    const socket = this.socket;
    if (socket === null || now - this.heardAt < patience) return;
    if (stoodStill && !this.spared) {
      this.spared = true;
      this.heardAt = now - patience + STOOD_STILL_MS;
      return;
    }
    this.socket = null;
    socket.close();
    this.lost(false);
  };

  private set(state: LiveState): void {
    if (state === this.state) return;
    this.state = state;
    for (const listener of this.listeners) listener();
  }

  /**
   * A new state, told after the messages that have come meanwhile: a page that draws more
   * slowly than events come draws several at a time, and does not fall behind. What comes
   * after a quiet moment is told at once.
   */
  private take(state: LiveState): void {
    if (state === this.state) return;
    this.state = state;
    if (this.telling) return;
    this.telling = true;
    const rest = DRAWING_MS - (performance.now() - this.toldAt);
    const tell = () => this.turn.port2.postMessage(null);
    if (rest > 0 && !document.hidden) setTimeout(tell, rest);
    else tell();
  }
}
