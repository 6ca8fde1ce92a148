import { Autocomplete, Badge, Button, Group, Modal, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconPhoneOutgoing } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "@/api/client";
import type { KeptPlace } from "@/api/types";
import { client, queries } from "@/app/queries";
import { Failed, useFailureText } from "@/components/states";
import { useUndoable } from "@/components/undo";
import { clockTime, phone } from "@/format";

const fresh = () => client.invalidateQueries({ queryKey: ["kept-places"] });
const named = (place: KeptPlace) => (place.who === place.number ? phone(place.number) : place.who);

function useRestored() {
  const { t } = useTranslation();
  const failureText = useFailureText();
  return useMutation({
    mutationFn: (id: number) =>
      unwrap(
        api.POST("/api/v1/kept-places/{place_id}/restore", { params: { path: { place_id: id } } }),
      ),
    onSuccess: () => {
      fresh();
      notifications.show({ message: t("tickets.kept.restored"), color: "teal" });
    },
    onError: (error) => notifications.show({ message: failureText(error), color: "red" }),
  });
}

/** Asks why nobody need call them any more. */
function Cancel({
  place,
  restore,
  close,
}: {
  place: KeptPlace;
  restore: (id: number) => void;
  close: () => void;
}) {
  const { t } = useTranslation();
  const failureText = useFailureText();
  const undoable = useUndoable();
  const [note, setNote] = useState("");
  const cancel = useMutation({
    mutationFn: () =>
      unwrap(
        api.POST("/api/v1/kept-places/{place_id}/cancel", {
          params: { path: { place_id: place.id } },
          body: { note },
        }),
      ),
    onSuccess: () => {
      close();
      undoable(t("tickets.kept.cancelled"), () => restore(place.id));
    },
    onError: (error) => notifications.show({ message: failureText(error), color: "red" }),
    onSettled: fresh,
  });
  return (
    <Modal
      opened
      onClose={close}
      title={<Text fw={650}>{t("tickets.kept.cancelTitle", { who: named(place) })}</Text>}
      closeButtonProps={{ "aria-label": t("app.close") }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          cancel.mutate();
        }}
      >
        <Text size="sm" c="dimmed" mb="sm">
          {t("tickets.kept.cancelHint")}
        </Text>
        <Autocomplete
          data-autofocus
          required
          label={t("tickets.kept.why")}
          data={[
            t("tickets.kept.reasons.served"),
            t("tickets.kept.reasons.asked"),
            t("tickets.kept.reasons.wrong"),
          ]}
          filter={({ options }) => options}
          value={note}
          maxLength={300}
          onChange={setNote}
        />
        <Group justify="flex-end" mt="md">
          <Button variant="default" onClick={close}>
            {t("tickets.kept.keep")}
          </Button>
          <Button type="submit" color="red" disabled={!note.trim()} loading={cancel.isPending}>
            {t("tickets.kept.cancel")}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

/** Who hung up in the queue and is called by the system when it is their turn. */
export function Kept({ now }: { now: number }) {
  const { t, i18n } = useTranslation();
  const kept = useQuery(queries.keptPlaces);
  const restore = useRestored();
  const [asked, setAsked] = useState<number | null>(null);
  if (!kept.data?.length && !kept.isError) return null;
  const cancelling = kept.data?.find((place) => place.id === asked && !place.calling);
  return (
    <section className="panel kept" aria-labelledby="kept-title">
      <Group gap={8}>
        <IconPhoneOutgoing size={18} aria-hidden />
        <Title order={2} size="h5" id="kept-title">
          {t("tickets.kept.title")}
        </Title>
        <Text size="sm" c="dimmed">
          {t("tickets.kept.hint")}
        </Text>
      </Group>
      {kept.isError && <Failed error={kept.error} again={() => kept.refetch()} />}
      <ul>
        {kept.data?.map((place) => {
          const time = (moment: string) => clockTime(moment, place.zone, i18n.language);
          return (
            <li key={place.id}>
              <Text fw={600} truncate>
                {named(place)}
              </Text>
              <Text size="sm" c="dimmed" className="num">
                {place.queue} · {t("tickets.kept.since", { time: time(place.waiting_since) })}
              </Text>
              {place.calling ? (
                <Badge color="green">{t("tickets.kept.calling")}</Badge>
              ) : place.attempts > 0 && Date.parse(place.next_at) > now ? (
                <Badge color="orange">
                  {t("tickets.kept.again", { time: time(place.next_at) })}
                </Badge>
              ) : (
                <Badge color="gray">{t("tickets.kept.waiting")}</Badge>
              )}
              <Button
                size="compact-sm"
                variant="default"
                disabled={place.calling}
                aria-label={t("tickets.kept.cancelOf", { who: named(place) })}
                onClick={() => setAsked(place.id)}
              >
                {t("tickets.kept.cancel")}
              </Button>
            </li>
          );
        })}
      </ul>
      {cancelling && (
        <Cancel place={cancelling} restore={restore.mutate} close={() => setAsked(null)} />
      )}
    </section>
  );
}
