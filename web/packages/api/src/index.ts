// The one way to the server: typed by its own API document, so that a change there breaks the build here.
import createFetchClient, { type Middleware } from "openapi-fetch";
import createQueryClient from "openapi-react-query";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

/** A refusal as the server words it (RFC 9457). */
export class Refused extends Error {
  readonly code: string;
  readonly status: number;
  readonly facts: Schemas["Problem"]["facts"];

  constructor(problem: Pick<Schemas["Problem"], "code" | "status" | "detail" | "facts">) {
    super(problem.detail);
    this.name = "Refused";
    this.code = problem.code;
    this.status = problem.status;
    this.facts = problem.facts;
  }
}

const refusing: Middleware = {
  async onResponse({ response }) {
    if (response.ok) return response;
    throw new Refused(await problemOf(response));
  },
  onError() {
    return new Refused({ code: "network", status: 0, detail: "the server cannot be reached", facts: {} });
  },
};

async function problemOf(response: Response): Promise<Schemas["Problem"]> {
  try {
    return (await response.clone().json()) as Schemas["Problem"];
  } catch {
    const detail = `the server answered ${response.status}`;
    return {
      type: "about:blank",
      title: detail,
      status: response.status,
      detail,
      instance: "",
      code: "unreadable",
      errors: [],
      facts: {},
    };
  }
}

/** The header of one change: sent twice by a stuttering network, it happens once. Keep it for a change that is tried again. */
export function once(): { "Idempotency-Key": string } {
  return { "Idempotency-Key": crypto.randomUUID() };
}

export const client = createFetchClient<paths>({ baseUrl: "/", credentials: "same-origin" });
client.use(refusing);

/** Queries and mutations of React, typed by path. */
export const api = createQueryClient(client);
