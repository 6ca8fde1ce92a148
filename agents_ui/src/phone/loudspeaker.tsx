import { useEffect, useRef } from "react";
import { useDevices } from "./devices";

/** Plays a stream on the loudspeaker. */
export function Loudspeaker({ stream }: { stream: MediaStream | null }) {
  const { speaker } = useDevices();
  const element = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const audio = element.current;
    if (!audio) return;
    audio.srcObject = stream;
    if (stream) void audio.play().catch(() => undefined);
  }, [stream]);
  useEffect(() => {
    void element.current?.setSinkId?.(speaker).catch(() => undefined);
  }, [speaker]);
  // biome-ignore lint/a11y/useMediaCaption: a live call has its captions beside it
  return <audio ref={element} autoPlay />;
}
