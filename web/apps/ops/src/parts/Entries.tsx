// Any number of entries under one bar: the rows in sight are drawn, the blocks they lie in are fetched.
import { client, type Schemas } from "@tiao/api";
import { blockOf, sightOf, startsOf, TALLEST_PX } from "@tiao/desk/blocks";
import { useSpeech } from "@tiao/ui";
import { useQueries } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { Money } from "./Shown";

const ROW_PX = 28;
/** A bar dragged fast passes many blocks; those it rests on are fetched. */
const RESTS_MS = 60;

interface Props {
  on: string;
  account: number | null;
  blocks: Schemas["EntryBlocks"];
}

export function Entries({ on, account, blocks }: Props) {
  const { t, code, instant } = useSpeech();
  const starts = useMemo(() => startsOf(blocks.blocks.map((block) => block.entries)), [blocks]);
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(560);
  useEffect(() => {
    const measure = () => setHeight(box.current?.clientHeight ?? 560);
    measure();
    addEventListener("resize", measure);
    return () => removeEventListener("resize", measure);
  }, []);
  const sight = sightOf(top, height, blocks.entries, ROW_PX);
  const rested = useRested(sight.first);
  const wanted = [blockOf(starts, rested), blockOf(starts, Math.min(blocks.entries - 1, rested + sight.count))];
  const found = useQueries({
    queries: [...new Set(wanted)].map((number) => ({
      queryKey: ["entries", on, account, number],
      queryFn: async () => {
        const block = blocks.blocks[number];
        if (!block) throw new Error("a block that is not there");
        const query = { on, from: block.begins, limit: block.entries, ...(account === null ? {} : { account }) };
        const { data } = await client.GET("/v1/entries", { params: { query } });
        return { number, rows: data?.data ?? [] };
      },
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: 60_000,
    })),
  });
  const held = new Map(found.flatMap((each) => (each.data ? [[each.data.number, each.data.rows]] : [])));
  const rowAt = (place: number) => {
    const number = blockOf(starts, place);
    return held.get(number)?.[place - (starts[number] ?? 0)];
  };
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
      <div
        ref={box}
        role="rowgroup"
        tabIndex={0}
        aria-label={t("ledger.entries")}
        className="entries-box"
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      >
        <div className="entries-bar" ref={(bar) => void (bar && (bar.style.height = `${barOf(blocks.entries)}px`))}>
          <div
            className="entries-sight"
            ref={(drawn) => void (drawn && (drawn.style.transform = `translateY(${sight.at}px)`))}
          >
            {Array.from({ length: sight.count }, (_, index) => {
              const place = sight.first + index;
              const row = rowAt(place);
              return (
                <div key={place} role="row" aria-rowindex={place + 2} className="entry">
                  <span role="cell">{(place + 1).toLocaleString()}</span>
                  <span role="cell" className="id" title={row?.posting}>
                    {row ? `${row.posting.slice(0, 18)}…` : "…"}
                  </span>
                  <span role="cell">{row && code("posting.kind", row.kind)}</span>
                  <span role="cell">{row?.account}</span>
                  <span role="cell">
                    {row && row.amount_minor > 0 && <Money minor={row.amount_minor} currency={row.currency} />}
                  </span>
                  <span role="cell">
                    {row && row.amount_minor < 0 && <Money minor={-row.amount_minor} currency={row.currency} />}
                  </span>
                  <span role="cell">{row && instant(row.recorded_at)}</span>
                </div>
              );
            })}
          </div>
        </div>
      </div>
      <p className="note">{t("ledger.read_all", { count: blocks.entries.toLocaleString() })}</p>
    </div>
  );
}

function barOf(entries: number): number {
  return Math.min(entries * ROW_PX, TALLEST_PX);
}

/** A place, once it has stayed for a moment. */
function useRested(place: number): number {
  const [rested, setRested] = useState(place);
  useEffect(() => {
    const timer = setTimeout(() => setRested(place), RESTS_MS);
    return () => clearTimeout(timer);
  }, [place]);
  return rested;
}
