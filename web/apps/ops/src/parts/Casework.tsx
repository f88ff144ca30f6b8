// Cases worked from top to bottom by keyboard: taken, answered with a reason, and the next one comes by itself.
// What a case is and what may be answered differ; how it is worked is here, once.
import { Refused } from "@tiao/api";
import { Ask } from "@tiao/desk/Ask";
import { Refusal } from "@tiao/desk/Refusal";
import { useSay } from "@tiao/desk/Say";
import { type Key, refusedLast, useSpeech } from "@tiao/ui";
import { type Page, usePages } from "@tiao/ui/pages";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert } from "antd";
import { type ReactNode, useState } from "react";
import { useLocation, useParams } from "wouter";
import { Worklist } from "./Worklist";

/** A way to answer: its key, what it is called, the usual reasons, and what it does; *ends* when the case is then over. */
export interface Way<Row> {
  key: string;
  title: Key;
  usual: Key[];
  isDanger?: boolean;
  ends: boolean;
  /** Answers what became of the case, to be said. */
  send: (row: Row, reason: string) => Promise<string>;
}

export interface Taking<Row> {
  /** Takes the case that comes next; answers its id. */
  next: () => Promise<string>;
  claim: (row: Row) => Promise<unknown>;
  putBack: (row: Row) => Promise<unknown>;
}

export interface Casework<Row, Name extends string> {
  title: Key;
  path: string;
  name: string;
  read: (after: string | undefined) => Promise<{ data?: Page<Row> }>;
  counts: ReactNode;
  /** How a case is taken on before it is answered; left out where nobody does, the next is simply the one below. */
  taking?: Taking<Row>;
  ways: Record<Name, Way<Row>>;
  row: (row: Row) => ReactNode;
  detail: (row: Row, ask: (name: Name) => void) => ReactNode;
}

export function Casework<Row extends { id: string }, Name extends string>(work: Casework<Row, Name>) {
  const { t } = useSpeech();
  const { id } = useParams<{ id?: string }>();
  const [, go] = useLocation();
  const queries = useQueryClient();
  const say = useSay();
  const [asking, setAsking] = useState<Name | null>(null);
  const pages = usePages([work.name], work.read);
  const chosen = pages.rows.find((row) => row.id === id) ?? null;
  const way = asking === null ? null : work.ways[asking];
  const renew = () => queries.invalidateQueries();

  const { taking } = work;
  const below = async () => {
    const place = pages.rows.findIndex((row) => row.id === chosen?.id);
    return (pages.rows[place + 1] ?? pages.rows.find((row) => row.id !== chosen?.id))?.id ?? "";
  };
  const next = useMutation({
    mutationFn: taking?.next ?? below,
    onSuccess: async (found: string) => {
      await renew();
      go(found ? `${work.path}/${found}` : work.path);
    },
  });
  const claim = useMutation({ mutationFn: async (row: Row) => taking?.claim(row), onSuccess: renew });
  const putBack = useMutation({ mutationFn: async (row: Row) => taking?.putBack(row), onSuccess: renew });
  const send = useMutation({
    mutationFn: ({ way, row, reason }: { way: Way<Row>; row: Row; reason: string }) => way.send(row, reason),
    onSuccess: async (said: string, { way }) => {
      setAsking(null);
      say(said);
      await renew();
      if (way.ends) next.mutate();
    },
  });
  const refused = refusedLast(next, claim, putBack);
  const isEmptied = refused instanceof Refused && refused.code === "no_case_waits";
  const deeds: Record<string, () => void> = taking
    ? { c: () => chosen && claim.mutate(chosen), r: () => chosen && putBack.mutate(chosen) }
    : {};
  for (const name of Object.keys(work.ways) as Name[]) {
    deeds[work.ways[name].key] = () => chosen && setAsking(name);
  }
  return (
    <>
      <Worklist
        title={work.title}
        rows={pages.rows}
        isPending={pages.isPending}
        more={pages.hasNextPage ? () => void pages.fetchNextPage() : null}
        chosen={chosen}
        onChoose={(row) => go(`${work.path}/${row.id}`)}
        onNext={() => next.mutate()}
        isTaking={next.isPending}
        {...(taking ? {} : { nextName: "queue.below" as const })}
        isAsking={way !== null}
        deeds={deeds}
        counts={work.counts}
        row={work.row}
        above={
          <>
            {isEmptied && <Alert type="success" showIcon title={t("queue.emptied")} />}
            <Refusal error={(isEmptied ? null : refused) ?? pages.error} />
          </>
        }
      >
        {chosen && work.detail(chosen, setAsking)}
      </Worklist>
      {chosen && way && (
        <Ask
          title={t(way.title)}
          usual={way.usual.map((key) => t(key))}
          isDanger={way.isDanger ?? false}
          isPending={send.isPending}
          error={send.error}
          onCancel={() => setAsking(null)}
          onAnswer={(reason) => send.mutate({ way, row: chosen, reason })}
        />
      )}
    </>
  );
}
