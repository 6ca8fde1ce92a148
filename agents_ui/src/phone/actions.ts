import { notifications } from "@mantine/notifications";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { api, Failure, unwrap } from "@/api/client";
import { useFailureText } from "@/components/states";
import { phone } from "./agent";

export type Mode = "listen" | "whisper" | "barge";
/** Refusals that say what is the matter; of the others it is known that something changed. */
const PLAIN = new Set(["caller_held", "consulting", "answered"]);
export type TargetKind = "agent" | "queue" | "outside";

/**
 * What can be done with the call in hand, by the server: it stands after a reload and every
 * screen hears of it. What fails is said, and nothing on the screen pretends it was done.
 */
export function useCallActions() {
  const { t } = useTranslation();
  const failureText = useFailureText();
  return useMemo(() => {
    const tried = async (work: Promise<unknown>): Promise<boolean> => {
      try {
        await work;
        return true;
      } catch (error) {
        const said = error instanceof Failure && error.status === 409 && !PLAIN.has(error.code);
        notifications.show({
          color: "red",
          title: t("desk.notDone"),
          message: said ? t("desk.changed") : failureText(error),
        });
        return false;
      }
    };
    const base = "/api/v1/me/call";
    return {
      async hold(on: boolean): Promise<void> {
        const asked = on ? api.POST(`${base}/hold`) : api.DELETE(`${base}/hold`);
        try {
          await unwrap(asked);
        } catch (error) {
          const unreachable =
            error instanceof Failure && (error.status === 0 || error.status >= 500);
          if (unreachable) phone.hold(on);
          else await tried(Promise.reject(error));
        }
      },
      transfer: (how: "blind" | "warm", kind: TargetKind, to: string) =>
        tried(unwrap(api.POST(`${base}/transfer`, { body: { how, kind, to } }))),
      /** ``late``: it has been answered, by somebody or a mailbox. */
      takeBack(call: string, late: () => void): Promise<boolean> {
        phone.expect();
        const path = { call_id: call };
        return tried(
          unwrap(api.POST("/api/v1/calls/{call_id}/take-back", { params: { path } })).catch(
            (error) => {
              if (error instanceof Failure && error.code === "answered") late();
              throw error;
            },
          ),
        );
      },
      consultation: (then: "cancel" | "complete" | "conference") =>
        tried(unwrap(api.POST(`${base}/consultation`, { body: { then } }))),
      record: (on: boolean) => tried(unwrap(api.PUT(`${base}/recording`, { body: { on } }))),
      end: () => tried(unwrap(api.DELETE(base))),
      dial(number: string, patient: number | null = null): Promise<boolean> {
        phone.expect();
        return tried(unwrap(api.POST(base, { body: { number, patient_id: patient } })));
      },
      supervise(call: string, mode: Mode): Promise<boolean> {
        phone.expect();
        return tried(
          unwrap(
            api.PUT("/api/v1/calls/{call_id}/supervision", {
              params: { path: { call_id: call } },
              body: { mode },
            }),
          ),
        );
      },
      stopSupervising: () => tried(unwrap(api.DELETE("/api/v1/me/supervision"))),
      takeOver: (call: string) =>
        tried(
          unwrap(
            api.POST("/api/v1/calls/{call_id}/take-over", { params: { path: { call_id: call } } }),
          ),
        ),
    };
  }, [t, failureText]);
}
