import { useLevel } from "./sound";
import "./phone.css";

/** How loud a stream is, as a bar. */
export function Meter({ label, stream }: { label: string; stream: MediaStream | null }) {
  const level = useLevel(stream);
  return (
    <div className="meter">
      <span>{label}</span>
      <meter className="visually-hidden" aria-label={label} min={0} max={1} value={level} />
      <div className="meter-bar" aria-hidden>
        <i style={{ width: `${level * 100}%` }} />
      </div>
    </div>
  );
}
