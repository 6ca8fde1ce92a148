import { Badge, Button, Modal, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconArrowBarToUp, IconMoodSmile } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { QueueNow, WaitingCaller } from "@/api/types";
import { useColleague } from "@/app/session";
import { Scroll } from "@/components/scroll";
import { Empty, useFailureText } from "@/components/states";
import { useCodes } from "@/components/texts";
import { duration, phone } from "@/format";
import { useLivePart } from "@/live/hooks";
import { callerName } from "@/screens/calls/card";

const URGENT = 10;

function MoveUp({ caller, who, close }: { caller: WaitingCaller; who: string; close: () => void }) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const [note, setNote] = useState("");
  const move = useMutation({
    mutationFn: () =>
      unwrap(
        api.POST("/api/v1/room/callers/{call_id}/up", {
          params: { path: { call_id: caller.call_id } },
          body: { note },
        }),
      ),
    onSuccess: () => {
      notifications.show({ message: t("room.upDone"), color: "teal" });
      close();
    },
    onError: (error) => notifications.show({ message: failureText(error), color: "red" }),
  });
  return (
    <Modal
      opened
      onClose={close}
      title={t("room.upTitle", { who })}
      closeButtonProps={{ "aria-label": t("app.close") }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          move.mutate();
        }}
      >
        <Text size="sm" c="dimmed" mb="sm">
          {t("room.upHint")}
        </Text>
        <TextInput
          data-autofocus
          label={t("room.noteWhy")}
          value={note}
          maxLength={300}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <Button type="submit" fullWidth mt="md" loading={move.isPending}>
          {t("room.up")}
        </Button>
      </form>
    </Modal>
  );
}

/** Callers in line, the next one first. */
export function Line({
  callers,
  now,
  queues,
}: {
  callers: WaitingCaller[];
  now: number;
  queues: QueueNow[];
}) {
  const { t } = useTranslation();
  const codes = useCodes();
  const colleague = useColleague();
  const [moving, setMoving] = useState<string | null>(null);
  const onAir = useLivePart((state) => state.calls);
  if (callers.length === 0)
    return (
      <Empty icon={IconMoodSmile} title={t("room.lineEmpty")} hint={t("room.lineEmptyHint")} />
    );
  const nameOf = (caller: WaitingCaller) => {
    if (caller.hidden) return t("room.hidden");
    const call = onAir.get(caller.call_id);
    const likely = call?.sight === "full" ? callerName(call, t) : phone(caller.number);
    return caller.who || likely || t("calls.hidden");
  };
  const about = (caller: WaitingCaller) =>
    [
      caller.reason && codes.reason(caller.reason),
      queues.length > 1 && queues.find((one) => one.name === caller.queue)?.title,
      caller.ringing && t("room.ringsAt", { name: colleague(caller.ringing) }),
    ]
      .filter(Boolean)
      .join(" · ");
  const wanted = callers.find((caller) => caller.call_id === moving);
  const alone = (caller: WaitingCaller) =>
    callers.filter((one) => one.queue === caller.queue && one.priority < URGENT)[0]?.call_id ===
    caller.call_id;
  return (
    <Scroll label={t("room.line")}>
      <ol className="line">
        {callers.map((caller) => (
          <li key={caller.call_id} data-urgent={caller.priority >= URGENT || undefined}>
            <span className="line-place num">{caller.place}</span>
            <div style={{ minWidth: 0 }}>
              <Text fw={600} truncate>
                {nameOf(caller)}
              </Text>
              <Text size="sm" c="dimmed" truncate title={about(caller)}>
                {about(caller)}
              </Text>
            </div>
            {caller.priority >= URGENT ? (
              <Badge color="red">{t("room.urgent")}</Badge>
            ) : caller.priority > 0 ? (
              <Badge color="blue">{t("room.moved")}</Badge>
            ) : (
              <span />
            )}
            <Text className="num" fw={650}>
              {duration((now - Date.parse(caller.since)) / 1000)}
            </Text>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconArrowBarToUp size={16} aria-hidden />}
              disabled={caller.hidden || caller.priority >= URGENT || alone(caller)}
              onClick={() => setMoving(caller.call_id)}
            >
              {t("room.up")}
            </Button>
          </li>
        ))}
      </ol>
      {wanted && <MoveUp caller={wanted} who={nameOf(wanted)} close={() => setMoving(null)} />}
    </Scroll>
  );
}
