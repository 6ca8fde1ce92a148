import JsSIP from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";
import type { UA } from "jssip/lib/UA";

export interface Credentials {
  endpoint: string;
  password: string;
  path: string;
}

export type Problem =
  | "microphone_denied"
  | "microphone_missing"
  | "insecure"
  | "switch_unavailable"
  | "busy"
  | "rejected"
  | "lost";

export interface LineCall {
  id: string;
  direction: "incoming" | "outgoing";
  stage: "dialling" | "ringing" | "talking" | "ended";
  /** Who calls, as the switch tells it. */
  from: string;
  /** The conversation it belongs to, if the switch told. */
  conversation: string;
  talkingSince: number | null;
  muted: boolean;
  held: boolean;
}

export interface LineState {
  connected: boolean;
  registered: boolean;
  call: LineCall | null;
  problem: Problem | null;
}

const IDLE: LineState = { connected: false, registered: false, call: null, problem: null };
const CONVERSATION_HEADER = "X-Auricula-Call";
const KEY_MS = 160;
const GAP_MS = 70;

function problemOf(cause: string): Problem | null {
  switch (cause) {
    case JsSIP.C.causes.BUSY:
      return "busy";
    case JsSIP.C.causes.CONNECTION_ERROR:
    case JsSIP.C.causes.REQUEST_TIMEOUT:
      return "lost";
    case JsSIP.C.causes.USER_DENIED_MEDIA_ACCESS:
      return "microphone_denied";
    case JsSIP.C.causes.CANCELED:
    case JsSIP.C.causes.BYE:
    case JsSIP.C.causes.NO_ANSWER:
      return null;
    default:
      return "rejected";
  }
}

/** The microphone, or why there is none. */
export async function microphone(deviceId?: string): Promise<MediaStream | Problem> {
  if (!navigator.mediaDevices) return "insecure";
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: {
        echoCancellation: true,
        noiseSuppression: true,
        autoGainControl: true,
        ...(deviceId ? { deviceId: { exact: deviceId } } : {}),
      },
    });
  } catch (error) {
    const name = error instanceof DOMException ? error.name : "";
    return name === "NotFoundError" || name === "OverconstrainedError"
      ? "microphone_missing"
      : "microphone_denied";
  }
}

/** A stream of silence, for a call by keys only. */
export function silence(): MediaStream {
  return new AudioContext().createMediaStreamDestination().stream;
}

/** One SIP line in the browser: knows the call's state, draws nothing. */
export class PhoneLine {
  private ua: UA | null = null;
  private session: RTCSession | null = null;
  private state: LineState = IDLE;
  private readonly listeners = new Set<() => void>();
  /** Both directions of the present call, for the loudspeaker and the meters. */
  local: MediaStream | null = null;
  remote: MediaStream | null = null;

  readonly current = (): LineState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  connect(credentials: Credentials, register: boolean): void {
    this.disconnect();
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new JsSIP.WebSocketInterface(`${scheme}://${location.host}${credentials.path}`);
    const ua = new JsSIP.UA({
      sockets: [socket],
      uri: `sip:${credentials.endpoint}@${location.hostname}`,
      authorization_user: credentials.endpoint,
      password: credentials.password,
      contact_uri: `sip:${credentials.endpoint}@browser.invalid;transport=ws`,
      register,
      register_expires: 60,
      session_timers: false,
      user_agent: "Auricula",
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 8,
    });
    this.ua = ua;
    ua.on("connected", () => this.set({ connected: true, problem: null }));
    ua.on("disconnected", () => {
      const problem =
        this.state.call && this.state.call.stage !== "ended" ? "lost" : this.state.problem;
      this.set({
        connected: false,
        registered: false,
        problem: problem ?? (register ? null : "switch_unavailable"),
      });
    });
    ua.on("registered", () => this.set({ registered: true, problem: null }));
    ua.on("unregistered", () => this.set({ registered: false }));
    ua.on("registrationFailed", () => this.set({ registered: false, problem: "rejected" }));
    ua.on("newRTCSession", (event: { originator: string; session: RTCSession }) => {
      if (event.originator === "remote") this.incoming(event.session);
    });
    ua.start();
  }

