import { Button, Group, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconCheck, IconClockPlus } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, Failure, unwrap } from "@/api/client";
import type { MyDesk } from "@/api/types";
import { client, queries } from "@/app/queries";
import { useLeaveGuard } from "@/components/leave-guard";
import { useNow } from "@/components/now";
import { useFailureText } from "@/components/states";
import { duration } from "@/format";
import { useLivePart } from "@/live/hooks";
import { useDesk } from "./state";
import "./desk.css";

/** What an agent chose and wrote for calls and the server has not got yet, by call. */
const drafts = new Map<string, { code: string; note: string }>();

/**
 * The time after a call: how it ended, a note, and when the next may come. When the time is
 * over the panel stays for what is still to be said of the call, out of the way of the next.
 */
export function WrapUp() {
  const desk = useDesk();
  const [calls, setCalls] = useState<string[]>([]);
  const state = desk?.now.state;
  const wrapping = state === "wrap_up" ? (desk?.now.call_id ?? "") : "";
  if (wrapping && !calls.includes(wrapping)) setCalls([...calls, wrapping]);
  const call = wrapping || calls.at(-1);
  if (!desk || !call || state === "ringing" || state === "on_call") return null;
  const close = () => {
    drafts.delete(call);
    setCalls((open) => open.filter((one) => one !== call));
  };
  return <Panel key={call} call={call} over={!wrapping} desk={desk} close={close} />;
}

function Panel({
  call,
  over,
  desk,
  close,
}: {
  call: string;
  over: boolean;
  desk: MyDesk;
  close: () => void;
}) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const skew = useLivePart((state) => state.skew);
  const now = useNow(500, skew);
  const [saved, setSaved] = useState({
    code: desk.chosen?.code ?? "",
    note: desk.chosen?.note ?? "",
  });
  const [code, setCode] = useState(drafts.get(call)?.code ?? saved.code);
  const [note, setNote] = useState(drafts.get(call)?.note ?? saved.note);
  const [missing, setMissing] = useState(false);
  const chosen = desk.dispositions.find((one) => one.code === code);
  const left = desk.now.until ? (Date.parse(desk.now.until) - now) / 1000 : 0;
  const refresh = () => client.invalidateQueries({ queryKey: queries.desk.queryKey });
  const failed = (error: unknown) => {
    const known = error instanceof Failure ? error.code : "";
    const text =
      known === "disposition_missing"
        ? t("state.chooseFirst")
        : known === "no_more_time"
          ? t("state.noMoreTime")
          : failureText(error);
    notifications.show({ message: text, color: "red" });
  };
  const extend = useMutation({
    mutationFn: () => unwrap(api.POST("/api/v1/me/wrap-up", { body: { do: "extend" } })),
    onSuccess: refresh,
    onError: failed,
  });
  const finish = useMutation({
    mutationFn: async () => {
      if (!code) return unwrap(api.POST("/api/v1/me/wrap-up", { body: { do: "end" } }));
      return unwrap(
        api.PUT("/api/v1/calls/{call_id}/disposition", {
          params: { path: { call_id: call } },
          body: { code, note, done: !over },
        }),
      );
    },
    onSuccess: () => {
      setSaved({ code, note });
      return refresh();
    },
    onError: failed,
  });
  const blocked =
    (!code && (desk.disposition_required || over || note.trim() !== "")) ||
    (!!chosen?.needs_note && !note.trim());
  useEffect(() => {
    drafts.set(call, { code, note });
  }, [call, code, note]);
  const kept = code === saved.code && note === saved.note;
  useLeaveGuard(!kept && note.trim() !== "");
  const nothing = kept && (code !== "" || !desk.disposition_required);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the time is over
  useEffect(() => {
    if (over && !nothing && !blocked && !finish.isPending) finish.mutate();
  }, [over]);
  useEffect(() => {
    if (over && nothing) close();
  }, [over, nothing, close]);
  const done = () => {
    if (blocked) setMissing(true);
    else finish.mutate();
  };
  const finishing = useRef(done);
  finishing.current = done;
  const { dispositions } = desk;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
      if (typing || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
      const button = target.closest("button, a, [role=dialog], [tabindex='0']");
      if (event.key === "Enter" && (!button || target.closest("[role=radio]"))) {
        event.preventDefault();
        finishing.current();
        return;
      }
      const wanted = dispositions[Number(event.key) - 1];
      if (wanted) setCode(wanted.code);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [dispositions]);
  return (
    <section className="wrap-up" aria-label={t("state.wrapTitle")}>
      <Group justify="space-between" wrap="nowrap">
        <Text fw={700} lh={1.2}>
          {t("state.wrapTitle")}
        </Text>
        <Text
          size="sm"
          className="num"
          c={left < 10 || over ? "red" : "dimmed"}
          role="timer"
          style={{ whiteSpace: "nowrap" }}
        >
          {left > 0 && !over
            ? t("state.wrapLeft", { time: duration(Math.ceil(left)) })
            : t("state.wrapOver")}
        </Text>
      </Group>
      {over && (
        <Text size="sm" role="status" mt={4}>
          {t("state.wrapLate")}
        </Text>
      )}
      <div className="wrap-up-codes" role="radiogroup" aria-label={t("state.wrapTitle")}>
        {dispositions.map((one, index) => (
          // biome-ignore lint/a11y/useSemanticElements: a button carries the key beside its name
          <button
            key={one.code}
            type="button"
            role="radio"
            aria-checked={code === one.code}
            onClick={() => setCode(one.code)}
          >
            {index < 9 && <kbd>{index + 1}</kbd>}
            {one.name}
          </button>
        ))}
      </div>
      <Text size="xs" c="dimmed" mb={8}>
        {t("state.keys")}
      </Text>
      <Textarea
        label={t("state.note")}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        classNames={{ input: "growing" }}
        rows={1}
        maxLength={2000}
        required={!!chosen?.needs_note}
        error={missing && chosen?.needs_note && !note.trim() ? t("state.noteNeeded") : undefined}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) done();
        }}
      />
      {missing && !code && (
        <Text size="sm" c="red" role="alert" mt={6}>
          {t("state.chooseFirst")}
        </Text>
      )}
      <Group mt="sm" gap="xs" wrap="nowrap">
        {!over && (
          <Button
            variant="default"
            leftSection={<IconClockPlus size={18} aria-hidden />}
            onClick={() => extend.mutate()}
            loading={extend.isPending}
          >
            {t("state.extend")}
          </Button>
        )}
        {over && !desk.disposition_required && (
          <Button variant="default" onClick={close}>
            {t("app.discard")}
          </Button>
        )}
        <Button
          flex={1}
          leftSection={<IconCheck size={18} aria-hidden />}
          onClick={done}
          loading={finish.isPending}
        >
          {t("state.done")}
        </Button>
      </Group>
    </section>
  );
}
