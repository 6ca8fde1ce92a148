import { keepPreviousData, QueryClient, queryOptions } from "@tanstack/react-query";
import { api, Failure, unwrap } from "@/api/client";
import type { paths } from "@/api/schema";
import type { Opening } from "@/api/types";
import { fetchMe } from "./session";

export const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (count, error) =>
        count < 2 && (!(error instanceof Failure) || error.status === 0 || error.status >= 500),
    },
    mutations: { retry: false },
  },
});

/** What somebody is writing is kept as long as they are logged in. */
client.setQueryDefaults(["draft"], { gcTime: Number.POSITIVE_INFINITY });

export interface LogFilters {
  text?: string;
  direction?: "inbound" | "outbound";
  outcome?:
    | "completed"
    | "transferred"
    | "voicemail"
    | "callback"
    | "abandoned"
    | "failed"
    | "lost"
    | "unanswered";
  reason?: string;
  day_from?: string;
  day_to?: string;
  recorded?: boolean;
  mine?: boolean;
  patient_id?: number;
}

/** Which acts of supervision are shown. */
export interface DoneFilters {
  by?: string | undefined;
  action?: string | undefined;
  day_from?: string | undefined;
  day_to?: string | undefined;
}

export type SlotWish = NonNullable<paths["/api/v1/agenda/free"]["get"]["parameters"]["query"]>;

export interface Draft {
  given: string;
  family: string;
  birth_date?: string;
  document: string;
  number: string;
}

const ASKED_AGAIN_MS = 600_000;

/** Until just after a branch opens or closes. */
function untilChange(opening: Opening | undefined): number {
  if (!opening) return ASKED_AGAIN_MS;
  const left = opening.branches.map(({ changes_at }) =>
    changes_at ? Date.parse(changes_at) - Date.parse(opening.now) + 1000 : ASKED_AGAIN_MS,
  );
  return Math.min(ASKED_AGAIN_MS, ...left);
}

export const queries = {
  me: queryOptions({ queryKey: ["me"], queryFn: fetchMe, staleTime: 60_000 }),
  clinic: queryOptions({
    queryKey: ["clinic"],
    queryFn: () => unwrap(api.GET("/api/v1/clinic")),
    staleTime: 300_000,
  }),
  opening: queryOptions({
    queryKey: ["opening"],
    queryFn: () => unwrap(api.GET("/api/v1/clinic/opening")),
    refetchInterval: (query) => untilChange(query.state.data),
    refetchIntervalInBackground: true,
  }),
  agenda: (day: string | null, branch: number | null) =>
    queryOptions({
      queryKey: ["agenda", day, branch],
      queryFn: () =>
        unwrap(
          api.GET("/api/v1/agenda", {
            params: { query: { day: day ?? undefined, branch_id: branch ?? undefined } },
          }),
        ),
      placeholderData: keepPreviousData,
    }),
  week: (day: string | null, branch: number | null) =>
    queryOptions({
      queryKey: ["agenda", "week", day, branch],
      queryFn: () =>
        unwrap(
          api.GET("/api/v1/agenda/week", {
            params: { query: { day: day ?? undefined, branch_id: branch ?? undefined } },
          }),
        ),
      placeholderData: keepPreviousData,
    }),
  free: (wish: SlotWish | null) =>
    queryOptions({
      queryKey: ["agenda", "free", wish],
      queryFn: () => unwrap(api.GET("/api/v1/agenda/free", { params: { query: wish ?? {} } })),
      enabled: wish !== null,
      placeholderData: keepPreviousData,
    }),
  duplicates: (id: number) =>
    queryOptions({
      queryKey: ["patient", id, "duplicates"],
      queryFn: () =>
        unwrap(
          api.GET("/api/v1/patients/{patient_id}/duplicates", {
            params: { path: { patient_id: id } },
          }),
        ),
    }),
  likely: (draft: Draft) =>
    queryOptions({
      queryKey: ["patients", "likely", draft],
      queryFn: () => unwrap(api.GET("/api/v1/patients/duplicates", { params: { query: draft } })),
      enabled: (draft.given + draft.family).trim().length >= 5 || draft.document.length >= 6,
    }),
  calls: (filters: LogFilters) => ({
    queryKey: ["calls", filters] as const,
    queryFn: ({ pageParam }: { pageParam: string }) =>
      unwrap(
        api.GET("/api/v1/calls", {
          params: { query: { ...filters, before: pageParam, limit: 40 } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page: { next: string | null }) => page.next,
    placeholderData: keepPreviousData,
  }),
  call: (id: string) =>
    queryOptions({
      queryKey: ["call", id],
      queryFn: () =>
        unwrap(api.GET("/api/v1/calls/{call_id}", { params: { path: { call_id: id } } })),
    }),
  patient: (id: number) =>
    queryOptions({
      queryKey: ["patient", id],
      queryFn: () =>
        unwrap(api.GET("/api/v1/patients/{patient_id}", { params: { path: { patient_id: id } } })),
    }),
  confirmation: (visit: number) =>
    queryOptions({
      queryKey: ["confirmation", visit],
      queryFn: () =>
        unwrap(
          api.GET("/api/v1/confirmations/{appointment_id}", {
            params: { path: { appointment_id: visit } },
          }),
        ),
    }),
  patients: (text: string) =>
    queryOptions({
      queryKey: ["patients", text],
      queryFn: () =>
        unwrap(api.GET("/api/v1/patients", { params: { query: { text, limit: 12 } } })),
      enabled: text.trim().length >= 2,
      placeholderData: keepPreviousData,
    }),
  desk: queryOptions({
    queryKey: ["desk"],
    queryFn: () => unwrap(api.GET("/api/v1/me/desk")),
  }),
  room: queryOptions({
    queryKey: ["room"],
    queryFn: () => unwrap(api.GET("/api/v1/room")),
    staleTime: 0,
  }),
  roomLog: (filters: DoneFilters) =>
    queryOptions({
      queryKey: ["room-log", filters],
      queryFn: () => unwrap(api.GET("/api/v1/room/log", { params: { query: filters } })),
      staleTime: 0,
    }),
  deskReport: (from: string, to: string) =>
    queryOptions({
      queryKey: ["desk-report", from, to],
      queryFn: () =>
        unwrap(
          api.GET("/api/v1/reports/desk", { params: { query: { day_from: from, day_to: to } } }),
        ),
      placeholderData: keepPreviousData,
    }),
  keptPlaces: queryOptions({
    queryKey: ["kept-places"],
    queryFn: () => unwrap(api.GET("/api/v1/kept-places")),
    refetchInterval: 30_000,
  }),
  tickets: (status: "open" | "closed") =>
    queryOptions({
      queryKey: ["tickets", status],
      queryFn: () => unwrap(api.GET("/api/v1/tickets", { params: { query: { status } } })),
    }),
};
