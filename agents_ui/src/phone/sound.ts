import { useEffect, useState } from "react";

/** Loudness of a stream, 0–1, some ten times a second; 0 without one. */
export function useLevel(stream: MediaStream | null): number {
  const [level, setLevel] = useState(0);
  useEffect(() => {
    if (!stream || stream.getAudioTracks().length === 0) {
      setLevel(0);
      return;
    }
    const context = new AudioContext();
    const source = context.createMediaStreamSource(stream);
    const meter = context.createAnalyser();
    meter.fftSize = 512;
    source.connect(meter);
    const samples = new Float32Array(meter.fftSize);
    const timer = setInterval(() => {
      meter.getFloatTimeDomainData(samples);
      let sum = 0;
      for (const sample of samples) sum += sample * sample;
      const decibels = 10 * Math.log10(sum / samples.length + 1e-10);
      setLevel(Math.min(1, Math.max(0, (decibels + 60) / 50)));
    }, 90);
    return () => {
      clearInterval(timer);
      source.disconnect();
      void context.close();
    };
  }, [stream]);
  return level;
}

/** The two frequencies of each key (ITU-T Q.23). */
const ROWS = [697, 770, 852, 941];
const COLUMNS = [1209, 1336, 1477];
const KEYS = "123456789*0#";

let context: AudioContext | null = null;

/** A short, quiet tone under the finger; what the switch gets is sent apart from it. */
export function keyTone(key: string): void {
  const at = KEYS.indexOf(key);
  if (at < 0) return;
  context ??= new AudioContext();
  const gain = context.createGain();
  gain.gain.value = 0.04;
  gain.connect(context.destination);
  for (const hertz of [ROWS[Math.floor(at / 3)], COLUMNS[at % 3]]) {
    const tone = context.createOscillator();
    tone.frequency.value = hertz ?? 0;
    tone.connect(gain);
    tone.start();
    tone.stop(context.currentTime + 0.12);
  }
}

/** The ringing a caller hears until the other side answers (425 Hz, Spain: 1.5 s on, 3 s off). */
export function useRinging(on: boolean): void {
  useEffect(() => {
    if (!on) return;
    const own = new AudioContext();
    const gain = own.createGain();
    gain.gain.value = 0;
    const tone = own.createOscillator();
    tone.frequency.value = 425;
    tone.connect(gain).connect(own.destination);
    tone.start();
    for (let ring = 0; ring < 20; ring++) {
      gain.gain.setValueAtTime(0.05, own.currentTime + ring * 4.5);
      gain.gain.setValueAtTime(0, own.currentTime + ring * 4.5 + 1.5);
    }
    return () => void own.close();
  }, [on]);
}

/** The agent's phone rings on a device of its own: two soft notes, every two seconds. */
export function useRingtone(on: boolean, sinkId = ""): void {
  useEffect(() => {
    if (!on) return;
    const own = new AudioContext(sinkId ? ({ sinkId } as AudioContextOptions) : {});
    const note = (hertz: number, at: number) => {
      const tone = own.createOscillator();
      const gain = own.createGain();
      tone.frequency.value = hertz;
      gain.gain.setValueAtTime(0.0001, at);
      gain.gain.exponentialRampToValueAtTime(0.12, at + 0.03);
      gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.5);
      tone.connect(gain).connect(own.destination);
      tone.start(at);
      tone.stop(at + 0.55);
    };
    for (let ring = 0; ring < 15; ring++) {
      note(660, own.currentTime + ring * 2);
      note(880, own.currentTime + ring * 2 + 0.22);
    }
    return () => void own.close();
  }, [on, sinkId]);
}
