import JsSIP from "jssip";
import type { Socket } from "jssip/lib/Socket";

/** How often the server is asked whether it is there (RFC 5626, 3.5.1: CRLF CRLF). */
export const ASK_MS = 4_000;
/** Without an answer for this long, the server hangs or the network is gone. */
export const QUIET_MS = 8_000;
/** After this long a new connection is tried: this one leads nowhere. */
export const DEAD_MS = 24_000;
const ASKED = "\r\n\r\n";

/**
 * The phone's websocket, which notices when nobody answers at its other end: a hung server or
 * a network that changed closes nothing. Answers count from the question on, so a page whose
 * timers were slowed down does not take its own sleep for the server's.
 */
export class WatchedSocket implements Socket {
  onconnect = (): void => {};
  ondisconnect = (_error: boolean, _code?: number, _reason?: string): void => {};
  ondata = <T>(_data: T): void => {};
  private askedAt: number | null = null;
  private quiet = false;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    url: string,
    /** Told when the other end falls silent, and when it is heard again. */
    private readonly silent: (quiet: boolean) => void,
    private readonly inner: Socket = new JsSIP.WebSocketInterface(url),
  ) {
    inner.onconnect = () => {
      this.heard();
      this.timer = setInterval(() => this.look(), ASK_MS);
      this.onconnect();
    };
    inner.ondisconnect = (error, code, reason) => {
      this.forget();
      this.ondisconnect(error, code, reason);
    };
    inner.ondata = (data) => {
      this.heard();
      this.ondata(data);
    };
  }

  get via_transport(): string {
    return this.inner.via_transport;
  }

  set via_transport(value: string) {
    this.inner.via_transport = value;
  }

  get url(): string {
    return this.inner.url;
  }

  get sip_uri(): string {
    return this.inner.sip_uri;
  }

  connect(): void {
    this.inner.connect();
  }

  disconnect(): void {
    this.forget();
    this.inner.disconnect();
  }

  send(message: string | ArrayBufferLike | Blob | ArrayBufferView): boolean {
    return this.inner.send(message);
  }

  isConnected(): boolean {
    return this.inner.isConnected();
  }

  isConnecting(): boolean {
    return this.inner.isConnecting();
  }

  private look(): void {
    const waited = this.askedAt === null ? 0 : Date.now() - this.askedAt;
    if (this.askedAt === null) {
      this.askedAt = Date.now();
      this.inner.send(ASKED);
    } else if (waited >= DEAD_MS) {
      this.disconnect();
      this.ondisconnect(true, 1006, "no answer");
    } else if (waited >= QUIET_MS && !this.quiet) {
      this.quiet = true;
      this.silent(true);
    }
  }

  private heard(): void {
    this.askedAt = null;
    if (!this.quiet) return;
    this.quiet = false;
    this.silent(false);
  }

  private forget(): void {
    clearInterval(this.timer);
    this.askedAt = null;
    this.quiet = false;
  }
}
