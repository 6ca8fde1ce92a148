import JsSIP from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";
import type { UA } from "jssip/lib/UA";
import { WatchedSocket } from "./watched-socket";

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

export type CallKind = "call" | "return" | "consult" | "dial" | "listen";
const KINDS: readonly string[] = ["return", "consult", "dial", "listen"];

export interface LineCall {
  id: string;
  direction: "incoming" | "outgoing";
  stage: "dialling" | "ringing" | "talking" | "ended";
  /** Who calls, as the switch tells it. */
  from: string;
  /** The conversation it belongs to, if the switch told. */
  conversation: string;
  /** Why it rings: a call, one that comes back, a colleague who asks, what we asked for. */
  kind: CallKind;
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

export const IDLE: LineState = { connected: false, registered: false, call: null, problem: null };
const CONVERSATION_HEADER = "X-Auricula-Call";
const KIND_HEADER = "X-Auricula-Kind";
/** Begins the caller's name of a call we asked the switch for. */
const ASKED = "auricula-";
/** How long the switch may take to ring us for what we asked it. */
const EXPECTED_MS = 15_000;
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

function kindOf(header: string | undefined): CallKind {
  return header && KINDS.includes(header) ? (header as CallKind) : "call";
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
  /** The microphone to speak into; empty: the system's. */
  microphoneId = "";
  private expected = 0;
  private cut = false;
  remote: MediaStream | null = null;

  readonly current = (): LineState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  connect(credentials: Credentials, register: boolean): void {
    this.disconnect();
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WatchedSocket(`${scheme}://${location.host}${credentials.path}`, (quiet) =>
      this.unheard(quiet),
    );
    const ua = new JsSIP.UA({
      sockets: [socket],
      uri: `sip:${credentials.endpoint}@${location.hostname}`,
      authorization_user: credentials.endpoint,
      password: credentials.password,
      contact_uri: `sip:${credentials.endpoint}@browser.invalid;transport=ws`,
      register,
      register_expires: 300,
      session_timers: false,
      user_agent: "Auricula",
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 8,
    });
    this.ua = ua;
    ua.on("connected", () => this.set({ connected: true, problem: null }));
    ua.on("disconnected", () => {
      this.cut = true;
      const problem =
        this.state.call && this.state.call.stage !== "ended" ? "lost" : this.state.problem;
      this.set({
        connected: false,
        registered: false,
        problem: problem ?? (register ? null : "switch_unavailable"),
      });
    });
    ua.on("registered", () => {
      this.set({ registered: true, problem: null });
      this.rejoin();
    });
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
    const stream = await microphone(this.microphoneId);
    if (typeof stream === "string") {
      this.set({ problem: stream });
      return;
    }
    this.local = stream;
    session.answer({ mediaStream: stream, pcConfig: { iceServers: [] } });
  }

  /** We asked the switch to ring us: that call is answered by itself. */
  expect(): void {
    this.expected = Date.now() + EXPECTED_MS;
  }

  /** Speak into another microphone, also in mid-call. */
  async speakInto(id: string): Promise<Problem | null> {
    this.microphoneId = id;
    const sender = this.session?.connection?.getSenders().find((one) => one.track);
    if (!sender) return null;
    const stream = await microphone(id);
    if (typeof stream === "string") return stream;
    const [track] = stream.getAudioTracks();
    if (!track) return "microphone_missing";
    track.enabled = !this.state.call?.muted;
    await sender.replaceTrack(track);
    for (const old of this.local?.getTracks() ?? []) old.stop();
    this.local = stream;
    this.set({});
    return null;
  }

  /** What the present call's connection measures. */
  async measure(): Promise<RTCStatsReport | null> {
    return (await this.session?.connection?.getStats()) ?? null;
  }

  /** The switch ended the call but its word did not reach us. */
  drop(): void {
    const session = this.session;
    if (!session) return;
    this.over(session, null);
    session.connection?.close();
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
    const asked = this.asked(session);
    this.follow(session, "incoming");
    if (asked) {
      this.expected = 0;
      void this.answer();
    }
  }

  /** The server does not answer, or does again; the sound does not go through it. */
  private unheard(quiet: boolean): void {
    if (quiet && this.state.call && this.state.call.stage !== "ended") {
      this.set({ problem: "lost" });
    } else if (!quiet && this.state.problem === "lost") {
      this.set({ problem: null });
    }
  }

  /** After a cut the switch learns anew where this phone is, for the call that went on. */
  private rejoin(): void {
    if (!this.cut) return;
    this.cut = false;
    if (this.session?.isEstablished()) this.session.renegotiate();
  }

  private asked(session: RTCSession): boolean {
    const shown = session.remote_identity?.display_name ?? "";
    return Date.now() < this.expected && shown.startsWith(ASKED);
  }

  private follow(session: RTCSession, direction: LineCall["direction"]): void {
    this.session = session;
    const shown = session.remote_identity?.display_name ?? "";
    const asked = this.asked(session);
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
        kind: kindOf(asked ? shown.slice(ASKED.length) : request?.getHeader?.(KIND_HEADER)),
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