  disconnect(): void {
    this.ua?.stop();
    this.ua = null;
    this.session = null;
    this.set(IDLE);
  }

  call(number: string, stream: MediaStream): void {
    if (!this.ua) return;
    this.local = stream;
    const session = this.ua.call(`sip:${encodeURIComponent(number)}@${location.hostname}`, {
      mediaStream: stream,
      mediaConstraints: { audio: true, video: false },
      pcConfig: { iceServers: [] },
    });
    this.follow(session, "outgoing");
  }

  async answer(): Promise<void> {
    const session = this.session;
    if (!session || this.state.call?.direction !== "incoming") return;
    const stream = await microphone();
    if (typeof stream === "string") {
      this.set({ problem: stream });
      return;
    }
    this.local = stream;
    session.answer({ mediaStream: stream, pcConfig: { iceServers: [] } });
  }

  hangup(): void {
    const session = this.session;
    if (!session || session.isEnded()) return;
    const ringing =
      this.state.call?.direction === "incoming" && this.state.call.stage === "ringing";
    session.terminate(ringing ? { status_code: 486, reason_phrase: "Busy Here" } : {});
  }

  press(key: string): void {
    if (!/^[0-9*#]$/.test(key) || !this.session?.isEstablished()) return;
    this.session.sendDTMF(key, {
      transportType: JsSIP.C.DTMF_TRANSPORT.RFC2833,
      duration: KEY_MS,
      interToneGap: GAP_MS,
    });
  }

  mute(on: boolean): void {
    if (on) this.session?.mute({ audio: true });
    else this.session?.unmute({ audio: true });
  }

  hold(on: boolean): void {
    if (on) this.session?.hold();
    else this.session?.unhold();
  }

  private incoming(session: RTCSession): void {
    if (this.state.call && this.state.call.stage !== "ended") {
      session.terminate({ status_code: 486, reason_phrase: "Busy Here" });
      return;
    }
    this.follow(session, "incoming");
  }

  private follow(session: RTCSession, direction: LineCall["direction"]): void {
    this.session = session;
    const request = (session as unknown as { _request?: { getHeader?: (n: string) => string } })
      ._request;
    this.set({
      problem: null,
      call: {
        id: session.id,
        direction,
        stage: direction === "incoming" ? "ringing" : "dialling",
        from: session.remote_identity?.uri?.user ?? "",
        conversation: request?.getHeader?.(CONVERSATION_HEADER) ?? "",
        talkingSince: null,
        muted: false,
        held: false,
      },
    });
    const connection = (peer: RTCPeerConnection) => {
      peer.addEventListener("track", (event) => {
        this.remote = event.streams[0] ?? new MediaStream([event.track]);
        this.set({});
      });
    };
    if (session.connection) connection(session.connection);
    session.on("peerconnection", (event) => connection(event.peerconnection));
    session.on("progress", () => this.change({ stage: "ringing" }));
    session.on("accepted", () => this.change({ stage: "talking", talkingSince: Date.now() }));
    session.on("muted", () => this.change({ muted: true }));
    session.on("unmuted", () => this.change({ muted: false }));
    session.on("hold", (event) => event.originator === "local" && this.change({ held: true }));
    session.on("unhold", (event) => event.originator === "local" && this.change({ held: false }));
    session.on("getusermediafailed", () => this.set({ problem: "microphone_denied" }));
    session.on("failed", (event) => this.over(session, problemOf(event.cause)));
    session.on("ended", (event) => {
      this.over(session, event.originator === "system" ? problemOf(event.cause) : null);
    });
  }

  private over(session: RTCSession, problem: Problem | null): void {
    if (session !== this.session) return;
    for (const track of this.local?.getTracks() ?? []) track.stop();
    this.local = null;
    this.remote = null;
    this.session = null;
    if (problem) this.set({ problem });
    this.change({ stage: "ended" });
  }

  private change(part: Partial<LineCall>): void {
    if (this.state.call) this.set({ call: { ...this.state.call, ...part } });
  }

  private set(part: Partial<LineState>): void {
    this.state = { ...this.state, ...part };
    for (const listener of this.listeners) listener();
  }
}
