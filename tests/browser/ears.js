// What a test hears and says in a page: a tone of its own for a microphone, and a look at
// what arrives. Run before the page's own scripts; `__tone` is set first.
(() => {
  const Native = window.RTCPeerConnection;
  window.__peers = [];
  window.RTCPeerConnection = class extends Native {
    constructor(...options) {
      super(...options);
      window.__peers.push(this);
    }
  };

  navigator.mediaDevices.getUserMedia = async () => {
    const context = new AudioContext();
    const voice = context.createOscillator();
    const gain = context.createGain();
    const out = context.createMediaStreamDestination();
    voice.frequency.value = window.__tone;
    gain.gain.value = 0.25;
    voice.connect(gain).connect(out);
    voice.start();
    return out.stream;
  };

  const Socket = window.WebSocket;
  let cutUntil = 0;
  const open = new Set();
  window.WebSocket = class extends Socket {
    constructor(url, protocols) {
      super(Date.now() < cutUntil ? `ws://${location.host}/nobody-answers` : url, protocols);
      open.add(this);
    }
  };
  // Every websocket is lost, and none can be opened for a while.
  window.__cut = (ms) => {
    cutUntil = Date.now() + ms;
    for (const socket of open) socket.close();
    open.clear();
  };

  // Share of the power that each frequency has in what arrives now; null: no call.
  window.__heard = async (frequencies) => {
    const peer = window.__peers.findLast((one) => one.connectionState === "connected");
    const track = peer?.getReceivers().find((one) => one.track?.kind === "audio")?.track;
    if (!track || track.readyState !== "live") return null;
    window.__ear ??= new AudioContext();
    const source = window.__ear.createMediaStreamSource(new MediaStream([track]));
    const meter = window.__ear.createAnalyser();
    meter.fftSize = 16384;
    source.connect(meter);
    await new Promise((done) => setTimeout(done, 800));
    const samples = new Float32Array(meter.fftSize);
    meter.getFloatTimeDomainData(samples);
    source.disconnect();
    let power = 0;
    for (const sample of samples) power += sample * sample;
    power /= samples.length;
    if (power < 1e-6) return { silent: true };
    const found = {};
    for (const hz of frequencies) {
      let real = 0;
      let imaginary = 0;
      for (let i = 0; i < samples.length; i++) {
        const window_ = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / samples.length);
        const angle = (2 * Math.PI * hz * i) / window.__ear.sampleRate;
        real += samples[i] * window_ * Math.cos(angle);
        imaginary -= samples[i] * window_ * Math.sin(angle);
      }
      const amplitude = (4 * Math.hypot(real, imaginary)) / samples.length;
      found[hz] = (amplitude * amplitude) / 2 / power;
    }
    return found;
  };
})();
