import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, Failure, unwrap } from "@/api/client";
import type { Branch, Clinic, Me } from "@/api/types";
import { queries } from "./queries";

export async function fetchMe(): Promise<Me | null> {
  try {
    return await unwrap(api.GET("/api/v1/me"));
  } catch (error) {
    if (error instanceof Failure && error.status === 401) return null;
    throw error;
  }
}

/** The logged-in user; screens inside the shell always have one. */
export function useMe(): Me {
  const { data } = useQuery(queries.me);
  if (!data) throw new Error("no user");
  return data;
}

const NOWHERE: Clinic = {
  name: "",
  country: "es",
  language: "es-ES",
  currency: "EUR",
  branches: [],
  professionals: [],
  services: [],
  colleagues: [],
  queues: [],
};

export function useClinic(): Clinic {
  return useQuery(queries.clinic).data ?? NOWHERE;
}

/** The branch whose clock the screen shows: the user's, or the clinic's first. */
export function useHomeBranch(): Branch | undefined {
  const me = useMe();
  const { branches } = useClinic();
  return branches.find((branch) => branch.id === me.branch_id) ?? branches[0];
}

interface Named {
  username: string;
  name: string;
}

/** Somebody's name; with the user name where another's is the same, or begins with it. */
export function toldApart({ username, name }: Named, all: readonly Named[]): string {
  const alike = ({ name: other }: Named) =>
    `${name} `.startsWith(`${other} `) || `${other} `.startsWith(`${name} `);
  return all.some((one) => one.username !== username && alike(one))
    ? `${name} (${username})`
    : name;
}

/** The name of a colleague whose user name an event tells. */
export function useColleague(): (username: string) => string {
  const { colleagues } = useClinic();
  return useCallback(
    (username) => {
      const one = colleagues.find((colleague) => colleague.username === username);
      return one ? toldApart(one, colleagues) : username;
    },
    [colleagues],
  );
}

/** The title of a queue whose name an event tells. */
export function useQueueTitle(): (name: string) => string {
  const { queues } = useClinic();
  return useCallback((name) => queues.find((one) => one.name === name)?.title ?? name, [queues]);
}

export function useZone(): string {
  return useHomeBranch()?.zone ?? "Europe/Madrid";
}
