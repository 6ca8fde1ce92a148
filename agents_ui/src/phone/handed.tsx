import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useColleague, useMe, useQueueTitle } from "@/app/session";
import type { CallOnAir, Handed } from "@/live/call";
import { useLivePart } from "@/live/hooks";
import { callerName } from "@/screens/calls/card";
import { useAsked } from "./call-controls";

/** The call this agent handed on unannounced, as long as nobody has answered it; and what to
 * call when it turned out to be too late: no event tells that a caller has reached the mailbox. */
export function useHandedOn(): [CallOnAir | undefined, (handed: Handed | null) => void] {
  const { username } = useMe();
  const [gone, setGone] = useState<Handed | null>(null);
  const call = useLivePart(({ calls }) =>
    [...calls.values()].find(
      ({ handed, talkers }) =>
        handed?.agent === username && handed !== gone && !talkers.includes(username),
    ),
  );
  return [call, setGone];
}

/** Says who has answered the call that could be taken back until now; while it comes back
 * (``returning``) it is not known yet. */
function useAnswered(call: CallOnAir | undefined, returning: boolean): void {
  const { t } = useTranslation();
  const { username } = useMe();
  const colleague = useColleague();
  const asked = useAsked();
  const before = useRef<{ id: string; handed: Handed } | null>(null);
  const id = before.current?.id ?? "";
  const now = useLivePart(({ calls }) => calls.get(id));
  useEffect(() => {
    if (call?.handed) {
      before.current = { id: call.id, handed: call.handed };
      return;
    }
    const was = before.current;
    const mine = now?.talkers.includes(username);
    if (!was || (returning && !mine)) return;
    before.current = null;
    if (!now || mine) return;
    const by = now.talkers.at(-1);
    if (!by && was.handed.kind !== "outside") return;
    const name = by ? colleague(by) : asked(was.handed);
    notifications.show({ message: t("desk.handed.answered", { name }), autoClose: 10_000 });
  }, [call, now, returning, username, colleague, asked, t]);
}

/** A call on its way to somebody else, and the way to have it back. ``ready``: this phone is
 * there and free; ``returning``: it has been rung for the call. */
export function HandedOn({
  call,
  ready,
  busy,
  returning,
  back,
}: {
  call: CallOnAir | undefined;
  ready: boolean;
  busy: boolean;
  returning: boolean;
  back: () => void;
}) {
  const { t } = useTranslation();
  const asked = useAsked();
  const titled = useQueueTitle();
  useAnswered(call, returning);
  const handed = returning ? null : call?.handed;
  const text = !handed
    ? ""
    : handed.kind === "queue"
      ? t("desk.handed.going_queue", { name: titled(handed.to) })
      : t("desk.handed.going", { name: asked(handed) });
  return (
    <>
      <p className="visually-hidden" role="status">
        {text && `${text}. ${t("desk.handed.hint", { shift: t("desk.keys.shift") })}`}
      </p>
      {call && text && (
        <section className="handed-call" aria-label={t("desk.handed.title")}>
          <Group wrap="nowrap" justify="space-between" gap="sm">
            <div style={{ minWidth: 0 }}>
              <Text size="sm" fw={600} lineClamp={2}>
                {text}
              </Text>
              <Text size="xs" c="dimmed" truncate>
                {callerName(call, t)}
              </Text>
            </div>
            <Button
              size="sm"
              style={{ flex: "none" }}
              leftSection={<IconArrowBackUp size={18} aria-hidden />}
              aria-keyshortcuts="Shift+F8"
              title={`${t("desk.keys.shift")} + F8`}
              disabled={!ready}
              loading={busy}
              onClick={back}
            >
              {t("desk.handed.back")}
            </Button>
          </Group>
        </section>
      )}
    </>
  );
}
