import createClient from "openapi-fetch";
import type { paths } from "./schema";
import type { Problem } from "./types";

/** The REST client; the session is a cookie, so there is nothing to add to a request. */
export const api = createClient<paths>({ baseUrl: "/", fetch: (request) => fetch(request) });

/** A failure the server explained. */
export class Failure extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly retryAfter: number | null = null,
  ) {
    super(detail);
  }
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of an answer, or the failure it tells of, thrown. */
export async function unwrap<T>(answer: Promise<Answer<T>>): Promise<T> {
  let given: Answer<T>;
  try {
    given = await answer;
  } catch {
    throw new Failure(0, "offline", "");
  }
  if (given.response.ok) return given.data as T;
  const problem = (given.error ?? {}) as Partial<Problem>;
  const retry = Number(given.response.headers.get("Retry-After"));
  throw new Failure(
    given.response.status,
    problem.code ?? "internal",
    problem.detail ?? "",
    Number.isFinite(retry) && retry > 0 ? retry : null,
  );
}
