import { useEffect, useState, useSyncExternalStore } from "react";

/** Devices the user chose; an empty one is the system's. */
export interface Chosen {
  microphone: string;
  speaker: string;
  /** Where it rings: often the loudspeaker while one talks through a headset. */
  ringer: string;
}

const KEPT = "auricula-devices";
const NONE: Chosen = { microphone: "", speaker: "", ringer: "" };

class Devices {
  private state: Chosen = read();
  private readonly listeners = new Set<() => void>();

  readonly chosen = (): Chosen => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  choose(part: Partial<Chosen>): void {
    this.state = { ...this.state, ...part };
    localStorage.setItem(KEPT, JSON.stringify(this.state));
    for (const listener of this.listeners) listener();
  }
}

function read(): Chosen {
  try {
    return { ...NONE, ...JSON.parse(localStorage.getItem(KEPT) ?? "{}") };
  } catch {
    return NONE;
  }
}

export const devices = new Devices();

export function useDevices(): Chosen {
  return useSyncExternalStore(devices.subscribe, devices.chosen);
}

/** What is plugged in, kept up to date; names appear once the microphone was allowed. */
export function usePlugged(again: unknown): MediaDeviceInfo[] {
  const [plugged, setPlugged] = useState<MediaDeviceInfo[]>([]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a permission given changes the names
  useEffect(() => {
    const media = navigator.mediaDevices;
    if (!media) return;
    let over = false;
    const look = () =>
      media.enumerateDevices().then(
        (found) => !over && setPlugged(found),
        () => undefined,
      );
    void look();
    media.addEventListener("devicechange", look);
    return () => {
      over = true;
      media.removeEventListener("devicechange", look);
    };
  }, [again]);
  return plugged;
}
