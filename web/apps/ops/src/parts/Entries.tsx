// Any number of entries under one bar: the rows in sight are drawn, the blocks around them are fetched.
import { client, type Schemas } from "@tiao/api";
import { blockOf, sightOf, startsOf } from "@tiao/desk/blocks";
import { useWindow } from "@tiao/desk/window";
import { useSpeech } from "@tiao/ui";
import { useQueries } from "@tanstack/react-query";
import { memo, useEffect, useMemo, useState } from "react";
import { Money } from "./Shown";

type Entry = Schemas["BookedEntryShown"];

/** How tall a row is in each size of text; the style sheet says the same. */
const ROW_PX = { 1: 28, 1.3: 36, 1.6: 45 };
/** A bar dragged fast passes many blocks; those it rests on are fetched. */
const RESTS_MS = 60;
/** Whoever reads on by wheel or key never rests and must not wait: so far is fetched at once. */
const READS_ON_ROWS = 1_000;
const HELD_MS = 30_000;

interface Props {
  on: string;
  account: number | null;
  blocks: Schemas["EntryBlocks"];
}

export function Entries({ on, account, blocks }: Props) {
  const { t, language, scale } = useSpeech();
  const row = ROW_PX[scale];
  const view = useWindow(blocks.entries, row);
  const sight = sightOf(view.offset, view.height, blocks.entries, row);
  const rowAt = useRows({ on, account, blocks }, sight.first, sight.count);
  return (
    <div role="table" aria-label={t("ledger.entries")} aria-rowcount={blocks.entries + 1} className="entries">
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} className="entry entry-head">
          {(["number", "posting", "kind", "account", "debit", "credit", "recorded"] as const).map((name) => (
            <span key={name} role="columnheader">
              {t(`ledger.${name}`)}
            </span>
          ))}
        </div>
      </div>
      {/* It scrolls, so it is reached by keyboard. */}
      <div ref={view.box} role="rowgroup" tabIndex={0} aria-label={t("ledger.entries")} className="entries-box">
        <div ref={view.bar}>
          <div ref={view.sight} className="entries-sight">
            {Array.from({ length: sight.count }, (_, index) => {
              const place = sight.first + index;
              // A row that leaves at one end is used again at the other.
              return <Row key={place % (sight.count + 1)} place={place} of={rowAt(place)} />;
            })}
          </div>
        </div>
      </div>
      <p className="note">{t("ledger.read_all", { count: blocks.entries.toLocaleString(language) })}</p>
    </div>
  );
}

const Row = memo(function Row({ place, of }: { place: number; of: Entry | undefined }) {
  const { code, instant, language } = useSpeech();
  return (
    <div role="row" aria-rowindex={place + 2} className="entry">
      <span role="cell">{(place + 1).toLocaleString(language)}</span>
      <span role="cell" className="id" title={of?.posting}>
        {of ? `${of.posting.slice(0, 18)}…` : "…"}
      </span>
      <span role="cell">{of && code("posting.kind", of.kind)}</span>
      <span role="cell">{of?.account}</span>
      <span role="cell">{of && of.amount_minor > 0 && <Money minor={of.amount_minor} currency={of.currency} />}</span>
      <span role="cell">{of && of.amount_minor < 0 && <Money minor={-of.amount_minor} currency={of.currency} />}</span>
      <span role="cell">{of && instant(of.recorded_at)}</span>
    </div>
  );
});

/** Gives the row at a place once it is here; asks for the blocks in sight and one on either side of them. */
function useRows({ on, account, blocks }: Props, first: number, count: number): (place: number) => Entry | undefined {
  const starts = useMemo(() => startsOf(blocks.blocks.map((block) => block.entries)), [blocks]);
  const rested = useRested(first);
  const from = Math.max(0, blockOf(starts, rested) - 1);
  const to = Math.min(blocks.blocks.length - 1, blockOf(starts, Math.min(blocks.entries - 1, rested + count)) + 1);
  const found = useQueries({
    queries: Array.from({ length: to - from + 1 }, (_, index) => from + index).map((number) => ({
      queryKey: ["entries", on, account, number],
      // What is not wanted any more is broken off.
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const block = blocks.blocks[number];
        if (!block) throw new Error("a block that is not there");
        const query = { on, from: block.begins, limit: block.entries, ...(account === null ? {} : { account }) };
        const { data } = await client.GET("/v1/entries", { params: { query }, signal });
        return { number, rows: data?.data ?? [] };
      },
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: HELD_MS,
    })),
  });
  const held = new Map(found.flatMap((each) => (each.data ? [[each.data.number, each.data.rows]] : [])));
  return (place) => {
    const number = blockOf(starts, place);
    return held.get(number)?.[place - (starts[number] ?? 0)];
  };
}

/** A place: at once where it is read on to, else once it has stayed for a moment. */
function useRested(place: number): number {
  const [rested, setRested] = useState(place);
  const isNear = Math.abs(place - rested) <= READS_ON_ROWS;
  if (isNear && place !== rested) setRested(place);
  useEffect(() => {
    if (isNear) return;
    const timer = setTimeout(() => setRested(place), RESTS_MS);
    return () => clearTimeout(timer);
  }, [place, isNear]);
  return rested;
}
