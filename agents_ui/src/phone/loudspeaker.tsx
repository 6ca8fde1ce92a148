import { useEffect, useRef } from "react";

/** Plays a stream on the loudspeaker. */
export function Loudspeaker({ stream }: { stream: MediaStream | null }) {
  const element = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const audio = element.current;
    if (!audio) return;
    audio.srcObject = stream;
    if (stream) void audio.play().catch(() => undefined);
  }, [stream]);
  // biome-ignore lint/a11y/useMediaCaption: a live call has its captions beside it
  return <audio ref={element} autoPlay />;
}
