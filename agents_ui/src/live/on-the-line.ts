import { useMe } from "@/app/session";
import type { CallOnAir } from "./call";
import { useLivePart } from "./hooks";

/** Who this user has on the phone, as far as it is known. */
export interface OnTheLine {
  call: CallOnAir;
  patient: { id: number; name: string } | null;
}

/** The conversation that rings or talks on this user's phone, with its patient. */
export function useOnTheLine(): OnTheLine | null {
  const { username } = useMe();
  const call = useLivePart(({ calls }) =>
    [...calls.values()].find(
      (one) => one.talkers.includes(username) || one.rings.includes(username),
    ),
  );
  if (!call) return null;
  const known =
    call.caller?.file?.patient ??
    (call.caller?.patients.length === 1 ? call.caller.patients[0] : undefined);
  return {
    call,
    patient: known ? { id: known.id, name: `${known.given} ${known.family}`.trim() } : null,
  };
}
